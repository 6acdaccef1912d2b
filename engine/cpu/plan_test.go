package cpu

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

func compile(t *testing.T, opts Options, outputs []*graph.Node, updates ...graph.Update) *plan {
	t.Helper()
	e := New(opts)
	t.Cleanup(e.Close)
	p, err := e.Compile(outputs, updates...)
	if err != nil {
		t.Fatal(err)
	}
	return p.(*plan)
}

// TestOnePassAdam holds that the whole of Adam is one cluster for each
// parameter, written in place.
func TestOnePassAdam(t *testing.T) {
	g := graph.New()
	loss, updates := madeStep(g, 20, 16, true)
	p := compile(t, Options{Threads: 1}, []*graph.Node{loss}, updates...)
	passes := 0
	for _, name := range p.names {
		if strings.Contains(name, "sqrt") {
			passes++
		} else if strings.Contains(name, "(20, 16)") && !strings.HasPrefix(name, "outer") {
			t.Errorf("a pass over a weight matrix beside Adam: %s", name)
		}
	}
	if passes != 5 || len(p.lasts) != 0 {
		t.Errorf("Adam takes %d passes for 5 parameters, and %d updates are copied", passes, len(p.lasts))
	}
}

// TestAllocs holds that a run allocates nothing once it is warm.
func TestAllocs(t *testing.T) {
	g := graph.New()
	loss, updates := madeStep(g, 50, 40, true)
	for _, threads := range []int{1, 2} {
		p := compile(t, Options{Threads: threads}, []*graph.Node{loss}, updates...)
		fed, store := madeFeeds(100, 50), madeParams(g)
		n := SteadyAllocs(func() {
			if _, err := p.Run(context.Background(), fed, store); err != nil {
				t.Fatal(err)
			}
		})
		if n != 0 {
			t.Errorf("%d threads: %g allocations a run", threads, n)
		}
	}
}

// TestUpdatesSeeOldValues swaps two parameters and reads one that is written.
func TestUpdatesSeeOldValues(t *testing.T) {
	for _, noFuse := range []bool{false, true} {
		g := graph.New()
		a, b, c := g.Param("a", 3), g.Param("b", 3), g.Param("c", 3)
		d, e := g.Param("d", 3), g.Param("e", 3)
		twice := d.MulScalar(2) // comes before the other reader of d
		p := compile(t, Options{NoFuse: noFuse}, []*graph.Node{a, c.Add(b), d},
			graph.Update{Param: d, Value: twice}, graph.Update{Param: e, Value: e.Add(d)},
			graph.Update{Param: a, Value: b}, graph.Update{Param: b, Value: a},
			graph.Update{Param: c, Value: c.Add(c.Transpose(0).Sum().Mul(a))})
		s := &tensor.Store{}
		s.Set("a", tensor.Of([]float32{1, 2, 3}, 3))
		s.Set("b", tensor.Of([]float32{4, 5, 6}, 3))
		s.Set("c", tensor.Of([]float32{1, 1, 1}, 3))
		s.Set("d", tensor.Of([]float32{1, 2, 3}, 3))
		s.Set("e", tensor.Of([]float32{0, 0, 0}, 3))
		out, err := p.Run(context.Background(), nil, s)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range []struct {
			what      string
			got, want tensor.Tensor
		}{
			{"a before", out[0], tensor.Of([]float32{1, 2, 3}, 3)},
			{"c + b before", out[1], tensor.Of([]float32{5, 6, 7}, 3)},
			{"d before", out[2], tensor.Of([]float32{1, 2, 3}, 3)},
			{"d", s.Must("d"), tensor.Of([]float32{2, 4, 6}, 3)},
			{"e", s.Must("e"), tensor.Of([]float32{1, 2, 3}, 3)},
			{"a", s.Must("a"), tensor.Of([]float32{4, 5, 6}, 3)},
			{"b", s.Must("b"), tensor.Of([]float32{1, 2, 3}, 3)},
			{"c", s.Must("c"), tensor.Of([]float32{4, 7, 10}, 3)},
		} {
			sameBits(t, v.what, v.got, v.want)
		}
	}
}

// TestOutputsStay holds that outputs do not change with the store.
func TestOutputsStay(t *testing.T) {
	g := graph.New()
	w := g.Param("w", 2)
	next := w.MulScalar(2)
	p := compile(t, Options{}, []*graph.Node{next, w}, graph.Update{Param: w, Value: next})
	s := &tensor.Store{}
	s.Set("w", tensor.Of([]float32{1, 2}, 2))
	out, err := p.Run(context.Background(), nil, s)
	if err != nil {
		t.Fatal(err)
	}
	clear(s.Must("w").F32())
	sameBits(t, "new w", out[0], tensor.Of([]float32{2, 4}, 2))
	sameBits(t, "old w", out[1], tensor.Of([]float32{1, 2}, 2))
}

