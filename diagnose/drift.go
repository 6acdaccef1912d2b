package diagnose

import (
	"cmp"
	"math"
	"slices"
)

// Drift is whether nats change along the order of events, which they do not
// where events are exchangeable.
type Drift struct {
	// Rho is Spearman's rank correlation of nats with the place of the event,
	// and Z it in standard deviations of what chance gives: Rho·√(N−1). NaN
	// where there are too few.
	Rho, Z float64
	// Units is N: events, or groups of them, of which the means of nats and of
	// places are ranked.
	Units int
}

// leastDrift is the fewest events or groups whose drift is measured.
const leastDrift = 10

// DriftOf measures the drift of nats (N); infinite ones rank highest. units
// number what is exchangeable (N): groups of events, or nil for each event by
// itself.
func DriftOf(nats []float64, units []int32) Drift {
	places := make([]float64, len(nats))
	for i := range places {
		places[i] = float64(i)
	}
	if units != nil {
		nats, places = unitMeans(nats, units), unitMeans(places, units)
	}
	n := len(nats)
	if n < leastDrift {
		return Drift{math.NaN(), math.NaN(), n}
	}
	x, y := ranks(places), ranks(nats)
	mean := float64(n-1) / 2
	var cross, place, rank float64
	for i := range x {
		dx, dy := x[i]-mean, y[i]-mean
		cross += float64(dx * dy)
		place += float64(dx * dx)
		rank += float64(dy * dy)
	}
	if rank == 0 || place == 0 {
		return Drift{Units: n}
	}
	rho := cross / math.Sqrt(place*rank)
	return Drift{rho, rho * math.Sqrt(float64(n-1)), n}
}

// unitMeans are the means of the values of every unit.
func unitMeans(values []float64, units []int32) (out []float64) {
	order, ends := byUnit(units, len(values))
	lo := 0
	for _, hi := range ends {
		sum := 0.0
		for _, i := range order[lo:hi] {
			sum += values[i]
		}
		out = append(out, sum/float64(hi-lo))
		lo = hi
	}
	return out
}

// ranks are from 0; ties share their mean rank.
func ranks(v []float64) []float64 {
	n := len(v)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(v[i], v[j]) })
	out := make([]float64, n)
	for lo := 0; lo < n; {
		hi := lo + 1
		for hi < n && v[order[hi]] == v[order[lo]] {
			hi++
		}
		for _, i := range order[lo:hi] {
			out[i] = float64(lo+hi-1) / 2
		}
		lo = hi
	}
	return out
}

// Seen reports a drift beyond chance: five standard deviations, and a
// correlation of at least 0.05.
func (d Drift) Seen() bool { return math.Abs(d.Z) > 5 && math.Abs(d.Rho) > 0.05 }
