package eval

import (
	"math"
	"slices"

	"github.com/surprisal-go/surprisal/internal/fmath"
)

// heavyShape is the Pareto shape of importance weights above which a bound by
// that many draws is unreliable: the weights' variance is infinite from ½ on,
// and at 0.7 the draws needed grow beyond what anyone pays (Vehtari et al.
// 2024).
const heavyShape = 0.7

// leastTail is the number of tail weights below which no shape can be told,
// leastDraws that of all weights.
const (
	leastTail  = 5
	leastDraws = 25
)

// ParetoShape is k̂, the shape of the generalised Pareto distribution of the
// largest of K importance weights, given their logarithms (K): the tail is the
// min(K/5, 3√K) largest, fitted as by Zhang and Stephens (2009) and drawn
// towards ½ as by Vehtari et al. (2024). Weights with k̂ above 0.7 are carried
// by draws too rare to average over. It is NaN below 25 draws or if fewer than
// five draws have positive weight, and −Inf if the largest weights are equal.
func ParetoShape(logW []float64) float64 {
	k := len(logW)
	if k < leastDraws {
		return math.NaN()
	}
	m := tailOf(k)
	tail := slices.Sorted(slices.Values(logW))[k-m-1:]
	top := tail[m]
	if math.IsInf(tail[m-leastTail+1], -1) || math.IsNaN(tail[0]) {
		return math.NaN()
	}
	cut := fmath.Exp(tail[0] - top)
	x := tail[1:]
	for i, v := range x {
		x[i] = fmath.Exp(v-top) - cut
	}
	if x = x[countZeros(x):]; len(x) < leastTail {
		return math.Inf(-1)
	}
	shape, _ := paretoFit(x)
	// Ten draws' worth of belief in ½ steadies short tails.
	n := float64(len(x))
	return (float64(n*shape) + 10*0.5) / (n + 10)
}

// tailOf is the number of the largest of k weights that are their tail.
func tailOf(k int) int { return int(math.Ceil(min(float64(k)/5, 3*math.Sqrt(float64(k))))) }

// countZeros is the number of leading exceedances that are zero: ties with the
// cut.
func countZeros(x []float64) int {
	n := 0
	for n < len(x) && x[n] <= 0 {
		n++
	}
	return n
}

// paretoFit is the shape k and the scale σ at the posterior mean over a grid of
// values of θ = −k/σ, x ascending and positive.
func paretoFit(x []float64) (shape, scale float64) {
	n := float64(len(x))
	const prior = 3 // of the grid's spread, as the authors choose it
	size := 30 + int(math.Sqrt(n))
	quartile := x[int(n/4+0.5)-1]
	theta, score := make([]float64, size), make([]float64, size)
	for j := range theta {
		theta[j] = 1/x[len(x)-1] + (1-math.Sqrt(float64(size)/(float64(j)+0.5)))/(prior*quartile)
		k := shapeAt(theta[j], x)
		score[j] = n * (fmath.Log(-theta[j]/k) - k - 1)
	}
	total := fmath.LogSumExp(score)
	mean := 0.0
	for j, t := range theta {
		mean += float64(t * fmath.Exp(score[j]-total))
	}
	shape = shapeAt(mean, x)
	return shape, -shape / mean
}

// paretoBeyond is the probability that a quantity exceeds t, by the generalised
// Pareto distribution fitted to the largest of n draws of it, ascending, none of
// which does (Knijnenburg et al. 2009). The shape is at least 0 and the result at
// least 1e-12: no tail is extrapolated to certainty. Where none can be fitted it
// is 1/(n+1).
func paretoBeyond(draws []float64, t float64) float64 {
	n := len(draws)
	most := 1 / float64(n+1)
	m := tailOf(n)
	if n < leastDraws || math.IsInf(draws[n-m-1], -1) {
		return most
	}
	cut := draws[n-m-1]
	x := make([]float64, m)
	for i, v := range draws[n-m:] {
		x[i] = v - cut
	}
	if x = x[countZeros(x):]; len(x) < leastTail {
		return most
	}
	shape, scale := paretoFit(x)
	shape = max(shape, 1e-6) // which is exponential
	p := fmath.Exp(-fmath.Log1p(shape*(t-cut)/scale) / shape)
	return min(most, max(1e-12, float64(len(x))/float64(n)*p))
}

// shapeAt is the most likely shape given θ: the mean of log(1 − θx).
func shapeAt(theta float64, x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += fmath.Log1p(float64(-theta * v))
	}
	return sum / float64(len(x))
}
