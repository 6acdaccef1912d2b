package diagnose

import (
	"math"

	"github.com/surprisal-go/surprisal"
)

// Overlap is how many events of one split occur in another, beside what a
// random split of all of them would give: repeated events, as short binary
// rows have many, fall into both splits by chance.
type Overlap struct {
	// Shared is the number of events of the second split, of Events, that occur
	// in the first.
	Shared, Events int
	// Expected is the mean of Shared over random splits of the same sizes, and
	// StdDev its standard deviation.
	Expected, StdDev float64
}

// resplits is the number of random splits.
const resplits = 100

// OverlapOf compares the splits of a set.
func OverlapOf(first, second *surprisal.Batch, key surprisal.Key) Overlap {
	ids := map[string]int32{}
	var all []int32
	for _, b := range []*surprisal.Batch{first, second} {
		each(b, func(_ int, k []byte) {
			id, ok := ids[string(k)]
			if !ok {
				id = int32(len(ids))
				ids[string(k)] = id
			}
			all = append(all, id)
		})
	}
	n := first.Len()
	seen := make([]int32, len(ids)) // the round in which an event was in the first split
	count := func(round int32) (shared int) {
		for _, id := range all[:n] {
			seen[id] = round
		}
		for _, id := range all[n:] {
			if seen[id] == round {
				shared++
			}
		}
		return shared
	}
	o := Overlap{Shared: count(1), Events: second.Len()}
	if len(ids) == len(all) { // nothing repeats, in no split
		return o
	}
	r := key.Named("diagnose.Overlap").Rand()
	var sum, square float64
	for round := range resplits {
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		s := float64(count(int32(2 + round)))
		sum += s
		square += s * s
	}
	o.Expected = sum / resplits
	o.StdDev = math.Sqrt(max(0, square/resplits-o.Expected*o.Expected) * resplits / (resplits - 1))
	return o
}

// Leak reports whether more events are shared than chance explains: by four
// standard deviations, and by at least a hundredth of the split.
func (o Overlap) Leak() bool {
	extra := float64(o.Shared) - o.Expected
	return extra > 4*max(o.StdDev, 0.5) && extra > 0.01*float64(o.Events)
}
