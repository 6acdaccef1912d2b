package cpu

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
	"github.com/surprisal-go/surprisal/optim"
	"github.com/surprisal-go/surprisal/tensor"
)

// actions counts the instructions of a plan.
func actions(p *plan) map[action]int {
	n := map[action]int{}
	for _, prog := range p.programs {
		for _, in := range prog.code {
			n[in.do]++
		}
	}
	return n
}

// regress is least squares on the input x (B, 6) by two layers, of which the
// first has a mask, with a ReLU between.
func regress(g *graph.Graph) (loss *graph.Node, params []*graph.Node) {
	in, out := []int{1, 2, 3, 4, 5, 6}, make([]int, 67)
	for i := range out {
		out[i] = 1 + i/12
	}
	x := g.Input("x", graph.F32, graph.Batch, 6)
	w1, b1, w2 := g.Param("w1", 6, 67), g.Param("b1", 67), g.Param("w2", 67, 1)
	h := graph.MaskedMatMul(x, w1, &graph.Mask{In: in, Out: out}).Add(b1).Relu()
	loss = graph.MatMul(h, w2).Sub(x.Slice(1, 0, 1)).Square().Mean()
	return loss, []*graph.Node{w1, b1, w2}
}

// trained runs steps of an optimiser and returns the plan and the store.
func trained(t testing.TB, opts Options, opt optim.Optimizer, steps int) (*plan, *tensor.Store) {
	t.Helper()
	g, store := graph.New(), &tensor.Store{}
	loss, ps := regress(g)
	r := rand.New(rand.NewPCG(1, 1))
	for _, p := range ps {
		w := tensor.New[float32](p.Shape()...)
		for i := range w.F32() {
			w.F32()[i] = r.Float32() - 0.5
		}
		store.Set(p.Attr().Name, w)
	}
	e := New(opts)
	t.Cleanup(e.Close)
	p, err := e.Compile([]*graph.Node{loss}, opt.Updates(store, ps, graph.Grad(loss, ps...))...)
	if err != nil {
		t.Fatal(err)
	}
	fed := feeds(20, false)
	for step := range steps {
		opt.Feed(fed, step)
		if _, err := p.Run(context.Background(), fed, store); err != nil {
			t.Fatal(err)
		}
	}
	return p.(*plan), store
}

// TestOptimizersInOnePass holds that every rule becomes the kernels that it is
// meant to, and that these give the weights and moments of single operations.
func TestOptimizersInOnePass(t *testing.T) {
	adam := optim.Adam{LearningRate: 0.01}
	decayed := optim.Adam{LearningRate: 0.01, WeightDecay: 0.1}
	for _, c := range []struct {
		name string
		opt  optim.Optimizer
		want map[action]int // for three parameters
	}{
		{"adam", adam, map[action]int{doAdam: 3}},
		{"decay", decayed, map[action]int{doAdam: 3}},
		{"clip", optim.Clip{Of: adam, Norm: 1e-3}, map[action]int{doAdam: 3}},
		{"average", optim.Average{Of: decayed, Decay: 0.9}, map[action]int{doAdam: 3, doLerp: 3}},
		{"all", optim.Average{Of: optim.Clip{Of: decayed, Norm: 1}, Decay: 0.9}, map[action]int{doAdam: 3, doLerp: 3}},
		{"beta1", optim.Adam{LearningRate: 0.01, Beta1: 1e-9}, nil}, // 1 − β₁ is 1 and its product is gone
		{"sgd", optim.SGD{LearningRate: 0.01, Momentum: 0.5}, map[action]int{doFlush: 3}},
		{"adagrad", optim.Adagrad{LearningRate: 0.01}, map[action]int{doFlush: 3}},
	} {
		_, want := trained(t, Options{Threads: 1, NoFuse: true, Impl: kern.Impls()[0]}, c.opt, 4)
		for _, k := range kern.Impls() {
			p, got := trained(t, Options{Threads: 2, Impl: k}, c.opt, 4)
			n := actions(p)
			for do, times := range c.want {
				if n[do] != times {
					t.Errorf("%s: %d instructions of kind %d, want %d", c.name, n[do], do, times)
				}
			}
			if n[doGate] != 1 || n[doSelect] != 0 && c.want != nil {
				t.Errorf("%s: the ReLU's gradient takes %d gates and there are %d selections", c.name, n[doGate], n[doSelect])
			}
			for name, w := range want.All() {
				sameBits(t, fmt.Sprint(k.Name, ": ", c.name, ": ", name), got.Must(name), w)
			}
		}
	}
}

