package cpu

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/surprisal-go/surprisal/engine/ref"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// near fails where a float32 result is further from the oracle than tol,
// relative to 1 + |want|.
func near(t *testing.T, what string, got, want tensor.Tensor, tol float64) {
	t.Helper()
	g, w := got.Float64s(), want.Float64s()
	if len(g) != len(w) || fmt.Sprint(got.Shape) != fmt.Sprint(want.Shape) {
		t.Fatalf("%s: shape %v, want %v", what, got.Shape, want.Shape)
	}
	for i := range g {
		same := g[i] == w[i] || math.IsNaN(g[i]) && math.IsNaN(w[i])
		if !same && !(math.Abs(g[i]-w[i]) <= tol*(1+math.Abs(w[i]))) {
			t.Fatalf("%s: element %d is %g, the oracle says %g", what, i, g[i], w[i])
		}
	}
}

// TestOperations compares every operation with the oracle. Random graphs would
// not do: a comparison near a tie makes any difference in rounding a large one.
func TestOperations(t *testing.T) {
	g := graph.New()
	in := func(name string, d graph.DType, shape ...int) *graph.Node { return g.Input(name, d, shape...) }
	x, y, one := in("x", graph.F32, graph.Batch, 6), in("y", graph.F32, graph.Batch, 2, 3), in("one", graph.F32, graph.Batch, 1)
	codes, ids, key := in("codes", graph.I32, graph.Batch), in("ids", graph.U32, graph.Batch, 2), in("key", graph.U32, 2)
	b, c, w, table := g.Param("b", 6), g.Param("c", 3), g.Param("w", 6, 5), g.Param("table", 4, 6)
	pos := x.Square().AddScalar(0.1)
	ties := y.Floor()
	sorted := &graph.Mask{In: []int{0, 1, 1, 2, 4, 5}, Out: []int{0, 1, 2, 4, 4}}
	mixed := &graph.Mask{In: []int{3, 1, 0, 2, 4, 1}, Out: []int{2, 1, 5, 4, 0}, Strict: true}
	q := g.Param("q4", 2, 3, 2, 4)
	qkv := g.Input("wide", graph.F32, graph.Batch, 1500).Slice(1, 0, 5*3*2*3).Reshape(graph.Batch, 5, 3, 2, 3)
	cases := []*graph.Node{
		x, b, x.Neg(), x.Abs(), x.Sign(), x.Floor(), pos.Sqrt(), pos.Recip(), x.Exp(), x.Expm1(), pos.Log(), pos.Log1p(),
		x.Tanh(), x.Sigmoid(), x.Softplus(), x.Erf(), x.Sin(), x.Cos(), x.Relu(), x.Square(), x.StopGradient(),
		codes.ToFloat(), ids.ToFloat(), x.Less(b).ToFloat(), x.Less(b).Not(), codes, ids,
		x.Add(b), b.Sub(x), x.Mul(one), x.Div(pos), x.Max(one), x.Min(b), x.AddScalar(2), g.Scalar(2).Sub(x), g.Scalar(2).Div(pos),
		ties.Equal(g.Scalar(0)), ties.NotEqual(g.Scalar(1)), ties.LessEq(g.Scalar(1)), x.Less(b).And(one.Less(x)), x.Less(b).Or(one.Less(x)),
		graph.Where(x.Less(b), one, g.Scalar(3)), graph.Where(one.Less(x), x, b),
		y.Add(c), y.Mul(g.Param("d", 2, 1)), x.Reshape(graph.Batch, 3, 2).Mul(one.Reshape(graph.Batch, 1, 1)),
		c.BroadcastTo(graph.Batch, 2, 3), one.BroadcastTo(graph.Batch, 6).Sum(0), g.Scalar(3).BroadcastTo(graph.Batch, 2),
		y.Transpose(0, 2, 1), w.Transpose(1, 0), g.Param("q", 2, 3, 4).Transpose(2, 0, 1),
		x.Slice(1, 2, 5), y.Slice(1, 1, 2), y.Pad(1, 1, 2), y.Pad(2, 2, 0), graph.Concat(1, x, one, x), graph.Concat(2, y, y.Neg()),
		x.Take(1, []int{5, 0, 0, 3}), y.Take(1, []int{1, 1, 0}), x.PutAdd(1, []int{0, 2, 2, 7, 1, 0}, 9), y.PutAdd(1, []int{2, 2}, 3),
		codes.OneHot(3), graph.Gather(table, codes), graph.ScatterRows(x, codes, 4),
		y.Sum(), y.Sum(0), y.Sum(1), y.Sum(2), y.Sum(0, 2), y.Sum(1, 2), y.Sum(0, 1), x.Mean(), x.Mean(1),
		y.ReduceMax(), y.ReduceMax(0), y.ReduceMax(1), y.ReduceMax(0, 2), g.Param("q", 2, 3, 4).Sum(0, 2), g.Param("q", 2, 3, 4).ReduceMax(0, 2),
		graph.MatMul(x, w), graph.MatMulT(x, g.Param("wt", 7, 6)), graph.MatMul(y, g.Param("v", 3, 4)), graph.Outer(x, y.Reshape(graph.Batch, 6)),
		graph.MaskedMatMul(x, w, sorted), graph.MaskedMatMul(x, w, mixed), graph.Outer(y, y.Exp()),
		y.LogSumExp(2), y.LogSumExp(1), y.Softmax(2), y.Softmax(1), x.LogSoftmax(1), g.Scalar(math.Inf(-1)).BroadcastTo(graph.Batch, 4).LogSumExp(1),
		q.Sum(0, 1, 3), q.Sum(0, 2), q.Sum(1, 3), q.ReduceMax(0, 1, 3), q.Softmax(1), q.Softmax(0), q.LogSumExp(1), q.Transpose(0, 2, 3, 1),
		graph.LayerNorm(x, b, b.Exp(), 0.1), graph.LayerNorm(x, b, b.Exp(), 0.2), graph.LayerNorm(q, g.Param("d4", 4), g.Param("e4", 4), 1e-5),
		graph.BatchMatMul(y, y, false, true), graph.BatchMatMul(y, y, true, false), graph.BatchMatMul(q, q.Exp(), true, false),
		graph.BatchMatMul(y, y.Transpose(0, 2, 1), false, false), graph.BatchMatMul(y.Transpose(0, 2, 1), y, true, true),
		graph.Attention(qkv, 0.5, true), graph.Attention(qkv, 0.5, false), graph.Attention(qkv, 0.25, true), graph.Attention(g.Param("sequence", 4, 3, 2, 2), 1, true),
		// Pairs that differ in one attribute only, and operations that may or may not be skipped.
		x.Take(1, []int{5, 0, 0, 2}), x.Slice(1, 1, 4), x.Pad(1, 1, 2), x.Pad(1, 2, 1), x.PutAdd(1, []int{0, 2, 2, 7, 1, 1}, 9),
		x.Sub(g.Scalar(0)), x.Sub(g.Scalar(1)), x.MulScalar(1), x.Mul(one.Sign()), x.Div(g.Scalar(1)), x.Div(g.Scalar(-1)), x.AddScalar(0),
		graph.Uniform(key, ids, 9, 5), graph.Uniform(key, ids, 1, 5), graph.Normal(key, ids, 2, 7), g.BatchSize(),
	}
	for _, m := range []*graph.Mask{sorted, mixed} {
		cases = append(cases, graph.Grad(graph.MaskedMatMul(x, w, m).Sin().Sum(), x, w)...)
	}
	ln := graph.LayerNorm(x, b, b.Exp(), 0.1)
	cases = append(cases, graph.Grad(ln.Sin().Sum(), x, b)...)
	cases = append(cases, graph.Grad(graph.Attention(qkv, 0.5, true).Sin().Sum().Add(graph.Attention(qkv, 0.25, false).Sin().Sum()), qkv)...)
	image, window := x.Reshape(graph.Batch, 3, 2, 1), g.Param("window", 2, 2, 1, 3)
	for _, c := range []graph.Conv{{}, {Padding: graph.Padding{Top: 1}}, {Padding: graph.Padding{Left: 1}}, {Padding: graph.Padding{Top: 2, Bottom: 1}}, {Padding: graph.Padding{Top: 1, Bottom: 2}}, {Taps: []graph.Tap{{Closed: true}, {}, {}, {}}}, {Taps: []graph.Tap{{}, {Closed: true}, {}, {}}}} {
		y := graph.Conv2D(image, window, c)
		cases = append(cases, y)
		cases = append(cases, graph.Grad(y.Sin().Sum(), image, window)...)
	}
	seen := map[graph.Op]bool{}
	for _, n := range graph.Reachable(cases...) {
		seen[n.Op()] = true
	}
	for op := range graph.NumOps {
		if !seen[op] {
			t.Errorf("operation %s has no case", op)
		}
	}
	for _, batch := range []int{1, 7} {
		fed, store := feeds(batch, false), params(g)
		oracle, err := ref.New().Compile(cases)
		if err != nil {
			t.Fatal(err)
		}
		want, err := oracle.Run(context.Background(), fed, store)
		if err != nil {
			t.Fatal(err)
		}
		for _, noFuse := range []bool{false, true} {
			e := New(Options{Threads: 2, NoFuse: noFuse})
			p, err := e.Compile(cases)
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.Run(context.Background(), fed, store)
			if err != nil {
				t.Fatal(err)
			}
			for i, n := range cases {
				near(t, fmt.Sprintf("batch %d, NoFuse %v: %s", batch, noFuse, n), got[i], want[i], 3e-6)
			}
			e.Close()
		}
	}
}

