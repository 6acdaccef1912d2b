package optim_test

import (
	"context"
	"math"
	"testing"

	"github.com/surprisal-go/surprisal/engine/ref"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/optim"
	"github.com/surprisal-go/surprisal/tensor"
)

// target is the optimum of the loss ½·Σ c·(p − target)² of two parameters, a
// matrix and a bias, with different curvatures c.
var (
	target = []float64{1, -2, 0.5, 3}
	curve  = []float64{1, 10, 0.1, 2}
)

// descend runs n steps of an optimiser from zero and returns the store.
func descend(t *testing.T, opt optim.Optimizer, n int) *tensor.Store {
	t.Helper()
	if err := opt.Validate(); err != nil {
		t.Fatal(err)
	}
	store := &tensor.Store{}
	store.Set("w", tensor.New[float32](1, 2))
	store.Set("b", tensor.New[float32](2))
	g := graph.New()
	w, b := g.Param("w", 1, 2), g.Param("b", 2)
	p := graph.Concat(0, w.Reshape(2), b)
	loss := p.Sub(g.Const(target, 4)).Square().Mul(g.Const(curve, 4)).Sum().MulScalar(0.5)
	plan, err := ref.New().Compile([]*graph.Node{loss}, opt.Updates(store, []*graph.Node{w, b}, graph.Grad(loss, w, b))...)
	if err != nil {
		t.Fatal(err)
	}
	feeds := graph.Feeds{}
	for step := range n {
		opt.Feed(feeds, step)
		if _, err := plan.Run(context.Background(), feeds, store); err != nil {
			t.Fatal(err)
		}
	}
	return store
}

func values(s *tensor.Store, prefix string) []float64 {
	return append(s.Must(prefix+"w").Float64s(), s.Must(prefix+"b").Float64s()...)
}

func wantClose(t *testing.T, what string, got, want []float64) {
	t.Helper()
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= 2e-5*(1+math.Abs(want[i]))) {
			t.Errorf("%s: element %d is %.8g, want %.8g", what, i, got[i], want[i])
		}
	}
}

// TestRules compares each rule with its formula in plain Go, element by element.
func TestRules(t *testing.T) {
	const n = 25
	halving := func(step int) float64 { return math.Pow(0.5, float64(step)/10) }
	cases := []struct {
		name string
		opt  optim.Optimizer
		step func(p, g float64, mem []float64, t int, decays bool) float64
	}{
		{"sgd", optim.SGD{LearningRate: 0.05}, func(p, g float64, _ []float64, _ int, _ bool) float64 { return p - 0.05*g }},
		{"momentum", optim.SGD{LearningRate: 0.05, Momentum: 0.8}, func(p, g float64, m []float64, _ int, _ bool) float64 {
			m[0] = 0.8*m[0] + g
			return p - 0.05*m[0]
		}},
		{"adagrad", optim.Adagrad{LearningRate: 0.3, Schedule: halving}, func(p, g float64, m []float64, t int, _ bool) float64 {
			m[0] += g * g
			return p - 0.3*halving(t)*g/(math.Sqrt(m[0])+1e-6)
		}},
		{"adam", optim.Adam{LearningRate: 0.1, WeightDecay: 0.3, Schedule: halving}, func(p, g float64, m []float64, t int, decays bool) float64 {
			m[0] = 0.9*m[0] + 0.1*g
			m[1] = 0.999*m[1] + 0.001*g*g
			hat1, hat2 := m[0]/(1-math.Pow(0.9, float64(t+1))), m[1]/(1-math.Pow(0.999, float64(t+1)))
			d := hat1 / (math.Sqrt(hat2) + 1e-8)
			if decays {
				d += 0.3 * p
			}
			return p - 0.1*halving(t)*d
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			want := make([]float64, 4)
			for i := range want {
				mem := make([]float64, 2)
				for s := range n {
					want[i] = c.step(want[i], curve[i]*(want[i]-target[i]), mem, s, i < 2)
				}
			}
			wantClose(t, "weights", values(descend(t, c.opt, n), ""), want)
		})
	}
}

func TestAdamReachesTheOptimum(t *testing.T) {
	opt := optim.Adam{LearningRate: 0.1, Schedule: optim.Exponential(60, 1e-4)}
	got := values(descend(t, opt, 900), "")
	for i := range got {
		if math.Abs(got[i]-target[i]) > 1e-3 {
			t.Errorf("element %d is %g, want %g", i, got[i], target[i])
		}
	}
}

