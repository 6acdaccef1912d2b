package dist_test

import (
	"context"
	"math"
	"testing"

	"github.com/surprisal-go/surprisal/dist"
	"github.com/surprisal-go/surprisal/engine/ref"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// eval runs nodes on the oracle.
func eval(t *testing.T, feeds graph.Feeds, nodes ...*graph.Node) [][]float64 {
	t.Helper()
	plan, err := ref.New().Compile(nodes)
	if err != nil {
		t.Fatal(err)
	}
	out, err := plan.Run(context.Background(), feeds, &tensor.Store{})
	if err != nil {
		t.Fatal(err)
	}
	values := make([][]float64, len(out))
	for i, o := range out {
		values[i] = append([]float64(nil), o.Float64s()...)
	}
	return values
}

func sumExp(logs []float64) float64 {
	s := 0.0
	for _, l := range logs {
		s += math.Exp(l)
	}
	return s
}

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol) {
		t.Errorf("%s is %.12g, want %.12g", what, got, want)
	}
}

func TestBernoulli(t *testing.T) {
	g := graph.New()
	p := dist.Bernoulli{Logits: g.Const([]float64{0.3, -2, 40}, 3)}
	x := g.Const([]float64{0, 0, 0, 1, 1, 1}, 2, 3)
	each := eval(t, nil, p.LogProbEach(x), p.LogProb(x))
	for d := range 3 {
		near(t, "mass", sumExp([]float64{each[0][d], each[0][d+3]}), 1, 1e-12)
	}
	near(t, "log p(0, 0, 0)", each[1][0], -math.Log1p(math.Exp(0.3))-math.Log1p(math.Exp(-2))-40, 1e-12)
}

func TestCategorical(t *testing.T) {
	g := graph.New()
	p := dist.Categorical{Logits: g.Const([]float64{1, 2, 500, 0, 0, 0}, 2, 3)}
	x := g.Input("x", graph.I32, graph.Batch, 2)
	feeds := graph.Feeds{"x": tensor.Of([]int32{0, 0, 1, 1, 2, 2}, 3, 2)}
	out := eval(t, feeds, p.LogProbEach(x), p.LogProb(x))
	near(t, "log p(2)", out[0][4], 0, 1e-12)
	near(t, "log p(0)", out[0][0], -499, 1e-9)
	near(t, "log p of the fair dim", out[0][1], -math.Log(3), 1e-12)
	near(t, "log p of the event", out[1][1], -498-math.Log(3), 1e-9)
}

func TestNormal(t *testing.T) {
	g := graph.New()
	p := dist.Normal{Mean: g.Const([]float64{1, -1}, 2), LogSD: g.Const([]float64{math.Log(2), 0}, 2)}
	got := eval(t, nil, p.LogProb(g.Const([]float64{4, -1}, 2)))[0][0]
	near(t, "log p", got, -1.5*1.5/2-math.Log(2)-math.Log(2*math.Pi), 1e-12)
}

// TestNormalDraws checks that a draw's log-prob is that of the value drawn,
// and the moments of the draws.
func TestNormalDraws(t *testing.T) {
	g := graph.New()
	key, ids := g.Input("key", graph.U32, 2), g.Input("ids", graph.U32, graph.Batch, 2)
	mean := g.Const([]float64{3}, 1).BroadcastTo(graph.Batch, 1)
	p := dist.Normal{Mean: mean, LogSD: g.Scalar(math.Log(0.5)).BroadcastTo(graph.Batch, 1)}
	x, logProb := p.SampleAndLogProb(key, ids, 0)
	const n = 4000
	words := make([]uint32, 2*n)
	for i := range n {
		words[2*i] = uint32(i)
	}
	feeds := graph.Feeds{"key": tensor.Of([]uint32{1, 2}, 2), "ids": tensor.Of(words, n, 2)}
	out := eval(t, feeds, x, logProb, p.LogProb(x))
	var sum, square float64
	for i := range n {
		near(t, "log p of a draw", out[1][i], out[2][i], 1e-9)
		sum += out[0][i] - 3
		square += (out[0][i] - 3) * (out[0][i] - 3)
	}
	near(t, "mean", sum/n, 0, 4*0.5/math.Sqrt(n))
	near(t, "variance", square/n, 0.25, 4*0.25*math.Sqrt(2./n))
}

