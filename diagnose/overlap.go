package diagnose

import (
	"fmt"
	"math"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/digits"
)

// Overlap is how many events of one split occur in another, beside what
// random splits of all of them would give: repeated events, as short binary
// rows have many, fall into both splits by chance.
type Overlap struct {
	// First and Second name the splits: train, valid or test. Where they are the
	// same, Shared are events that occur before in their own split.
	First  string `json:"first"`
	Second string `json:"second"`
	// Shared is the number of events of the second split, of Events, that occur
	// in the first.
	Shared int `json:"shared"`
	Events int `json:"events"`
	// Expected is the mean of Shared over random splits of the same sizes, and
	// StdDev its standard deviation.
	Expected float64 `json:"expected"`
	StdDev   float64 `json:"std_dev"`
}

// String says it in words; by chance is by random splits.
func (o Overlap) String() string {
	where := "in " + o.First
	if o.First == o.Second {
		where = "again in " + o.First
	}
	occur := "events occur"
	if o.Events == 1 {
		occur = "event occurs"
	}
	return fmt.Sprintf("%s of %s %s %s %s, by chance %s ± %s", digits.Count(o.Shared), digits.Count(o.Events), o.Second, occur, where, rounded(o.Expected), rounded(o.StdDev))
}

// Split is a named part of a set.
type Split struct {
	Name   string
	Events *surprisal.Batch
}

// resplits is the number of random splits.
const resplits = 100

// OverlapsOf compares every pair of splits, and every split with itself: beside
// what random splits of the pair give, and for a split with itself of it and the
// first, of the first and the second. Groups of events stay together in random
// splits, if both have them: the same group in two splits counts as two. Events
// in an order, which no random split keeps, are not looked at for repetition
// within a split.
func OverlapsOf(splits []Split, key surprisal.Key) (out []Overlap) {
	for j, second := range splits {
		for i, first := range splits[:j] {
			within, between := overlapsOf([2]Split{first, second}, key)
			if i == 0 && j == 1 && within[0].countable(first) {
				out = append(out, within[0])
			}
			if i == 0 && within[1].countable(second) {
				out = append(out, within[1])
			}
			out = append(out, between)
		}
	}
	return out
}

func (o Overlap) countable(s Split) bool { return s.Events.Group != nil || !s.Events.Ordered }

// overlapsOf compares two splits, each with itself and with the other.
func overlapsOf(pair [2]Split, key surprisal.Key) (within [2]Overlap, between Overlap) {
	p := newPool(pair)
	at := [3]*Overlap{&within[0], &within[1], &between}
	for k, of := range [3][2]Split{{pair[0], pair[0]}, {pair[1], pair[1]}, pair} {
		*at[k] = Overlap{First: of[0].Name, Second: of[1].Name, Events: of[1].Events.Len()}
	}
	if p.distinct == len(p.ids) { // nothing repeats
		return within, between
	}
	for k, n := range p.shared(p.ids) {
		at[k].Shared = n
	}
	var sums, squares [3]float64
	r := key.Named("diagnose.Overlap").Rand()
	mixed := make([]int32, 0, len(p.ids))
	for range resplits {
		r.Shuffle(len(p.units), func(i, j int) { p.units[i], p.units[j] = p.units[j], p.units[i] })
		mixed = mixed[:0]
		for _, u := range p.units {
			mixed = append(mixed, u...)
		}
		for k, n := range p.shared(mixed) {
			sums[k] += float64(n)
			squares[k] += float64(n * n)
		}
	}
	for k, o := range at {
		mean := sums[k] / resplits
		o.Expected = mean
		o.StdDev = math.Sqrt(max(0, squares[k]/resplits-float64(mean*mean)) * resplits / (resplits - 1))
	}
	return within, between
}

const (
	// leaking is the part of a split that must occur in another, and repeating
	// that which must occur in it again, beyond chance. Repetition may also come
	// of splits that differ by what they are drawn from, so that little of it
	// says nothing.
	leaking   = 0.01
	repeating = 0.05
)

// Leak reports whether more events are shared by two splits than chance
// explains: by four standard deviations, and by at least a hundredth of the
// second.
func (o Overlap) Leak() bool { return o.First != o.Second && o.beyond(leaking) }

// Repeats reports whether more events of a split occur in it again: by four
// standard deviations, and by at least a twentieth of it.
func (o Overlap) Repeats() bool { return o.First == o.Second && o.beyond(repeating) }

func (o Overlap) beyond(part float64) bool {
	extra := float64(o.Shared) - o.Expected
	return extra > 4*max(o.StdDev, 0.5) && extra > part*float64(o.Events)
}

// pool is the events of two splits, equal ones by the same number.
type pool struct {
	ids      []int32   // of the first, then of the second
	first    int       // events of the first
	units    [][]int32 // that stay together
	distinct int
}

func newPool(pair [2]Split) *pool {
	grouped := pair[0].Events.Group != nil && pair[1].Events.Group != nil
	p := &pool{first: pair[0].Events.Len()}
	index := map[string]int32{}
	for _, s := range pair {
		each(s.Events, func(_ int, k []byte) {
			id, ok := index[string(k)]
			if !ok {
				id = int32(len(index))
				index[string(k)] = id
			}
			p.ids = append(p.ids, id)
		})
	}
	p.distinct = len(index)
	together := make([]int32, 0, len(p.ids)) // by unit
	for _, s := range pair {
		var units []int32
		if grouped {
			units = s.Events.Group
		}
		order, ends := byUnit(units, s.Events.Len())
		from, lo := len(together), 0
		for _, i := range order {
			together = append(together, p.ids[from+i])
		}
		for _, hi := range ends {
			p.units = append(p.units, together[from+lo:from+hi])
			lo = hi
		}
	}
	return p
}

// shared counts, for events in this order of which the first are one split and
// the others the second: those of each that occur before in the same, and those
// of the second that occur in the first.
func (p *pool) shared(ids []int32) (n [3]int) {
	const inFirst, inSecond = 1, 2
	seen := make([]uint8, p.distinct)
	for _, id := range ids[:p.first] {
		n[0] += int(seen[id] & inFirst)
		seen[id] = inFirst
	}
	for _, id := range ids[p.first:] {
		if seen[id]&inFirst != 0 {
			n[2]++
		}
		if seen[id]&inSecond != 0 {
			n[1]++
		}
		seen[id] |= inSecond
	}
	return n
}