// flushed is as package optim has it.
func flushed(x *graph.Node, least float64) *graph.Node {
	g := x.Graph()
	return graph.Where(x.Abs().Less(g.Scalar(least)), g.Scalar(0), x)
}

// byHand is a step of Adam on the parameter p, with something between the
// moments and the step. The first moment is flushed below least.
func byHand(d *graph.Node, least float64, decayed *graph.Node, between func(m *graph.Node) graph.Update) (updates []graph.Update) {
	g := d.Graph()
	p, m, v := g.Param("p", 50), g.Param("m", 50), g.Param("optim/adam.v/z", 50)
	m1 := flushed(m.MulScalar(0.9).Add(d.MulScalar(0.1)), least)
	v1 := flushed(v.MulScalar(0.9).Add(d.Square().MulScalar(0.1)), 0x1p-100)
	if between != nil {
		updates = append(updates, between(m1))
	}
	step := m1.MulScalar(2).Div(v1.MulScalar(3).Sqrt().AddScalar(1e-8)).Add(decayed.MulScalar(0.5))
	return append(updates, graph.Update{Param: m, Value: m1}, graph.Update{Param: v, Value: v1}, graph.Update{Param: p, Value: p.Sub(step.MulScalar(0.1))})
}

// TestPeepholesYield holds that patterns give way where something else needs
// what is inside them, at its time.
func TestPeepholesYield(t *testing.T) {
	adam := optim.Adam{LearningRate: 0.1}
	g := graph.New()
	p, q, r, s := g.Param("p", 50), g.Param("q", 50), g.Param("r", 50), g.Param("s", 50)
	store := &tensor.Store{}
	by := func(p, d *graph.Node) []graph.Update { return adam.Updates(store, []*graph.Node{p}, []*graph.Node{d}) }
	set := func(p, v *graph.Node) graph.Update { return graph.Update{Param: p, Value: v} }
	x := q.Mul(r)
	for _, c := range []struct {
		name    string
		joined  int // instructions that are not of one val
		updates func() []graph.Update
	}{
		{"plain", 1, func() []graph.Update { return by(p, q) }},
		{"gradient is the parameter", 1, func() []graph.Update { return by(p, p) }},
		{"gradient is written", 3, func() []graph.Update { return append(by(p, q), by(q, p)...) }},
		{"by hand", 1, func() []graph.Update { return byHand(x, 0x1p-100, p, nil) }},
		{"moment is read before", 2, func() []graph.Update {
			return byHand(x, 0x1p-100, p, func(m *graph.Node) graph.Update { return set(s, m.Tanh()) })
		}},
		{"gradient is written between", 2, func() []graph.Update {
			return byHand(q, 0x1p-100, p, func(*graph.Node) graph.Update { return set(q, q.Tanh()) })
		}},
		{"moments of two limits", 2, func() []graph.Update { return byHand(x, 0.3, p, nil) }},
		{"decay of something else", 2, func() []graph.Update { return byHand(x, 0x1p-100, q, nil) }},
		{"moment is read after", 1, func() []graph.Update { u := by(p, x); return append(u, set(s, u[0].Value.Exp())) }},
		{"root is read", 2, func() []graph.Update {
			u := by(p, x)
			root := u[2].Value.Inputs()[1].Inputs()[1].Inputs()[1]
			return append(u, set(s, root.Tanh()))
		}},
		{"root is kept", 2, func() []graph.Update {
			u := by(p, x)
			return append(u, set(s, u[2].Value.Inputs()[1].Inputs()[1].Inputs()[1]))
		}},
		{"moment goes elsewhere", 2, func() []graph.Update { u := by(p, x); return []graph.Update{set(s, u[0].Value), u[1], u[2]} }},
		{"condition is read", 0, func() []graph.Update {
			c := g.Scalar(0).Less(p)
			return []graph.Update{set(q, graph.Where(c, r, g.Scalar(0).BroadcastTo(50))), set(s, graph.Where(c, p, q))}
		}},
		{"lerp from something else", 0, func() []graph.Update { return []graph.Update{set(p, r.Add(q.Sub(s).MulScalar(0.3)))} }},
		{"lerp", 1, func() []graph.Update { return []graph.Update{set(p, r.Add(q.Sub(r).MulScalar(0.3)))} }},
		{"lerp over a written value", -1, func() []graph.Update {
			d := q.Sub(p)
			next := p.Tanh()
			return []graph.Update{set(p, next), set(s, next.Add(p.Add(d.MulScalar(0.3))))}
		}},
	} {
		updates := c.updates()
		var want *tensor.Store
		for _, opts := range []Options{{Threads: 1, NoFuse: true}, {Threads: 1}} {
			pl := compile(t, opts, nil, updates...)
			got := params(g)
			for name, v := range got.All() {
				for i, x := range v.F32() {
					if strings.HasPrefix(name, "optim/adam.v") { // is not negative
						v.F32()[i] = x * x
					}
				}
			}
			fed := graph.Feeds{}
			for step := range 2 {
				adam.Feed(fed, step)
				if _, err := pl.Run(context.Background(), fed, got); err != nil {
					t.Fatal(err)
				}
			}
			if want == nil {
				want = got
				continue
			}
			for name, w := range want.All() {
				sameBits(t, c.name+": "+name, got.Must(name), w)
			}
			n := actions(pl)
			if joined := n[doAdam] + n[doFlush] + n[doLerp] + n[doGate]; c.joined >= 0 && joined != c.joined {
				t.Errorf("%s: %d patterns, want %d", c.name, joined, c.joined)
			}
		}
	}
}

