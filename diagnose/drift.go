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
	// and Z it in standard deviations of what chance gives: Rho·√(N−1).
	Rho float64 `json:"rho"`
	Z   float64 `json:"z"`
}

// DriftOf measures the drift of nats (N); infinite ones rank highest.
func DriftOf(nats []float64) Drift {
	n := len(nats)
	if n < 10 {
		return Drift{math.NaN(), math.NaN()}
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(nats[i], nats[j]) })
	rank := make([]float64, n)
	for lo := 0; lo < n; { // ties share their mean rank
		hi := lo + 1
		for hi < n && nats[order[hi]] == nats[order[lo]] {
			hi++
		}
		for _, i := range order[lo:hi] {
			rank[i] = float64(lo+hi-1) / 2
		}
		lo = hi
	}
	mean := float64(n-1) / 2
	var cross, place, ranks float64
	for i, r := range rank {
		x, y := float64(i)-mean, r-mean
		cross += x * y
		place += x * x
		ranks += y * y
	}
	if ranks == 0 {
		return Drift{}
	}
	rho := cross / math.Sqrt(place*ranks)
	return Drift{rho, rho * math.Sqrt(float64(n-1))}
}

// Seen reports a drift beyond chance: five standard deviations, and a
// correlation of at least 0.05.
func (d Drift) Seen() bool { return math.Abs(d.Z) > 5 && math.Abs(d.Rho) > 0.05 }
