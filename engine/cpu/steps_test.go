package cpu

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
	"github.com/surprisal-go/surprisal/tensor"
)

// values picks the elements of one position from an input.
func values(x tensor.Tensor, elements []int) tensor.Tensor {
	batch := x.Shape[0]
	row := x.Size() / batch
	switch d := x.Data.(type) {
	case []int32:
		return tensor.Of(pick(d, batch, row, elements), batch, len(elements))
	default:
		return tensor.Of(pick(x.F32(), batch, row, elements), batch, len(elements))
	}
}

func pick[T any](x []T, batch, row int, elements []int) []T {
	var out []T
	for r := range batch {
		for _, e := range elements {
			out = append(out, x[r*row+e])
		}
	}
	return out
}

// walk runs a step plan over an input and compares every output, as soon as it
// is known, with the whole pass.
func walk(t *testing.T, sp graph.StepPlan, fed graph.Feeds, store *tensor.Store, want []tensor.Tensor) {
	t.Helper()
	p := sp.(*stepPlan)
	x := fed[p.input.Attr().Name]
	others := graph.Feeds{}
	for name, v := range fed {
		if name != p.input.Attr().Name {
			others[name] = v
		}
	}
	batch := x.Shape[0]
	got, err := sp.Reset(context.Background(), batch, others, store)
	if err != nil {
		t.Fatal(err)
	}
	for level := 0; ; level++ {
		for i, r := range p.results {
			g, w := got[i].Float64s(), want[i].Float64s()
			for l := range level + 1 {
				for _, s := range r.spans.at(l) {
					for e := int(s.lo); e < int(s.hi); e++ {
						for row := range batch {
							a, b := g[row*r.n+e], w[row*r.n+e]
							if math.Float64bits(a) != math.Float64bits(b) && !(math.IsNaN(a) && math.IsNaN(b)) {
								t.Fatalf("batch %d, after %d steps: output %d, event %d, element %d of level %d is %g, want %g", batch, level, i, row, e, l, a, b)
							}
						}
					}
				}
			}
		}
		if level == len(p.elements) {
			return
		}
		if err := sp.Step(context.Background(), values(x, p.elements[level])); err != nil {
			t.Fatal(err)
		}
	}
}

// TestStepsOfRandomGraphs compares steps with the whole pass for every value of
// random graphs that can run in steps, with and without passes.
func TestStepsOfRandomGraphs(t *testing.T) {
	seeds := uint64(300)
	if testing.Short() {
		seeds = 80
	}
	ran := map[graph.Op]int{} // that depend on the input
	for seed := range seeds {
		r := rand.New(rand.NewPCG(seed, 9))
		gr := growGraph(seed, 40, false)
		e := New(Options{Threads: 1, Impl: kern.Impls()[seed%uint64(len(kern.Impls()))], NoFuse: seed%5 == 0})
		input := []*graph.Node{gr.g.Input("x", graph.F32, graph.Batch, 6), gr.g.Input("y", graph.F32, graph.Batch, 2, 3), gr.g.Input("one", graph.F32, graph.Batch, 1), gr.codes}[r.IntN(4)]
		positions := randomPositions(r, graph.RowSize(input.Shape()))
		var outputs []*graph.Node
		for _, n := range gr.floats {
			if _, err := graph.CompileSteps(e, []*graph.Node{n}, input, positions); err == nil {
				outputs = append(outputs, n)
			}
		}
		p, err := e.Compile(outputs)
		if err != nil {
			t.Fatal(err)
		}
		sp, err := graph.CompileSteps(e, outputs, input, positions)
		if err != nil {
			t.Fatal(err)
		}
		depends := map[*graph.Node]bool{input: true}
		for _, v := range graph.Reachable(outputs...) {
			if slices.ContainsFunc(v.Inputs(), func(in *graph.Node) bool { return depends[in] }) {
				depends[v] = true
				ran[v.Op()]++
			}
		}
		store := params(gr.g)
		for _, batch := range []int{1, 5, 16, 3} {
			fed := feeds(batch, false)
			want, err := p.Run(context.Background(), fed, store)
			if err != nil {
				t.Fatal(err)
			}
			t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) { walk(t, sp, fed, store, want) })
		}
		e.Close()
	}
	for _, op := range []graph.Op{graph.OpMatMul, graph.OpSum, graph.OpReduceMax, graph.OpSoftmax, graph.OpLogSumExp, graph.OpGather,
		graph.OpOneHot, graph.OpTranspose, graph.OpSlice, graph.OpPad, graph.OpConcat, graph.OpTake, graph.OpWhere, graph.OpBroadcast, graph.OpLayerNorm, graph.OpAttention, graph.OpConv} {
		if ran[op] == 0 {
			t.Errorf("no step of a random graph had %s", op)
		}
	}
}