// TestClip checks a first step of plain descent, whose length is the rate
// times the norm of the gradient, clipped or not.
func TestClip(t *testing.T) {
	full := 0.0
	for i := range target {
		full += math.Pow(curve[i]*target[i], 2)
	}
	full = math.Sqrt(full)
	for _, limit := range []float64{0, 2, 1e3} {
		want := full
		if limit == 2 {
			want = 2
		}
		got := 0.0
		for _, v := range values(descend(t, optim.Clip{Of: optim.SGD{LearningRate: 0.01}, Norm: limit}, 1), "") {
			got += v * v
		}
		if got = math.Sqrt(got) / 0.01; math.Abs(got-want) > 1e-4*want {
			t.Errorf("limit %g: step of norm %g, want %g", limit, got, want)
		}
	}
}

func TestAverage(t *testing.T) {
	const n, decay = 30, 0.6
	sgd := optim.SGD{LearningRate: 0.05}
	want := make([]float64, 4)
	for s := range n {
		d := min(decay, float64(1+s)/float64(10+s))
		for i, p := range values(descend(t, sgd, s+1), "") {
			want[i] = d*want[i] + (1-d)*p
		}
	}
	store := descend(t, optim.Average{Of: sgd, Decay: decay}, n)
	wantClose(t, "averages", values(store, "ema/"), want)
	last := values(store, "")
	wantClose(t, "weights", last, values(descend(t, sgd, n), ""))
	if !optim.SwapAverages(store) {
		t.Fatal("no averages found")
	}
	wantClose(t, "weights after a swap", values(store, ""), want)
	optim.SwapAverages(store)
	wantClose(t, "weights after two swaps", values(store, ""), last)
	if optim.SwapAverages(descend(t, sgd, 1)) {
		t.Error("averages found where none are kept")
	}
}

// TestMomentsAreFlushed starts with moments just below and above 2⁻¹⁰⁰ where
// the gradient is zero.
func TestMomentsAreFlushed(t *testing.T) {
	store := &tensor.Store{}
	store.Set("w", tensor.New[float32](2))
	store.Set("optim/adam.m/w", tensor.Of([]float32{0x1p-100, 0x1p-98}, 2))
	g := graph.New()
	w := g.Param("w", 2)
	opt := optim.Adam{LearningRate: 1}
	plan, err := ref.New().Compile(nil, opt.Updates(store, []*graph.Node{w}, []*graph.Node{g.Const([]float64{0, 0}, 2)})...)
	if err != nil {
		t.Fatal(err)
	}
	feeds := graph.Feeds{}
	opt.Feed(feeds, 0)
	if _, err := plan.Run(context.Background(), feeds, store); err != nil {
		t.Fatal(err)
	}
	m := store.Must("optim/adam.m/w").F32()
	if m[0] != 0 || m[1] == 0 {
		t.Errorf("moments %g and %g, want zero and not", m[0], m[1])
	}
}

func TestSchedules(t *testing.T) {
	for _, c := range []struct {
		name string
		s    optim.Schedule
		at   []int
		want []float64
	}{
		{"warm-up", optim.Warmup(4, nil), []int{0, 1, 3, 4, 100}, []float64{0.25, 0.5, 1, 1, 1}},
		{"cosine", optim.Cosine(100, 0.2), []int{0, 50, 100, 1000}, []float64{1, 0.6, 0.2, 0.2}},
		{"exponential", optim.Exponential(10, 0.1), []int{0, 10, 20, 1000}, []float64{1, 0.5, 0.25, 0.1}},
		{"both", optim.Warmup(4, optim.Exponential(10, 0)), []int{0, 20}, []float64{0.25, 0.25}},
	} {
		for i, step := range c.at {
			if got := c.s(step); math.Abs(got-c.want[i]) > 1e-12 {
				t.Errorf("%s at step %d is %g, want %g", c.name, step, got, c.want[i])
			}
		}
	}
}

func TestValidate(t *testing.T) {
	for _, opt := range []optim.Optimizer{
		optim.Adam{}, optim.Adam{LearningRate: math.NaN()}, optim.Adam{LearningRate: 1, Beta2: 1}, optim.Adam{LearningRate: 1, WeightDecay: -1},
		optim.SGD{LearningRate: -1}, optim.SGD{LearningRate: 1, Momentum: 1}, optim.Adagrad{LearningRate: 0},
		optim.Clip{Of: optim.SGD{LearningRate: 1}, Norm: -1}, optim.Clip{Of: optim.SGD{}},
		optim.Average{Of: optim.SGD{LearningRate: 1}, Decay: 1}, optim.Average{Of: optim.Adam{}},
	} {
		if opt.Validate() == nil {
			t.Errorf("%+v is accepted", opt)
		}
	}
}
