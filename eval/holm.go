package eval

import (
	"cmp"
	"math"
	"slices"
)

// Holm corrects the p-values of comparisons that are read together, so that
// the chance of any false verdict among them stays below 5% (Holm 1979). Call
// it once, on comparisons fresh from [Compare]. Intervals stay those of single
// comparisons.
func Holm(cs []Comparison) {
	order := make([]int, len(cs))
	for i := range order {
		order[i] = i
	}
	p := func(i int) float64 {
		if math.IsNaN(cs[i].P) {
			return 1
		}
		return cs[i].P
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(p(i), p(j)) })
	least := 0.0
	for rank, i := range order {
		least = max(least, min(1, float64(len(cs)-rank)*p(i)))
		if cs[i].Tests = len(cs); !math.IsNaN(cs[i].P) { // what is not known stays so
			cs[i].P = least
		}
	}
}
