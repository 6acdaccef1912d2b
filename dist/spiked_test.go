package dist_test

import (
	"math"
	"testing"

	"github.com/surprisal-go/surprisal/dist"
	"github.com/surprisal-go/surprisal/graph"
)

// TestSpiked puts masses 0.25 and 0.75 on grid points 2 and 7 of a bounded grid:
// the masses sum to one, those of the spikes are the formula's, and at a logit
// of −Inf the first distribution alone is left.
func TestSpiked(t *testing.T) {
	const n, step, logit = 12, 0.37, -0.4
	g := graph.New()
	logits, mean, scale := mixture(g)
	of := dist.DiscretizedLogisticMixture{
		Logits: logits, Mean: mean, LogScale: scale,
		Half: g.Const([]float64{step / 2}, 1), Low: g.Const([]float64{-1.5}, 1), High: g.Const([]float64{-1.5 + step*(n-1)}, 1),
	}
	masses := make([]float64, n)
	masses[2], masses[7] = 0.25, 0.75
	p := dist.Spiked{Of: of, Logit: g.Const([]float64{logit}, 1, 1).BroadcastTo(n, 1), Mass: g.Const(masses, n, 1)}
	gated := p
	gated.Logit = g.Scalar(math.Inf(-1)).BroadcastTo(n, 1)
	x := line(g, -1.5, step, n)
	out := eval(t, nil, p.LogProb(x), of.LogProb(x), gated.LogProb(x))
	near(t, "sum", sumExp(out[0]), 1, 1e-12)
	pi := 1 / (1 + math.Exp(-logit))
	for i := range n {
		near(t, "mass", math.Exp(out[0][i]), (1-pi)*math.Exp(out[1][i])+pi*masses[i], 1e-12)
		near(t, "log p without spikes", out[2][i], out[1][i], 1e-12)
	}
}

// TestSpikedGradients compares gradients with closed forms, where x is no spike,
// where it is one, where the smooth mass is far below it, and at −Inf.
func TestSpikedGradients(t *testing.T) {
	g := graph.New()
	const dims = 5
	param := func(v ...float64) *graph.Node { return g.Const(v, dims, 1) }
	logits, mean := param(0, 0, 0, 0, 0), param(0, 0, 1e4, 0, 0)
	scale := param(0, 0, -7, 0, 0)
	fill := func(v float64) *graph.Node { return g.Const([]float64{v, v, v, v, v}, dims) }
	of := dist.DiscretizedLogisticMixture{Logits: logits, Mean: mean, LogScale: scale, Half: fill(0.5), Low: fill(-1000), High: fill(math.Inf(1))}
	s := []float64{0.3, 0.3, -30, math.Inf(-1), math.Inf(-1)}
	masses := []float64{0, 0.5, 0.5, 0, 0.5}
	p := dist.Spiked{Of: of, Logit: g.Const(s, 1, dims), Mass: g.Const(masses, 1, dims)}
	x := g.Const([]float64{3, 3, 3, 3, 3}, 1, dims)
	l := p.LogProbEach(x)
	out := eval(t, nil, append(graph.Grad(l.Sum(), p.Logit, mean, scale), l, of.LogProbEach(x))...)
	for i, values := range out[:4] {
		for d, v := range values {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Errorf("output %d, dim %d is %g", i, d, v)
			}
		}
	}
	for d := range dims {
		// ∂ ln p/∂ logit is the posterior of the spikes less their prior.
		pi := 1 / (1 + math.Exp(-s[d]))
		near(t, "gradient by the logit", out[0][d], pi*masses[d]/math.Exp(out[3][d])-pi, 1e-9)
	}
	near(t, "log p of a spike far from all else", out[3][2], -30+math.Log(0.5), 1e-9)
}
