package eval

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// part is a part of the variance of a mean and how well it is known.
type part struct{ variance, freedom float64 }

// half is half of the interval at level α; NaN where a part is unknown.
func half(parts []part, alpha float64) float64 {
	sum := 0.0
	for _, p := range parts {
		switch {
		case math.IsNaN(p.variance):
			return math.NaN()
		case p.variance > 0:
			t := distuv.StudentsT{Sigma: 1, Nu: p.freedom}.Quantile(alpha / 2)
			sum += float64(t * t * p.variance)
		}
	}
	return math.Sqrt(sum)
}

// pValue is the α at which half is |d|, by bisection of its logarithm: to eight
// digits.
func pValue(parts []part, d float64) float64 {
	low, high := math.Log(1e-12), 0.0
	switch h := half(parts, 1e-12); {
	case math.IsNaN(h) || math.IsNaN(d):
		return math.NaN()
	case d == 0:
		return 1
	case h <= math.Abs(d):
		return 1e-12
	}
	for range 30 {
		mid := (low + high) / 2
		if half(parts, math.Exp(mid)) > math.Abs(d) {
			low = mid
		} else {
			high = mid
		}
	}
	return math.Exp(high)
}
