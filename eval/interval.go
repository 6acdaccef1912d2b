package eval

import (
	"math"
	"math/rand/v2"
	"slices"
	"sort"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/surprisal-go/surprisal"
)

// level is the error that intervals and verdicts allow: 95% intervals.
const level = 0.05

// Method is how an interval was computed.
type Method string

const (
	// StudentT is mean ± t·SE with G−1 degrees of freedom for G clusters.
	StudentT Method = "t"
	// BootstrapT takes the quantiles of (mean* − mean)/SE* over resampled
	// clusters instead of Student's, and so follows skewed distributions
	// (Efron 1981).
	BootstrapT Method = "bootstrap-t"
	// OverSeeds is that of a [FamilyComparison].
	OverSeeds Method = "over-seeds"
)

// Sizes at which the methods change hands, in clusters. Below fewBootstrap the
// resamples are too few and too alike to tell a distribution; from manyNormal
// on the mean is close enough to normal unless tails are heavy; above
// manyBootstrap it is in any case, as far as a bootstrap could tell, and that
// would take seconds.
const (
	fewBootstrap  = 10
	manyNormal    = 200
	manyBootstrap = 20_000
)

// interval is a 95% confidence interval of a mean and the two-sided p-value of
// the mean being 0.
type interval struct {
	low, high, p float64
	method       Method
}

func (m mean) interval(key surprisal.Key) interval {
	switch {
	case m.clusters.len() < 2:
		return interval{math.NaN(), math.NaN(), math.NaN(), StudentT}
	case m.stdErr == 0 && m.value == 0:
		return interval{0, 0, 1, StudentT}
	case m.stdErr == 0:
		return interval{m.value, m.value, 0, StudentT}
	case m.method() == StudentT:
		return m.studentT()
	case m.clusters.len() > 2000:
		return m.bootstrapT(key, 999)
	}
	return m.bootstrapT(key, 9999)
}

func (m mean) method() Method {
	g := m.clusters.len()
	if g < fewBootstrap || g > manyBootstrap || g >= manyNormal && !m.clusters.heavy() {
		return StudentT
	}
	return BootstrapT
}

func (m mean) studentT() interval {
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(m.clusters.len() - 1)}
	half := t.Quantile(1-level/2) * m.stdErr
	return interval{m.value - half, m.value + half, 2 * t.CDF(-math.Abs(m.value/m.stdErr)), StudentT}
}

// bootstrapT resamples n times: one less than a round number, so that the
// quantiles fall on resamples. Where no resample lies as far out as the mean
// does, the tail of those that there are says how rare that is: the share of
// resamples alone could be no less than 1/(n+1), and corrected for many
// comparisons no difference would be clear.
func (m mean) bootstrapT(key surprisal.Key, n int) interval {
	r := key.Named("eval.BootstrapT").Rand()
	ts, cs := make([]float64, n), m.clusters.list()
	for i := range ts {
		ts[i] = resample(r, cs)
	}
	slices.Sort(ts)
	tail := int(math.Round(level / 2 * float64(n+1)))
	t := m.value / m.stdErr
	return interval{
		low:    m.value - float64(ts[n-tail]*m.stdErr),
		high:   m.value - float64(ts[tail-1]*m.stdErr),
		p:      min(1, 2*min(atMost(ts, t), atLeast(ts, t))),
		method: BootstrapT,
	}
}

// atMost is the probability of t or less, by n ascending draws; the one added
// to them is t itself.
func atMost(ts []float64, t float64) float64 {
	n := len(ts)
	if t < ts[0] {
		turned := make([]float64, n)
		for i, v := range ts {
			turned[n-1-i] = -v
		}
		return paretoBeyond(turned, -t)
	}
	return float64(1+sort.Search(n, func(i int) bool { return ts[i] > t })) / float64(n+1)
}

// atLeast is that of t or more.
func atLeast(ts []float64, t float64) float64 {
	n := len(ts)
	if t > ts[n-1] {
		return paretoBeyond(ts, t)
	}
	return float64(1+n-sort.Search(n, func(i int) bool { return ts[i] >= t })) / float64(n+1)
}

// resample draws as many clusters as there are, with replacement, and returns
// (mean* − mean)/SE*. Residuals are centred, so mean* − mean = ΣR/ΣW, and the
// residuals of the resample are R − (mean* − mean)·W.
func resample(r *rand.Rand, cs []cluster) float64 {
	var sr, sw, srr, srw, sww float64
	for range cs {
		c := cs[r.IntN(len(cs))]
		sr += c.residual
		sw += c.weight
		srr += float64(c.residual * c.residual)
		srw += float64(c.residual * c.weight)
		sww += float64(c.weight * c.weight)
	}
	d := sr / sw
	square := srr - float64(2*d*srw) + float64(d*d*sww)
	g := float64(len(cs))
	se := math.Sqrt(g/(g-1)*max(0, square)) / sw
	if se == 0 && d == 0 {
		return 0
	}
	return d / se // ±Inf where all drawn are alike
}