// randomPositions gives n elements positions without gaps, ascending or not.
func randomPositions(r *rand.Rand, n int) []int {
	top := 1 + r.IntN(n)
	out := r.Perm(n)
	for i, p := range out {
		out[i] = p % top
	}
	if r.IntN(2) == 0 {
		slices.Sort(out)
	}
	return out
}

// madeLogits is a MADE of two hidden layers with direct connections.
func madeLogits(d, h int) (logits, x *graph.Node, g *graph.Graph) {
	g = graph.New()
	in, hid := make([]int, d), make([]int, h)
	for i := range in {
		in[i] = i + 1
	}
	for i := range hid {
		hid[i] = 1 + i*(d-1)/h
	}
	x = g.Input("x", graph.F32, graph.Batch, d)
	a := graph.MaskedMatMul(x, g.Param("w1", d, h), &graph.Mask{In: in, Out: hid}).Add(g.Param("b1", h)).Relu()
	a = graph.MaskedMatMul(a, g.Param("w2", h, h), &graph.Mask{In: hid, Out: hid}).Add(g.Param("b2", h)).Tanh()
	out := &graph.Mask{In: hid, Out: in, Strict: true}
	direct := &graph.Mask{In: in, Out: in, Strict: true}
	logits = graph.MaskedMatMul(a, g.Param("w3", h, d), out).Add(g.Param("b3", d)).Add(graph.MaskedMatMul(x, g.Param("a", d, d), direct))
	return logits, x, g
}

// TestStepsOfMADE walks a MADE at batches around the lanes, and holds that
// output i is known as soon as the inputs before it are.
func TestStepsOfMADE(t *testing.T) {
	const d, h = 150, 70
	logits, x, g := madeLogits(d, h)
	store := madeParams(g)
	positions := make([]int, d)
	for i := range positions {
		positions[i] = i
	}
	for _, k := range kern.Impls() {
		for _, threads := range []int{1, 3} {
			e := New(Options{Threads: threads, Impl: k})
			sp, err := graph.CompileSteps(e, []*graph.Node{logits}, x, positions)
			if err != nil {
				t.Fatal(err)
			}
			if known := sp.Known(0); !slices.Equal(known, positions) {
				t.Fatalf("the outputs are known after %v steps", known)
			}
			p := compile(t, Options{Threads: threads, Impl: k}, []*graph.Node{logits})
			for _, batch := range []int{1, 2, 7, 8, 9, 33, 130, 1} {
				fed := graph.Feeds{"x": madeFeeds(batch, d)["x"]}
				for i := range fed["x"].F32() { // more than bits
					if i%3 == 0 {
						fed["x"].F32()[i] *= 0.37
					}
				}
				want, err := p.Run(context.Background(), fed, store)
				if err != nil {
					t.Fatal(err)
				}
				walk(t, sp, fed, store, want)
			}
			e.Close()
		}
	}
}

