package cpu

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
	"github.com/surprisal-go/surprisal/tensor"
)

// sameBits fails where two tensors differ; all NaNs are equal.
func sameBits(t *testing.T, what string, got, want tensor.Tensor) {
	t.Helper()
	g, w := got.Float64s(), want.Float64s()
	if len(g) != len(w) {
		t.Fatalf("%s: %d elements, want %d", what, len(g), len(w))
	}
	for i := range g {
		if math.Float64bits(g[i]) != math.Float64bits(w[i]) && !(math.IsNaN(g[i]) && math.IsNaN(w[i])) {
			t.Fatalf("%s: element %d is %g, want %g", what, i, g[i], w[i])
		}
	}
}

// roots picks outputs of a random graph and updates of all its parameters by
// the gradient of a loss.
func (gr *grower) roots() (outputs []*graph.Node, updates []graph.Update) {
	loss := gr.g.Scalar(0)
	n := len(gr.floats)
	for i := n - min(n, 8); i < n; i++ {
		x := gr.floats[i]
		outputs = append(outputs, x)
		loss = loss.Add(x.Tanh().Mean())
	}
	if len(gr.bools) > 0 {
		outputs = append(outputs, gr.bools[len(gr.bools)-1])
	}
	var ps []*graph.Node
	for _, p := range gr.g.Nodes() {
		if p.Op() == graph.OpParam {
			ps = append(ps, p)
		}
	}
	for i, d := range graph.Grad(loss, ps...) {
		p, m := ps[i], gr.g.Param("m."+ps[i].Attr().Name, ps[i].Shape()...)
		next := m.MulScalar(0.9).Add(d.MulScalar(0.1))
		small := next.Abs().Less(gr.g.Scalar(0x1p-100))
		next = graph.Where(small, gr.g.Scalar(0), next)
		updates = append(updates, graph.Update{Param: m, Value: next},
			graph.Update{Param: p, Value: p.Sub(next.Mul(gr.g.Scalar(0.01)).Div(next.Square().Sqrt().AddScalar(1e-3)))})
	}
	return append(outputs, loss), updates
}

type result struct {
	out   []tensor.Tensor
	store *tensor.Store
}

// run compiles and runs twice, so that the second run reads updated
// parameters and used buffers.
func run(t *testing.T, opts Options, g *graph.Graph, outputs []*graph.Node, updates []graph.Update, wild bool, batches ...int) []result {
	t.Helper()
	e := New(opts)
	defer e.Close()
	return runOn(t, e, g, outputs, updates, wild, batches...)
}

func runOn(t *testing.T, e *Executor, g *graph.Graph, outputs []*graph.Node, updates []graph.Update, wild bool, batches ...int) []result {
	t.Helper()
	p, err := e.Compile(outputs, updates...)
	if err != nil {
		t.Fatal(err)
	}
	store := params(g)
	var rs []result
	for _, b := range batches {
		out, err := p.Run(context.Background(), feeds(b, wild), store)
		if err != nil {
			t.Fatal(err)
		}
		r := result{store: store.Clone()}
		for _, o := range out {
			r.out = append(r.out, o.Clone())
		}
		rs = append(rs, r)
	}
	return rs
}

// TestBitsOfPasses runs random training graphs without any pass and compares
// every output and every updated parameter with fused plans on every set of
// kernels and several numbers of threads.
func TestBitsOfPasses(t *testing.T) {
	seeds := 60
	if testing.Short() {
		seeds = 10
	}
	batches := []int{7, 100, 1, 64, 7}
	nan, total := 0, 0
	for seed := range seeds {
		gr := growGraph(uint64(seed), 40, false)
		outputs, updates := gr.roots()
		want := run(t, Options{Threads: 1, NoFuse: true, Impl: kern.Impls()[0]}, gr.g, outputs, updates, false, batches...)
		for _, p := range want[len(want)-1].store.All() {
			for _, x := range p.F32() {
				total++
				if x != x {
					nan++
				}
			}
		}
		var all []Options
		for _, k := range kern.Impls() {
			all = append(all, Options{Threads: 1, Impl: k})
		}
		all = append(all, Options{Threads: 2}, Options{Threads: 4}, Options{Threads: 3, NoFuse: true})
		// Closed weights that are multiplied rather than skipped differ where
		// inputs are infinite, as some are here.
		if left := passNames[seed%len(passNames)].pass; left != passMask {
			all = append(all, Options{Threads: 2, without: left})
		}
		for _, opts := range all {
			got := run(t, opts, gr.g, outputs, updates, false, batches...)
			for i, r := range got {
				what := fmt.Sprintf("seed %d, threads %d, NoFuse %v, without %b, run %d of batch %d", seed, opts.Threads, opts.NoFuse, opts.without, i, batches[i])
				for j, o := range r.out {
					sameBits(t, fmt.Sprintf("%s: %s", what, outputs[j]), o, want[i].out[j])
				}
				for name, p := range r.store.All() {
					sameBits(t, what+": parameter "+name, p, want[i].store.Must(name))
				}
			}
		}
	}
	if nan*10 > total {
		t.Errorf("%d of %d parameters became NaN: the test shows little", nan, total)
	}
}

