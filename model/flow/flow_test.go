package flow_test

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/engine/cpu"
	"github.com/surprisal-go/surprisal/engine/ref"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/fmath"
	"github.com/surprisal-go/surprisal/model/flow"
	"github.com/surprisal-go/surprisal/optim"
)

func reals(d int) *surprisal.Space {
	return &surprisal.Space{Fields: []surprisal.Field{{Name: "x", Shape: []int{d}}}}
}

// moons draws two half circles with noise, in raw units far from standard.
func moons(n int, key surprisal.Key) *surprisal.Batch {
	r := key.Rand()
	rows := make(surprisal.Values[float64], 0, 2*n)
	for range n {
		a := math.Pi * r.Float64()
		x, y := math.Cos(a), math.Sin(a)
		if r.Uint64()&1 == 1 {
			x, y = 1-x, 0.5-y
		}
		rows = append(rows, 100+10*(x+0.1*fmath.Normal(r)), 3*(y+0.1*fmath.Normal(r)))
	}
	return &surprisal.Batch{Space: reals(2), Columns: []surprisal.Column{rows}}
}

// fit makes steps of the model's objective on minibatches in order and leaves
// the averaged weights. It returns the losses.
func fit(t *testing.T, m flow.Model, train *surprisal.Batch, exec graph.Executor, key surprisal.Key, steps int) []float64 {
	t.Helper()
	if err := m.Init(key, train); err != nil {
		t.Fatal(err)
	}
	o, err := m.Objective()
	if err != nil {
		t.Fatal(err)
	}
	plan, err := o.Compile(0, exec)
	if err != nil {
		t.Fatal(err)
	}
	var losses []float64
	for step := range steps {
		lo := step * o.Batch % (train.Len() - o.Batch + 1)
		feeds := graph.Feeds{}
		if err := o.Phases[0].Feed(feeds, train.Slice(lo, lo+o.Batch), key.Fold(uint64(step))); err != nil {
			t.Fatal(err)
		}
		o.Phases[0].Optimizer.Feed(feeds, step)
		out, err := plan.Run(context.Background(), feeds, o.Store)
		if err != nil {
			t.Fatal(err)
		}
		losses = append(losses, out[0].Float64s()[0])
	}
	optim.SwapAverages(o.Store)
	return losses
}

func logProb(t *testing.T, m flow.Model, x *surprisal.Batch) []float64 {
	t.Helper()
	out := make([]float64, x.Len())
	if err := m.(surprisal.Density).LogProb(out, x); err != nil {
		t.Fatal(err)
	}
	return out
}

func mean(v []float64) float64 {
	var s float64
	for _, x := range v {
		s += x
	}
	return s / float64(len(v))
}

func small(space *surprisal.Space, n int) *flow.Config {
	c := flow.Defaults(space, n)
	c.Couplings, c.Hidden, c.Batch = 4, []int{16}, min(64, n)
	c.LearningRate = 5e-3
	return c
}