// TestErrorsChangeNothing feeds a code outside the table, cancels, and leaves
// a feed out: the store must stay as it was.
func TestErrorsChangeNothing(t *testing.T) {
	g := graph.New()
	table, w := g.Param("table", 4, 6), g.Param("w", 6)
	codes := g.Input("codes", graph.I32, graph.Batch)
	count := g.Param("count")
	next := count.AddScalar(1) // could be written before the codes are looked at
	rows := graph.Gather(table, codes)
	loss := rows.Mul(w).Square().Sum()
	d := graph.Grad(loss, table, w)
	p := compile(t, Options{Threads: 2}, []*graph.Node{loss},
		graph.Update{Param: table, Value: table.Sub(d[0])}, graph.Update{Param: w, Value: w.MulScalar(0.5)}, graph.Update{Param: count, Value: next})
	store := params(g)
	before := store.Clone()
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range []struct {
		ctx   context.Context
		codes []int32
		want  string
	}{
		{context.Background(), []int32{0, 3, 4}, "code 4 at position 2 is outside the table of 4 rows"},
		{context.Background(), []int32{-1}, "code -1 at position 0"},
		{cancelled, []int32{0}, "canceled"},
		{context.Background(), nil, "is not fed"},
	} {
		fed := graph.Feeds{"codes": tensor.Of(c.codes, len(c.codes))}
		if c.codes == nil {
			fed = nil
		}
		if _, err := p.Run(c.ctx, fed, store); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("codes %v: error %v, want %q", c.codes, err, c.want)
		}
		for name, v := range store.All() {
			sameBits(t, name, v, before.Must(name))
		}
	}
	if _, err := p.Run(context.Background(), graph.Feeds{"codes": tensor.Of([]int32{1, 1}, 2)}, store); err != nil {
		t.Fatal(err)
	}
	if store.Must("w").F32()[0] == before.Must("w").F32()[0] {
		t.Error("a good run does not update")
	}
}

// TestCheck holds that a NaN is traced to the node and the event where it
// began, and that nothing is written.
func TestCheck(t *testing.T) {
	g := graph.New()
	x, w := g.Input("x", graph.F32, graph.Batch, 2), g.Param("w", 2)
	leave := g.Scope("flow/coupling3")
	bad := x.Mul(w).Log()
	leave()
	loss := bad.Exp().Sum()
	p := compile(t, Options{Check: true}, []*graph.Node{loss}, graph.Update{Param: w, Value: w.Sub(graph.Grad(loss, w)[0])})
	s := &tensor.Store{}
	s.Set("w", tensor.Of([]float32{1, 1}, 2))
	_, err := p.Run(context.Background(), graph.Feeds{"x": tensor.Of([]float32{1, 2, 3, 4, 5, -6}, 3, 2)}, s)
	var nan *graph.NaNError
	if !errors.As(err, &nan) || nan.Node != bad || nan.Row != 2 {
		t.Fatalf("got %v, want a NaNError at %s, event 2", err, bad)
	}
	if s.Must("w").F32()[0] != 1 {
		t.Error("the update was written")
	}
	s.Must("w").F32()[1] = float32(math.NaN())
	_, err = p.Run(context.Background(), graph.Feeds{"x": tensor.Of([]float32{1, 2}, 1, 2)}, s)
	if !errors.As(err, &nan) || nan.Node != w || nan.Row != -1 {
		t.Fatalf("got %v, want a NaNError at %s", err, w)
	}
}