// TestStepsOfSingleElements has clusters of operations that are cheap by hand,
// on elements that become known one by one.
func TestStepsOfSingleElements(t *testing.T) {
	g := graph.New()
	x, b := g.Input("x", graph.F32, graph.Batch, 5), g.Param("b1", 5)
	half := g.Scalar(0.5)
	y := half.Sub(x).Mul(x.Sub(half)).Add(b).Relu()
	outputs := []*graph.Node{y, half.Div(x.Square().Neg().Sub(b)), x.Abs().Floor().Max(b).Min(y).Recip(), x.Sign().Mul(y)}
	store := madeParams(g)
	p := compile(t, Options{}, outputs)
	e := New(Options{})
	defer e.Close()
	sp, err := graph.CompileSteps(e, outputs, x, []int{0, 1, 2, 3, 4})
	if err != nil {
		t.Fatal(err)
	}
	fed := graph.Feeds{"x": tensor.Of([]float32{1.7, -2.3, 0, 0.4, float32(math.NaN())}, 1, 5)}
	want, err := p.Run(context.Background(), fed, store)
	if err != nil {
		t.Fatal(err)
	}
	walk(t, sp, fed, store, want)
}

// TestStepsOfManyOperands continues chains by enough operands at a time to be a
// product.
func TestStepsOfManyOperands(t *testing.T) {
	const d = 45
	g := graph.New()
	x := g.Input("x", graph.F32, graph.Batch, d)
	out := graph.MatMul(x, g.Param("w1", d, 20))
	store := madeParams(g)
	positions := make([]int, d)
	for i := range positions {
		positions[i] = i / 10
	}
	p := compile(t, Options{}, []*graph.Node{out})
	e := New(Options{})
	defer e.Close()
	sp, err := graph.CompileSteps(e, []*graph.Node{out}, x, positions)
	if err != nil {
		t.Fatal(err)
	}
	for _, batch := range []int{1, 11} {
		fed := graph.Feeds{"x": tensor.New[float32](batch, d)}
		for i := range fed["x"].F32() {
			fed["x"].F32()[i] = float32(i%7) / 3
		}
		want, err := p.Run(context.Background(), fed, store)
		if err != nil {
			t.Fatal(err)
		}
		walk(t, sp, fed, store, want)
	}
}

// transformer is a causal one of two blocks, whose position t sees symbols 0 … t.
func transformer(t, width, heads int) (out, in *graph.Node, g *graph.Graph) {
	g = graph.New()
	in = g.Input("x", graph.I32, graph.Batch, t)
	x := graph.Gather(g.Param("table", 5, width), in).Add(g.Param("places", t, width))
	norm := func(x *graph.Node, name string) *graph.Node {
		return graph.LayerNorm(x, g.Param("gain"+name, width), g.Param("bias"+name, width), 1e-5)
	}
	for i := range 2 {
		name := fmt.Sprint(i)
		qkv := graph.MatMul(norm(x, name), g.Param("qkv"+name, width, 3*width)).Reshape(graph.Batch, t, 3, heads, width/heads)
		x = x.Add(graph.MatMul(graph.Attention(qkv, 0.3, true).Reshape(graph.Batch, t, width), g.Param("out"+name, width, width)))
		h := graph.MatMul(norm(x, name+"h"), g.Param("up"+name, width, 2*width)).Relu()
		x = x.Add(graph.MatMul(h, g.Param("down"+name, 2*width, width)))
	}
	return graph.MatMulT(x, g.Param("table", 5, width)).LogSumExp(-1), in, g
}

// TestStepsOfTransformer walks a causal transformer, whose positions must
// become known one by one.
func TestStepsOfTransformer(t *testing.T) {
	const length = 37
	out, in, g := transformer(length, 24, 3)
	store := params(g)
	positions := make([]int, length)
	for i := range positions {
		positions[i] = i
	}
	for _, k := range kern.Impls() {
		e := New(Options{Threads: 2, Impl: k})
		sp, err := graph.CompileSteps(e, []*graph.Node{out}, in, positions)
		if err != nil {
			t.Fatal(err)
		}
		for i, known := range sp.Known(0) {
			if known != i+1 {
				t.Fatalf("position %d is known after %d steps", i, known)
			}
		}
		p := compile(t, Options{Threads: 2, Impl: k}, []*graph.Node{out})
		for _, batch := range []int{1, 3, 9, 2} {
			r := rand.New(rand.NewPCG(uint64(batch), 5))
			codes := tensor.New[int32](batch, length)
			for i := range codes.Data.([]int32) {
				codes.Data.([]int32)[i] = r.Int32N(5)
			}
			fed := graph.Feeds{"x": codes}
			want, err := p.Run(context.Background(), fed, store)
			if err != nil {
				t.Fatal(err)
			}
			walk(t, sp, fed, store, want)
		}
		codes := tensor.Of([]int32{5}, 1, 1)
		if _, err := sp.Reset(context.Background(), 1, nil, store); err != nil {
			t.Fatal(err)
		}
		if err := sp.Step(context.Background(), codes); err == nil || !strings.Contains(err.Error(), "code 5 is outside the table of 5 rows") {
			t.Errorf("a code outside the table gives error %v", err)
		}
		e.Close()
	}
}