// BenchmarkOptimizer makes the step of a matrix of which no or half the
// gradient is zero, as under a mask.
func BenchmarkOptimizer(b *testing.B) {
	adam := optim.Adam{LearningRate: 0.01}
	all := optim.Average{Of: optim.Clip{Of: optim.Adam{LearningRate: 0.01, WeightDecay: 0.1}, Norm: 1}, Decay: 0.9}
	for _, c := range []struct {
		name string
		opt  optim.Optimizer
		open int // of 500 columns
	}{{"adam", adam, 500}, {"adam", adam, 250}, {"all", all, 500}} {
		b.Run(fmt.Sprintf("rule=%s/open=%d", c.name, c.open), func(b *testing.B) {
			g, store := graph.New(), &tensor.Store{}
			p, d := g.Param("p", 784, 500), g.Input("d", graph.F32, 784, 500)
			store.Set("p", tensor.New[float32](784, 500))
			e := New(Options{Threads: 1})
			defer e.Close()
			plan, err := e.Compile(nil, c.opt.Updates(store, []*graph.Node{p}, []*graph.Node{d})...)
			if err != nil {
				b.Fatal(err)
			}
			row := slices.Concat(slices.Repeat([]float32{0.3}, c.open), make([]float32, 500-c.open))
			fed := graph.Feeds{"d": tensor.Of(slices.Repeat(row, 784), 784, 500)}
			c.opt.Feed(fed, 1)
			for b.Loop() {
				if _, err := plan.Run(context.Background(), fed, store); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