// TestCompileErrors lists what Compile refuses.
func TestCompileErrors(t *testing.T) {
	g := graph.New()
	w, v := g.Param("w", 2), g.Param("v", 3)
	other := graph.New().Scalar(1)
	for _, c := range []struct {
		outputs []*graph.Node
		updates []graph.Update
		want    string
	}{
		{nil, []graph.Update{{Param: w, Value: v}}, "of its shape"},
		{nil, []graph.Update{{Param: w.Neg(), Value: w}}, "want a parameter"},
		{nil, []graph.Update{{Param: w, Value: w}, {Param: w, Value: w.Neg()}}, "two updates"},
		{[]*graph.Node{w, other}, nil, "another graph"},
	} {
		e := New(Options{Threads: 1})
		if _, err := e.Compile(c.outputs, c.updates...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

// TestHeirs holds that a cluster writes over an operand which it is the last to
// read, and not over one that it reads later, by index, or that is an output.
func TestHeirs(t *testing.T) {
	for _, c := range []struct {
		name    string
		buffers int
		build   func(y *graph.Node) []*graph.Node // of a product (B, 8)
	}{
		{"overwritten", 1, func(y *graph.Node) []*graph.Node { return []*graph.Node{y.Square().Exp()} }},
		{"twice", 1, func(y *graph.Node) []*graph.Node { return []*graph.Node{y.Exp().Mul(y)} }},
		{"read later", 2, func(y *graph.Node) []*graph.Node { e := y.Exp(); return []*graph.Node{e, e.Mul(y)} }},
		{"output", 2, func(y *graph.Node) []*graph.Node { return []*graph.Node{y, y.Exp()} }},
		{"by index", 2, func(y *graph.Node) []*graph.Node {
			return []*graph.Node{y.Reshape(graph.Batch, 8, 1).Add(y.Reshape(graph.Batch, 1, 8))}
		}},
	} {
		g := graph.New()
		x, w := g.Input("x", graph.F32, graph.Batch, 8), g.Param("w", 8, 8)
		out := c.build(graph.MatMul(x, w))
		p := compile(t, Options{}, out)
		plain := compile(t, Options{NoFuse: true}, out)
		got := 0
		for _, s := range p.slots {
			if s.leaf == nil {
				got++
			}
		}
		if got != c.buffers {
			t.Errorf("%s: %d buffers, want %d", c.name, got, c.buffers)
		}
		fed, store := graph.Feeds{"x": tensor.New[float32](3, 8)}, params(g)
		for i := range fed["x"].F32() {
			fed["x"].F32()[i] = float32(i%7) - 3
		}
		a, err := p.Run(context.Background(), fed, store)
		if err != nil {
			t.Fatal(err)
		}
		b, err := plain.Run(context.Background(), fed, store)
		if err != nil {
			t.Fatal(err)
		}
		for i := range a {
			sameBits(t, c.name, a[i], b[i])
		}
	}
}

// TestEarly holds that updates come as soon as nothing needs the old value, so
// that gradients lie in one buffer after the other, and not before.
func TestEarly(t *testing.T) {
	g := graph.New()
	x := g.Input("x", graph.F32, graph.Batch, 64)
	var ps []*graph.Node
	y := x
	for _, name := range []string{"w1", "w2", "w3", "w4"} {
		w := g.Param(name, 64, 64)
		ps = append(ps, w)
		y = graph.MatMul(y, w).Tanh()
	}
	var updates []graph.Update
	loss := y.Square().Sum()
	for i, d := range graph.Grad(loss, ps...) {
		updates = append(updates, graph.Update{Param: ps[i], Value: ps[i].Sub(d.MulScalar(0.1))})
	}
	gradients := func(opts Options) (n int) {
		for _, s := range compile(t, opts, []*graph.Node{loss}, updates...).slots {
			if s.leaf == nil && s.size == (extent{n: 64 * 64}) {
				n++
			}
		}
		return n
	}
	if n := gradients(Options{without: passJoin}); n != 1 {
		t.Errorf("%d buffers for gradients, want 1", n)
	}
	if n := gradients(Options{}); n != 0 {
		t.Errorf("%d buffers for gradients of updates that run with them, want 0", n)
	}
	if n := gradients(Options{without: passEarly | passJoin}); n != 4 {
		t.Errorf("%d buffers for gradients when updates wait, want 4", n)
	}
}

// TestHeirsOfPatterns holds that a pattern which runs where it ends does not
// read an operand that another member has overwritten by then.
func TestHeirsOfPatterns(t *testing.T) {
	g := graph.New()
	x := g.Input("x", graph.F32, graph.Batch, 8)
	y, q := graph.MatMul(x, g.Param("w1", 8, 8)), graph.MatMul(x, g.Param("w2", 8, 8))
	open := g.Scalar(0).Less(y)
	e := y.Exp() // the last to read y, but for the gate that takes open into it
	outputs := []*graph.Node{e, graph.Where(open, q, g.Scalar(0))}
	fed, store := graph.Feeds{"x": tensor.New[float32](3, 8)}, params(g)
	for i := range fed["x"].F32() {
		fed["x"].F32()[i] = float32(i%7) - 3
	}
	got, err := compile(t, Options{}, outputs).Run(context.Background(), fed, store)
	if err != nil {
		t.Fatal(err)
	}
	want, err := compile(t, Options{NoFuse: true}, outputs).Run(context.Background(), fed, store)
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		sameBits(t, "output", got[i], want[i])
	}
}