// rowPure reports whether the rows of n do not depend on one another.
func rowPure(n *graph.Node, known map[*graph.Node]bool) bool {
	if p, ok := known[n]; ok {
		return p
	}
	pure := n.Op() != graph.OpBatchSize
	for _, in := range n.Inputs() {
		pure = pure && rowPure(in, known) && (!graph.Batched(in.Shape()) || graph.Batched(n.Shape()))
	}
	known[n] = pure
	return pure
}

// TestBitsOfRows compares the rows of events in batches of all sizes.
func TestBitsOfRows(t *testing.T) {
	seeds := 60
	if testing.Short() {
		seeds = 10
	}
	checked := 0
	for seed := range seeds {
		gr := growGraph(uint64(seed), 40, seed%2 > 0)
		var outputs []*graph.Node
		known := map[*graph.Node]bool{}
		for _, n := range gr.floats {
			if graph.Batched(n.Shape()) && rowPure(n, known) {
				outputs = append(outputs, n)
			}
		}
		batches := []int{100, 64, 7, 6}
		rs := run(t, Options{Threads: 2}, gr.g, outputs, nil, seed%2 > 0, batches...)
		for i, r := range rs[1:] {
			for j, o := range r.out {
				all := rs[0].out[j]
				head := tensor.Of(all.F32()[:o.Size()], o.Shape...)
				sameBits(t, fmt.Sprintf("seed %d, batch %d of %s", seed, batches[i+1], outputs[j]), o, head)
				checked++
			}
		}
	}
	if checked < 100 {
		t.Fatalf("only %d outputs were compared", checked)
	}
}

// TestBitsOfBlocks runs broadcasts over rows that are longer than a block and
// do not end with one, and broadcasts that have to be written out.
func TestBitsOfBlocks(t *testing.T) {
	g := graph.New()
	x := g.Input("wide", graph.F32, graph.Batch, 1500)
	bias, column, u := g.Param("bias", 1500), x.Sum(1).Reshape(graph.Batch, 1), g.Param("u", 40)
	image := x.Reshape(graph.Batch, 3, 100, 5)
	rows, cols := u.BroadcastTo(40, 40), u.Reshape(40, 1).BroadcastTo(40, 40)
	outputs := []*graph.Node{
		x.Add(bias).Tanh().Mul(column),
		x.Slice(1, 0, maxBlock-1).Sub(g.Param("short", maxBlock-1)),
		graph.Where(x.Less(bias), column, g.Scalar(2)),
		image.Mul(g.Param("channel", 3, 1, 1)).Add(g.Param("last", 5)).Sub(image.Sum(2).Reshape(graph.Batch, 3, 1, 5)),
		graph.Concat(0, rows, cols, rows.Mul(cols)),
	}
	batches := []int{1, 7, 3}
	want := run(t, Options{Threads: 1, NoFuse: true, Impl: kern.Impls()[0]}, g, outputs, nil, false, batches...)
	got := run(t, Options{Threads: 2}, g, outputs, nil, false, batches...)
	for i := range got {
		for j, o := range got[i].out {
			sameBits(t, fmt.Sprintf("batch %d of %s", batches[i], outputs[j]), o, want[i].out[j])
		}
	}
}

// TestBitsOfSums holds the order of sums that several workers share.
func TestBitsOfSums(t *testing.T) {
	g := graph.New()
	x := g.Input("wide", graph.F32, graph.Batch, 1500)
	outputs := []*graph.Node{x.Sum(), x.Sum(0), x.Sum(1), x.Reshape(graph.Batch, 3, 500).Sum(0, 2)}
	for _, threads := range []int{1, 3} {
		for _, batch := range []int{1, 11} {
			r := run(t, Options{Threads: threads}, g, outputs, nil, false, batch)[0]
			v, k := feeds(batch, false)["wide"].F32(), kern.Default
			cols, rows, mixed := make([]float32, 1500), make([]float32, batch), make([]float32, 3)
			k.SumRows(cols, v, batch, 1500, 1500)
			thirds := make([]float32, 3*batch)
			for i := range rows {
				rows[i] = k.Sum(v[i*1500 : (i+1)*1500])
			}
			for i := range thirds {
				thirds[i] = k.Sum(v[i*500 : (i+1)*500])
			}
			k.SumRows(mixed, thirds, batch, 3, 3)
			for i, want := range [][]float32{{k.Sum(v)}, cols, rows, mixed} {
				sameBits(t, outputs[i].String(), r.out[i], tensor.Of(want, len(want)))
			}
		}
	}
}
