package diagnose

import (
	"cmp"
	"math"
	"slices"

	"github.com/surprisal-go/surprisal"
)

const (
	// narrower is how much of what it adds, and of its clearness, a part may
	// lose to a second condition: a smaller part is easier to look at.
	narrower = 0.8
	// beam is the number of conditions that pairs are tried with.
	beam = 10
)

// search holds the test events and then the validation events, cut into parts.
type search struct {
	columns  []surprisal.Field
	dividers *dividers
	parts    [][]uint8 // by way
	events   [2]int    // of each split
	byColumn bool      // whether there are nats by column
	// all units of events, those of the half that is searched, and those of the
	// one that tests.
	all, first, second []unit
}

// unit are events of a split that are not independent of each other.
type unit struct {
	split int
	rows  []int
	size  int // of the whole unit in its region, where rows are a part of it
}

func newSearch(test, valid Excess, clusters *Clusters) *search {
	s := &search{columns: test.Events.Space.Columns(), dividers: dividersOf(test.Events, clusters)}
	s.byColumn = test.Columns != nil && valid.Columns != nil && len(s.columns) > 1 && !OneText(test.Events)
	s.events = [2]int{test.Events.Len(), valid.Events.Len()}
	s.parts = s.dividers.parts(test.Events)
	for way, more := range s.dividers.parts(valid.Events) {
		s.parts[way] = append(s.parts[way], more...)
	}
	for split, e := range []Excess{test, valid} {
		order, ends := byUnit(e.Units, s.events[split])
		if split == inValid {
			for i := range order {
				order[i] += s.events[inTest]
			}
		}
		lo := 0
		for k, hi := range ends {
			u := unit{split: split, rows: order[lo:hi]}
			if s.all = append(s.all, u); k%2 == 0 {
				s.first = append(s.first, u)
			} else {
				s.second = append(s.second, u)
			}
			lo = hi
		}
	}
	return s
}

// part is where up to two conditions hold.
type part []condition

type condition struct{ way, part int }

var everything part

func (s *search) holds(p part, i int) bool {
	for _, c := range p {
		if int(s.parts[c.way][i]) != c.part {
			return false
		}
	}
	return true
}

// sum is the contrast of a part over units.
func (s *search) sum(costs []float64, units []unit, p part) contrast {
	return s.region(costs, units).within(s, p).sum()
}

// region is some events, by unit, and what contrasts of their parts have in
// common: the numbers of all events of the splits.
type region struct {
	costs []float64
	units []unit
	whole [2]half
}

// region is all events of units whose costs are known.
func (s *search) region(costs []float64, units []unit) region {
	r := region{costs: costs}
	for _, u := range units {
		u.rows = slices.DeleteFunc(slices.Clone(u.rows), func(i int) bool { return math.IsNaN(costs[i]) })
		if u.size = len(u.rows); u.size > 0 {
			r.units = append(r.units, u)
			r.whole[u.split].units++
			r.whole[u.split].n += float64(u.size)
			r.whole[u.split].nn += float64(u.size * u.size)
		}
	}
	return r
}

// within is the events of a part.
func (r region) within(s *search, p part) region {
	if len(p) == 0 {
		return r
	}
	out := region{costs: r.costs, whole: r.whole}
	for _, u := range r.units {
		u.rows = slices.DeleteFunc(slices.Clone(u.rows), func(i int) bool { return !s.holds(p, i) })
		if len(u.rows) > 0 {
			out.units = append(out.units, u)
		}
	}
	return out
}

func (r region) len() (n int) {
	for _, u := range r.units {
		n += len(u.rows)
	}
	return n
}

// add takes in what events of a unit cost.
func (h *half) add(u unit, events int, costs float64) {
	h.events += events
	h.inside++
	h.t += costs
	h.tt += float64(costs * costs)
	h.tn += float64(costs * float64(u.size))
}

// sum is the contrast of all events.
func (r region) sum() contrast {
	c := contrast(r.whole)
	for _, u := range r.units {
		t := 0.0
		for _, i := range u.rows {
			t += r.costs[i]
		}
		c[u.split].add(u, len(u.rows), t)
	}
	return c
}

// sums are the contrasts of k parts.
func (r region) sums(parts []uint8, k int) []contrast {
	out := make([]contrast, k)
	for p := range out {
		out[p] = contrast(r.whole)
	}
	sums, events, met := make([]float64, k), make([]int, k), make([]uint8, 0, k)
	for _, u := range r.units {
		met = met[:0]
		for _, i := range u.rows {
			p := parts[i]
			if p == none {
				continue
			}
			if events[p] == 0 {
				met = append(met, p)
			}
			events[p]++
			sums[p] += r.costs[i]
		}
		for _, p := range met {
			out[p][u.split].add(u, events[p], sums[p])
			events[p], sums[p] = 0, 0
		}
	}
	return out
}

// candidate is a part and its contrast over the units that are searched.
type candidate struct {
	part
	contrast
}

// narrow adds a condition to a part in every way that leaves enough events of
// the region, and returns the clearest few, the clearest first.
func (s *search) narrow(r region, p part, few int) []candidate {
	inside := r.within(s, p)
	n := inside.len()
	var out []candidate
	for way, names := range s.dividers.names {
		for k, c := range inside.sums(s.parts[way], len(names)) {
			if c[inTest].events >= leastSlice/2 && c[inTest].events+c[inValid].events < n {
				out = append(out, candidate{append(slices.Clone(p), condition{way, k}), c})
			}
		}
	}
	clustered := func(c candidate) int {
		if s.dividers.by[c.part[len(c.part)-1].way] == ByCluster {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(out, func(x, y candidate) int { // of equal ones, one that a value names
		return cmp.Or(cmp.Compare(y.z(), x.z()), cmp.Compare(clustered(x), clustered(y)))
	})
	return out[:min(few, len(out))]
}

// find returns the clearest part of one condition, or of two where the second
// costs little: pairs begin with any of the clearest few of one.
func (s *search) find(costs []float64) (best candidate, ok bool) {
	r := s.region(costs, s.first)
	ones := s.narrow(r, everything, beam)
	if len(ones) == 0 {
		return best, false
	}
	best = ones[0]
	var pair candidate
	for _, one := range ones {
		for _, two := range s.narrow(r, one.part, 1) {
			if pair.part == nil || two.z() > pair.z() {
				pair = two
			}
		}
	}
	if pair.part == nil {
		return best, true
	}
	if z := pair.z(); z >= best.z() || z > narrower*best.z() && pair.value() > narrower*best.value() {
		best = pair
	}
	return best, true
}