// TestStepsOfPixelCNN walks masked convolutions over images of two colours. An
// element must be known as soon as the colours before it are.
func TestStepsOfPixelCNN(t *testing.T) {
	const rows, cols, colours, hidden = 5, 6, 2, 12
	g := graph.New()
	x := g.Input("x", graph.F32, graph.Batch, rows, cols, colours)
	channels := func(n int) []int {
		degrees := make([]int, n)
		for i := range degrees {
			degrees[i] = i * colours / n
		}
		return degrees
	}
	layer := func(y *graph.Node, name string, in, out, groups int, strict bool) *graph.Node {
		c := graph.Conv{Padding: graph.Padding{Top: 1, Bottom: 1, Left: 1, Right: 1}, Groups: groups}
		if groups == 1 {
			c.Taps = graph.CausalTaps(3, 3, &graph.Mask{In: channels(in), Out: channels(out), Strict: strict})
		} else { // a colour each
			c.Taps = graph.CausalTaps(3, 3, &graph.Mask{In: make([]int, in/groups), Out: make([]int, out)})
		}
		return graph.Conv2D(y, g.Param("w"+name, 3, 3, in/groups, out), c).Add(g.Param("b"+name, out))
	}
	y := layer(x, "1", colours, hidden, 1, true).Relu()
	y = y.Add(layer(y, "2", hidden, hidden, 1, false).Tanh())
	y = layer(y, "3", hidden, hidden, 2, false).Relu()
	y = layer(y, "4", hidden, colours, 1, false)
	store := params(g)
	positions := make([]int, rows*cols*colours)
	for i := range positions {
		positions[i] = i
	}
	for _, k := range kern.Impls() {
		e := New(Options{Threads: 2, Impl: k})
		sp, err := graph.CompileSteps(e, []*graph.Node{y}, x, positions)
		if err != nil {
			t.Fatal(err)
		}
		for i, known := range sp.Known(0) { // sooner, where no window reaches the pixel before
			if known > i {
				t.Fatalf("element %d is known after %d steps", i, known)
			}
		}
		p := compile(t, Options{Threads: 2, Impl: k}, []*graph.Node{y})
		for _, batch := range []int{1, 4, 17} {
			fed := graph.Feeds{"x": tensor.New[float32](batch, rows, cols, colours)}
			for i := range fed["x"].F32() {
				fed["x"].F32()[i] = float32(i*i%11)/4 - 1
			}
			want, err := p.Run(context.Background(), fed, store)
			if err != nil {
				t.Fatal(err)
			}
			walk(t, sp, fed, store, want)
		}
		e.Close()
	}
}

// TestStepsAllocateNothing holds it for resets and steps of a batch size that
// has been seen.
func TestStepsAllocateNothing(t *testing.T) {
	logits, x, g := madeLogits(40, 30)
	store := madeParams(g)
	positions := make([]int, 40)
	for i := range positions {
		positions[i] = i
	}
	for _, batch := range []int{1, 10} {
		e := New(Options{Threads: 1})
		sp, err := graph.CompileSteps(e, []*graph.Node{logits}, x, positions)
		if err != nil {
			t.Fatal(err)
		}
		v := tensor.New[float32](batch, 1)
		once := func() {
			if _, err := sp.Reset(context.Background(), batch, nil, store); err != nil {
				t.Fatal(err)
			}
			for range 40 {
				if err := sp.Step(context.Background(), v); err != nil {
					t.Fatal(err)
				}
			}
		}
		once()
		if n := SteadyAllocs(once); n != 0 {
			t.Errorf("batch %d: %v allocations an event", batch, n)
		}
		e.Close()
	}
}