func build(t *testing.T, space *surprisal.Space, c *flow.Config, exec graph.Executor) flow.Model {
	t.Helper()
	m, err := flow.New(space, c, exec)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Before training the flow is the identity on standardised events: its density
// is that of the independent Gaussian with the moments of the training events.
func TestUntrainedIsGaussian(t *testing.T) {
	train := moons(200, 1)
	m := build(t, train.Space, small(train.Space, 200), ref.New())
	if err := m.Init(1, train); err != nil {
		t.Fatal(err)
	}
	rows := make([]float64, 400)
	train.Float64s(rows, 0)
	var mu, sd [2]float64
	for j := range 2 {
		for i := range 200 {
			mu[j] += rows[2*i+j] / 200
		}
		for i := range 200 {
			sd[j] += (rows[2*i+j] - mu[j]) * (rows[2*i+j] - mu[j]) / 200
		}
		sd[j] = math.Sqrt(sd[j])
	}
	for i, got := range logProb(t, m, train) {
		want := -math.Log(2 * math.Pi)
		for j := range 2 {
			e := (rows[2*i+j] - mu[j]) / sd[j]
			want -= e*e/2 + math.Log(sd[j])
		}
		if math.Abs(got-want) > 1e-6 {
			t.Fatalf("event %d: log p is %v, want %v", i, got, want)
		}
	}
}

// trained is a flow of each transform after some steps on the moons.
func trained(t *testing.T, exec graph.Executor, transform string, train *surprisal.Batch, steps int) (*flow.Flow, []float64) {
	t.Helper()
	c := small(train.Space, train.Len())
	c.Transform = transform
	m := build(t, train.Space, c, exec)
	losses := fit(t, m, train, exec, 1, steps)
	return m.(*flow.Flow), losses
}

// After training the flow is far better than before, and still a density: it
// integrates to one over the plane.
func TestTrainedMoonsIntegrateToOne(t *testing.T) {
	train, test := moons(2000, 1), moons(500, 2)
	exec := cpu.New(cpu.Options{})
	defer exec.Close()
	for _, transform := range []string{flow.Affine, flow.Spline} {
		t.Run(transform, func(t *testing.T) {
			m, losses := trained(t, exec, transform, train, 250)
			before, after := mean(losses[:3]), -mean(logProb(t, m, test))
			t.Logf("nats before %.3f, after %.3f", before, after)
			if after > before-0.3 {
				t.Errorf("test nats %v after training, %v before", after, before)
			}
			// Midpoints of cells over 8 standard deviations to each side.
			const side = 160
			cell := [2]float64{8.0 * 2 * 9 / side, 8.0 * 2 * 1.7 / side}
			var grid surprisal.Values[float64]
			for i := range side {
				for j := range side {
					grid = append(grid, 105+(float64(i)-side/2+0.5)*cell[0], 0.75+(float64(j)-side/2+0.5)*cell[1])
				}
			}
			sum := 0.0
			for _, lp := range logProb(t, m, &surprisal.Batch{Space: train.Space, Columns: []surprisal.Column{grid}}) {
				sum += math.Exp(lp) * cell[0] * cell[1]
			}
			t.Logf("integral %.5f", sum)
			if math.Abs(sum-1) > 0.01 {
				t.Errorf("the density integrates to %v", sum)
			}
		})
	}
}

// Noise is where samples come from, and log p is that of the noise and its
// log-determinant.
func TestNoiseUndoesSample(t *testing.T) {
	train := moons(500, 1)
	m, _ := trained(t, ref.New(), flow.Spline, train, 20)
	const n = 300
	x, err := m.Sample(n, 7, nil)
	if err != nil {
		t.Fatal(err)
	}
	z, logDet := make([]float64, 2*n), make([]float64, n)
	if err := m.Noise(z, logDet, x); err != nil {
		t.Fatal(err)
	}
	lp := logProb(t, m, x)
	for i := range n {
		r := surprisal.Key(7).Fold(uint64(i)).Rand()
		for j := range 2 {
			if want := fmath.Normal(r); math.Abs(z[2*i+j]-want) > 1e-6 {
				t.Fatalf("event %d: noise %v, drawn from %v", i, z[2*i+j], want)
			}
		}
		want := -math.Log(2*math.Pi) - (z[2*i]*z[2*i]+z[2*i+1]*z[2*i+1])/2 + logDet[i]
		if math.Abs(lp[i]-want) > 1e-9 {
			t.Fatalf("event %d: log p is %v, of its noise %v", i, lp[i], want)
		}
	}
}

func TestBatchEqualsSingle(t *testing.T) {
	train := moons(300, 1)
	m, _ := trained(t, ref.New(), flow.Affine, train, 10)
	all := logProb(t, m, train)
	for _, n := range []int{1, 7, 64, 100} {
		for lo := 0; lo+n <= 300; lo += n + 50 {
			for i, v := range logProb(t, m, train.Slice(lo, lo+n)) {
				if v != all[lo+i] {
					t.Fatalf("event %d in a batch of %d: log p is %v, want %v", lo+i, n, v, all[lo+i])
				}
			}
		}
	}
}

// mixed has a grid, a bit and a real column that depend on each other.
func mixed(n int, key surprisal.Key) *surprisal.Batch {
	space := &surprisal.Space{Fields: []surprisal.Field{
		{Name: "age", Kind: surprisal.Grid, Low: 10, Step: 0.5},
		{Name: "sex", Kind: surprisal.Binary},
		{Name: "weight"},
	}}
	r := key.Rand()
	var age, weight surprisal.Values[float64]
	var sex surprisal.Values[uint8]
	for range n {
		a := float64(r.IntN(40))
		age, sex, weight = append(age, 10+a/2), append(sex, uint8(r.IntN(2))), append(weight, 70+a+fmath.Normal(r))
	}
	return &surprisal.Batch{Space: space, Columns: []surprisal.Column{age, sex, weight}}
}

func TestDequantized(t *testing.T) {
	train := mixed(1000, 1)
	m := build(t, train.Space, small(train.Space, 1000), ref.New())
	if _, is := m.(surprisal.Density); is {
		t.Fatal("a flow of discrete columns claims to be a density")
	}
	losses := fit(t, m, train, ref.New(), 1, 300)
	first, last := mean(losses[:5]), mean(losses[290:])
	t.Logf("bound %.3f to %.3f", first, last)
	if last > first-1 { // the correlation alone is worth −½ ln(1 − ρ²) = 2.4 nats
		t.Errorf("the loss went from %v to %v", first, last)
	}
	w := make([]float64, 3*500)
	test := mixed(500, 2)
	if err := m.(surprisal.Bounded).LogWeights(w, test, 3, 1); err != nil {
		t.Fatal(err)
	}
	if nats := -mean(w); math.Abs(nats-last) > 0.25 {
		t.Errorf("the bound on test events is %v nats, the loss was %v", nats, last)
	}
	s, err := m.Sample(50, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(); err != nil || !s.Space.Equal(train.Space) {
		t.Errorf("samples: %v", err)
	}
}

// Every parameter has a gradient that is not zero (once the last layers are
// moved off their zeros).
func TestGradientReachesEveryParameter(t *testing.T) {
	train := moons(60, 1)
	for _, transform := range []string{flow.Affine, flow.Spline} {
		c := small(train.Space, 60)
		c.Transform, c.Activation, c.Dropout = transform, "silu", 0.1
		m := build(t, train.Space, c, ref.New())
		if err := m.Init(1, train); err != nil {
			t.Fatal(err)
		}
		r := surprisal.Key(3).Rand()
		o, err := m.Objective()
		if err != nil {
			t.Fatal(err)
		}
		p := o.Phases[0]
		n := 0
		for _, q := range p.Params {
			w := o.Store.Must(q.Attr().Name).F32()
			n += len(w)
			for i := range w {
				w[i] += float32(0.2 * fmath.Normal(r))
			}
		}
		if n != m.NumParams() {
			t.Errorf("the objective moves %d scalars of %d", n, m.NumParams())
		}
		plan, err := ref.New().Compile(graph.Grad(p.Loss, p.Params...))
		if err != nil {
			t.Fatal(err)
		}
		feeds := graph.Feeds{}
		if err := p.Feed(feeds, train, 1); err != nil {
			t.Fatal(err)
		}
		out, err := plan.Run(context.Background(), feeds, o.Store)
		if err != nil {
			t.Fatal(err)
		}
		for i, g := range out {
			if !slices.ContainsFunc(g.Float64s(), func(v float64) bool { return v != 0 }) {
				t.Errorf("%s: gradient of %s is zero", transform, p.Params[i].Attr().Name)
			}
			for j, v := range g.Float64s() {
				// No event need lie near the outer knots of a spline.
				if v == 0 && transform == flow.Affine || math.IsNaN(v) {
					t.Fatalf("%s: gradient of %s at %d is %v", transform, p.Params[i].Attr().Name, j, v)
				}
			}
		}
	}
}

// Copying the state into a fresh model restores it.
func TestStateRestores(t *testing.T) {
	train := moons(300, 1)
	m, _ := trained(t, ref.New(), flow.Affine, train, 10)
	other := build(t, train.Space, small(train.Space, 300), ref.New())
	for name, from := range m.State().All() {
		switch to := other.State().Must(name).Data.(type) {
		case []float32:
			copy(to, from.F32())
		case []float64:
			copy(to, from.F64())
		}
	}
	got, want := logProb(t, other, train), logProb(t, m, train)
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("event %d: log p is %v, want %v", i, got[i], want[i])
		}
	}
}