// TestStairs compares products under degree masks wide enough for many tiles
// with the oracle.
func TestStairs(t *testing.T) {
	g := graph.New()
	const k, n = 150, 330
	m := &graph.Mask{In: make([]int, k), Out: make([]int, n), Strict: true}
	for i := range m.In {
		m.In[i] = i / 2
	}
	for j := range m.Out {
		m.Out[j] = j / 5
	}
	x, w := g.Input("x", graph.F32, graph.Batch, k), g.Param("w", k, n)
	y := graph.MaskedMatMul(x, w, m)
	outs := append([]*graph.Node{y}, graph.Grad(y.Square().Sum(), x, w)...)
	fed, store := madeFeeds(9, k), params(g)
	oracle, err := ref.New().Compile(outs)
	if err != nil {
		t.Fatal(err)
	}
	want, err := oracle.Run(context.Background(), fed, store)
	if err != nil {
		t.Fatal(err)
	}
	e := New(Options{Threads: 2})
	defer e.Close()
	p, err := e.Compile(outs)
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Run(context.Background(), fed, store)
	if err != nil {
		t.Fatal(err)
	}
	for i := range outs {
		near(t, outs[i].String(), got[i], want[i], 2e-5)
	}
	for i := range k {
		for j := range n {
			if got[2].F32()[i*n+j] != 0 && !m.Open(i, j) {
				t.Fatalf("gradient of closed weight %d, %d is %g", i, j, got[2].F32()[i*n+j])
			}
		}
	}
}