// mixture has two components, one narrow.
func mixture(g *graph.Graph) (logits, mean, scale *graph.Node) {
	return g.Const([]float64{0.5, -0.5}, 1, 2), g.Const([]float64{-1, 2.2}, 1, 2), g.Const([]float64{-0.3, -2}, 1, 2)
}

func line(g *graph.Graph, lo, step float64, n int) *graph.Node {
	x := make([]float64, n)
	for i := range x {
		x[i] = lo + step*float64(i)
	}
	return g.Const(x, n, 1)
}

func TestLogisticMixtureIntegratesToOne(t *testing.T) {
	g := graph.New()
	logits, mean, scale := mixture(g)
	const step = 0.01
	p := dist.LogisticMixture{Logits: logits, Mean: mean, LogScale: scale}
	logs := eval(t, nil, p.LogProb(line(g, -40, step, 8000)))[0]
	near(t, "integral", step*sumExp(logs), 1, 1e-9) // the trapezium rule is spectral here
}

func TestDiscretizedSumsToOne(t *testing.T) {
	const n, step = 12, 0.37
	g := graph.New()
	logits, mean, scale := mixture(g)
	p := dist.DiscretizedLogisticMixture{
		Logits: logits, Mean: mean, LogScale: scale,
		Half: g.Const([]float64{step / 2}, 1), Low: g.Const([]float64{-1.5}, 1), High: g.Const([]float64{-1.5 + step*(n-1)}, 1),
	}
	bounded := eval(t, nil, p.LogProb(line(g, -1.5, step, n)))[0]
	near(t, "bounded sum", sumExp(bounded), 1, 1e-12)
	p.High = g.Const([]float64{math.Inf(1)}, 1)
	open := eval(t, nil, p.LogProb(line(g, -1.5, step, 400)))[0]
	near(t, "unbounded sum", sumExp(open), 1, 1e-12)
	for i := 1; i < n-1; i++ {
		near(t, "inner cell", bounded[i], open[i], 1e-12)
	}
	// An inner cell is the integral of the density over it.
	fine := dist.LogisticMixture{Logits: logits, Mean: mean, LogScale: scale}
	const parts = 4000
	lo := -1.5 + 3*step - step/2 + step/parts/2
	near(t, "integral over a cell", step/parts*sumExp(eval(t, nil, fine.LogProb(line(g, lo, step/parts, parts)))[0]), math.Exp(bounded[3]), 1e-7)
	p.High = p.Low
	near(t, "log p on a grid of one point", eval(t, nil, p.LogProb(line(g, -1.5, step, 1)))[0][0], 0, 1e-12)
}

// TestDiscretizedTails drives parameters to the edges of their range: values
// and gradients stay finite, and a far cell keeps its digits.
func TestDiscretizedTails(t *testing.T) {
	g := graph.New()
	logits := g.Const([]float64{0, -60, 60, 1}, 4, 1)
	mean := g.Const([]float64{0, 1e4, -1e4, 3}, 4, 1)
	scale := g.Const([]float64{0, -7, 7, -80}, 4, 1)
	inf := g.Const([]float64{math.Inf(1), math.Inf(1), math.Inf(1), 3}, 4)
	p := dist.DiscretizedLogisticMixture{Logits: logits, Mean: mean, LogScale: scale, Half: g.Const([]float64{0.5, 0.5, 0.5, 0.5}, 4),
		Low: g.Const([]float64{0, 0, 0, 0}, 4), High: inf}
	x := g.Const([]float64{200, 3, 5000, 3, 0, 0, 0, 0}, 2, 4)
	l := p.LogProbEach(x)
	nodes := append(graph.Grad(l.Sum(), logits, mean, scale), l)
	for i, values := range eval(t, nil, nodes...) {
		for j, v := range values {
			if math.IsNaN(v) || math.IsInf(v, 0) && i < 3 {
				t.Errorf("output %d, element %d is %g", i, j, v)
			}
		}
	}
	// σ(−b) − σ(−a) for b = 199.5, a = 200.5.
	near(t, "log p of a far cell", eval(t, nil, l)[0][0], -199.5+math.Log(-math.Expm1(-1)), 1e-9)
}