// TestStepsRefuse holds the errors.
func TestStepsRefuse(t *testing.T) {
	e := New(Options{Threads: 1})
	defer e.Close()
	g := graph.New()
	x, c := g.Input("x", graph.F32, graph.Batch, 2), g.Input("c", graph.F32, graph.Batch, 2)
	square := graph.Outer(x, x)
	for want, f := range map[string]func() error{
		"outer f32(2, 2)": func() error {
			return second(graph.CompileSteps(e, []*graph.Node{graph.MatMul(x, square)}, x, []int{0, 1}))
		},
		"no element of input \"x\" has position 1": func() error { return second(graph.CompileSteps(e, []*graph.Node{x}, x, []int{0, 2})) },
		"1 positions":            func() error { return second(graph.CompileSteps(e, []*graph.Node{x}, x, []int{0})) },
		"want a batched input":   func() error { return second(graph.CompileSteps(e, []*graph.Node{x}, x.Neg(), []int{0, 1})) },
		"with a batch axis":      func() error { return second(graph.CompileSteps(e, []*graph.Node{x.Sum()}, x, []int{0, 1})) },
		"input \"c\" is not fed": func() error { return second(steps(t, e, x.Add(c), x).Reset(context.Background(), 2, nil, nil)) },
		"steps of 3 events are fed inputs of 2": func() error {
			return second(steps(t, e, x.Add(c), x).Reset(context.Background(), 3, graph.Feeds{"c": tensor.New[float32](2, 2)}, nil))
		},
		"want f32 (2, 1)": func() error {
			p := steps(t, e, x.Neg(), x)
			if _, err := p.Reset(context.Background(), 2, nil, nil); err != nil {
				return err
			}
			return p.Step(context.Background(), tensor.New[float32](2, 2))
		},
		"it has 2 positions": func() error {
			p := steps(t, e, x.Neg(), x)
			if _, err := p.Reset(context.Background(), 1, nil, nil); err != nil {
				return err
			}
			for range 2 {
				if err := p.Step(context.Background(), tensor.New[float32](1, 1)); err != nil {
					return fmt.Errorf("too early: %w", err)
				}
			}
			return p.Step(context.Background(), tensor.New[float32](1, 1))
		},
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "too early") {
			t.Errorf("got error %v, want one that says %q", err, want)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func steps(t *testing.T, e *Executor, out, in *graph.Node) graph.StepPlan {
	t.Helper()
	p, err := graph.CompileSteps(e, []*graph.Node{out}, in, []int{0, 1})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// BenchmarkSteps is the work of one pass of a MADE 784-500-784, in 784 steps.
func BenchmarkSteps(b *testing.B) {
	g := graph.New()
	const d, h = 784, 500
	in, hid := make([]int, d), make([]int, h)
	positions := make([]int, d)
	for i := range in {
		in[i], positions[i] = i+1, i
	}
	for i := range hid {
		hid[i] = 1 + i*(d-1)/h
	}
	x := g.Input("x", graph.F32, graph.Batch, d)
	a := graph.MaskedMatMul(x, g.Param("w1", d, h), &graph.Mask{In: in, Out: hid}).Add(g.Param("b1", h)).Relu()
	logits := graph.MaskedMatMul(a, g.Param("w2", h, d), &graph.Mask{In: hid, Out: in, Strict: true}).Add(g.Param("b2", d))
	store := madeParams(g)
	for _, batch := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("batch=%d", batch), func(b *testing.B) {
			e := New(Options{Threads: 1})
			defer e.Close()
			p, err := graph.CompileSteps(e, []*graph.Node{logits}, x, positions)
			if err != nil {
				b.Fatal(err)
			}
			v := tensor.New[float32](batch, 1)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Reset(context.Background(), batch, nil, store); err != nil {
					b.Fatal(err)
				}
				for range d {
					if err := p.Step(context.Background(), v); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N*batch)*1e6, "µs/event")
		})
	}
}