func TestBadInput(t *testing.T) {
	m := build(t, reals(2), small(reals(2), 100), ref.New())
	wrong := &surprisal.Batch{Space: reals(3), Columns: []surprisal.Column{surprisal.Values[float64]{1, 2, 3}}}
	if err := m.(surprisal.Density).LogProb(make([]float64, 1), wrong); err == nil || !strings.Contains(err.Error(), "3 dims") {
		t.Errorf("events of 3 dims: error %v", err)
	}
	if err := m.Init(1, &surprisal.Batch{Space: reals(2), Columns: []surprisal.Column{surprisal.Values[float64]{}}}); err == nil {
		t.Error("no training events: no error")
	}
	if _, err := flow.New(reals(1), flow.Defaults(reals(1), 10), ref.New()); err == nil || !strings.Contains(err.Error(), "at least 2 dims") {
		t.Errorf("one dim: error %v", err)
	}
	for want, change := range map[string]func(*flow.Config){
		"couplings 0":   func(c *flow.Config) { c.Couplings = 0 },
		"hidden [0]":    func(c *flow.Config) { c.Hidden = []int{0} },
		"activation":    func(c *flow.Config) { c.Activation = "gulu" },
		"transform":     func(c *flow.Config) { c.Transform = "quadratic" },
		"learning rate": func(c *flow.Config) { c.LearningRate = math.NaN() },
		"bound NaN":     func(c *flow.Config) { c.Bound = math.NaN() },
		"dropout 1":     func(c *flow.Config) { c.Dropout = 1 },
	} {
		c := small(reals(2), 100)
		change(c)
		if _, err := flow.New(reals(2), c, ref.New()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not say %q", err, want)
		}
	}
}

