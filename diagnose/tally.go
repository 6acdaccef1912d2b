package diagnose

import (
	"cmp"
	"math"
	"slices"
)

// byUnit are the events 0 … n−1, those of a unit together; ends are where each
// unit ends. nil is an event a unit.
func byUnit(units []int32, n int) (order []int, ends []int) {
	order = make([]int, n)
	for i := range order {
		order[i] = i
	}
	if units != nil {
		slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(units[i], units[j]) })
	}
	for at, i := range order {
		if at+1 == n || units == nil || units[i] != units[order[at+1]] {
			ends = append(ends, at+1)
		}
	}
	return order, ends
}

// tally sums what is saved over the events of slices, unit by unit. Events of
// which a model says that they cannot be are left out.
type tally struct {
	nats, saved []float64
	order, ends []int
	n           int     // events that count
	squares     float64 // Σ over units of the square of their number of events
}

func newTally(s Scored) *tally {
	t := &tally{nats: s.Nats, saved: make([]float64, len(s.Nats))}
	for i, v := range s.Nats {
		t.saved[i] = s.Baseline[i] - v
	}
	t.order, t.ends = byUnit(s.Units, len(s.Nats))
	t.each(func(of []int) {
		m := 0
		for _, i := range of {
			if t.counts(i) {
				m++
			}
		}
		t.n += m
		t.squares += float64(m * m)
	})
	return t
}

func (t *tally) counts(i int) bool { return !math.IsInf(t.saved[i], 0) && !math.IsNaN(t.saved[i]) }

// each hands out the events of every unit.
func (t *tally) each(f func(of []int)) {
	lo := 0
	for _, hi := range t.ends {
		f(t.order[lo:hi])
		lo = hi
	}
}

// moments are sums over the events of a slice.
type moments struct {
	n, units    int
	nats, saved float64
	// square is n² times the variance of the mean saved, both that of the mean
	// saved less the logarithm of the slice's share of all events.
	square, both float64
}

// of returns the moments of k parts. A unit adds to the error of a mean by what
// its events differ from it, Σ(x − mean), and to that of the logarithm of a
// share p by (its events of the part − p of its events) / n.
func (t *tally) of(parts []uint8, k int) []moments {
	out := make([]moments, k)
	for i, p := range parts {
		if p != none && t.counts(i) {
			out[p].n++
			out[p].nats += t.nats[i]
			out[p].saved += t.saved[i]
		}
	}
	type inUnit struct{ n, saved float64 }
	sums, met := make([]inUnit, k), make([]int, 0, k)
	touched := make([]float64, k) // Σ of squared sizes of the units met
	t.each(func(of []int) {
		met = met[:0]
		size := 0.0
		for _, i := range of {
			if !t.counts(i) {
				continue
			}
			size++
			if p := parts[i]; p != none {
				if sums[p].n == 0 {
					met = append(met, int(p))
				}
				sums[p].n++
				sums[p].saved += t.saved[i]
			}
		}
		for _, p := range met {
			m := &out[p]
			off := sums[p].saved - float64(m.saved/float64(m.n)*sums[p].n)
			both := off - sums[p].n + float64(m.share(t)*size)
			m.units++
			m.square += float64(off * off)
			m.both += float64(both * both)
			touched[p] += float64(size * size)
			sums[p] = inUnit{}
		}
	})
	all := float64(len(t.ends))
	for p := range out {
		m := &out[p]
		m.both += float64(m.share(t) * m.share(t) * (t.squares - touched[p]))
		m.both *= all / max(1, all-1)
		m.square *= float64(m.units) / max(1, float64(m.units-1))
	}
	return out
}

// share is the part of all events that are in the slice.
func (m moments) share(t *tally) float64 { return float64(m.n) / float64(t.n) }