// With the logit no density leaks beyond the ends of a grid: the masses of all
// cells sum to one.
func TestLogitMassSumsToOne(t *testing.T) {
	const side, k = 6, 400
	space := &surprisal.Space{Fields: []surprisal.Field{
		{Name: "x", Kind: surprisal.Grid, Low: -1, Step: 0.5, Levels: side, Shape: []int{2}},
	}}
	r := surprisal.Key(1).Rand()
	var train, all surprisal.Values[float64]
	for range 500 {
		i := r.IntN(side)
		train = append(train, -1+0.5*float64(i), -1+0.5*float64(max(i-r.IntN(2), 0)))
	}
	for i := range side * side {
		all = append(all, -1+0.5*float64(i/side), -1+0.5*float64(i%side))
	}
	b := &surprisal.Batch{Space: space, Columns: []surprisal.Column{train}}
	c := small(space, 500)
	c.Logit = 1e-6
	m := build(t, space, c, ref.New())
	for _, steps := range []int{0, 150} {
		fit(t, m, b, ref.New(), 1, steps)
		w := make([]float64, side*side*k)
		if err := m.(surprisal.Bounded).LogWeights(w, &surprisal.Batch{Space: space, Columns: []surprisal.Column{all}}, k, 1); err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for _, v := range w {
			sum += math.Exp(v) / k
		}
		if t.Logf("sum %.4f after %d steps", sum, steps); math.Abs(sum-1) > 0.02 {
			t.Errorf("masses sum to %v after %d steps", sum, steps)
		}
	}
	c = small(reals(2), 500)
	c.Logit = 1e-6
	if _, err := flow.New(reals(2), c, ref.New()); err == nil || !strings.Contains(err.Error(), "logit=0") {
		t.Errorf("logit of real columns: error %v", err)
	}
}

// The float32 engine agrees with the oracle, and its bits depend neither on
// threads nor on the batch.
func TestEngines(t *testing.T) {
	train := moons(1000, 1)
	for _, transform := range []string{flow.Affine, flow.Spline} {
		c := small(train.Space, 1000)
		c.Transform = transform
		oracle := build(t, train.Space, c, ref.New())
		var scores [][]float64
		for _, threads := range []int{1, 2, 4} {
			exec := cpu.New(cpu.Options{Threads: threads})
			defer exec.Close()
			m := build(t, train.Space, c, exec)
			fit(t, m, train, exec, 1, 40)
			scores = append(scores, logProb(t, m, train))
			for name, from := range m.State().All() {
				switch to := oracle.State().Must(name).Data.(type) {
				case []float32:
					copy(to, from.F32())
				case []float64:
					copy(to, from.F64())
				}
			}
			for lo := 0; lo < 1000; lo += 125 {
				for i, v := range logProb(t, m, train.Slice(lo, lo+7)) {
					if v != scores[0][lo+i] {
						t.Fatalf("%s: event %d in a batch of 7 on %d threads: log p is %v, want %v", transform, lo+i, threads, v, scores[0][lo+i])
					}
				}
			}
		}
		for i, want := range logProb(t, oracle, train) {
			if got := scores[0][i]; math.Abs(got-want) > 1e-3 || scores[1][i] != got || scores[2][i] != got {
				t.Fatalf("%s: event %d: log p is %v, %v and %v on 1, 2 and 4 threads, %v by the oracle", transform, i, got, scores[1][i], scores[2][i], want)
			}
		}
	}
}

// Far events have a very negative log p, or −Inf, and never NaN.
func TestFarEvents(t *testing.T) {
	train := moons(500, 1)
	exec := cpu.New(cpu.Options{})
	defer exec.Close()
	for _, transform := range []string{flow.Affine, flow.Spline} {
		m, _ := trained(t, exec, transform, train, 100)
		for _, far := range []float64{1e3, 1e5, 1e8, 1e9, 1e12, 1e40, 1e150, 1e308} {
			for _, row := range []surprisal.Values[float64]{{far, 0}, {0, far}, {-far, far}} {
				lp := logProb(t, m, &surprisal.Batch{Space: train.Space, Columns: []surprisal.Column{row}})[0]
				if math.IsNaN(lp) || lp > -100 || far > 1e11 && !math.IsInf(lp, -1) || far < 1e9 && math.IsInf(lp, -1) {
					t.Errorf("%s: log p at %v is %v", transform, row, lp)
				}
			}
		}
	}
}
