package cpu

import (
	"context"
	"math"
	"testing"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
	"github.com/surprisal-go/surprisal/tensor"
)

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

// TestStepsJoinNoMoreThanTheyMay has chains, and their sums with a bias, that
// other operations read too or that are results, beside some that nothing else
// reads.
func TestStepsJoinNoMoreThanTheyMay(t *testing.T) {
	const d = 6
	degrees := []int{1, 2, 3, 4, 5, 6}
	g := graph.New()
	x := g.Input("x", graph.F32, graph.Batch, d)
	layer := func(x *graph.Node, w string) *graph.Node {
		return graph.MaskedMatMul(x, g.Param(w, d, d), &graph.Mask{In: degrees, Out: degrees})
	}
	b := g.Param("b1", d)
	chains := layer(x, "w1")
	sums := layer(chains.Add(b).Relu(), "w2").Add(b)
	both := layer(sums.Relu(), "w3").Add(layer(x, "w4"))
	twice := layer(both, "w5")
	pairs := graph.MaskedMatMul(x, g.Param("w7", d, d), &graph.Mask{In: degrees, Out: []int{2, 2, 4, 4, 6, 6}})
	late := pairs.Add(x.Take(1, []int{0, 5, 2, 3, 4, 5})) // of two chains that end together, one is added to later
	outputs := []*graph.Node{chains, sums, b.BroadcastTo(graph.Batch, d).Add(layer(x, "w6")).Relu(), both.Relu(), twice.Add(twice), twice.Add(b).Relu(), late}
	store := madeParams(g)
	p := compile(t, Options{}, outputs)
	for _, k := range kern.Impls() {
		e := New(Options{Impl: k})
		defer e.Close()
		sp, err := graph.CompileSteps(e, outputs, x, []int{0, 1, 2, 3, 4, 5})
		if err != nil {
			t.Fatal(err)
		}
		tiny, zero := math.Float32frombits(1), float32(math.Copysign(0, -1)) // products of tiny are zeros of either sign
		for _, row := range [][]float32{{1.7, -2.3, 0, 0.4, -0.1, 3}, {tiny, tiny, tiny, tiny, tiny, zero}, {-tiny, -tiny, -tiny, -tiny, -tiny, zero}} {
			fed := graph.Feeds{"x": tensor.Of(row, 1, d)}
			want, err := p.Run(context.Background(), fed, store)
			if err != nil {
				t.Fatal(err)
			}
			walk(t, sp, fed, store, want)
		}
	}
}

// TestStepsOfLongSpans has clusters that a tape runs on many elements at a time,
// whose chains end one by one and together.
func TestStepsOfLongSpans(t *testing.T) {
	const d = 40
	in, out, positions := make([]int, d), make([]int, d), make([]int, d)
	for i := range d { // 20 elements, 1, 19
		in[i] = min(i/20, 1) + min(i/21, 1)
		out[i], positions[i] = in[i], in[i]
	}
	g := graph.New()
	x, b := g.Input("x", graph.F32, graph.Batch, d), g.Param("b1", d)
	layer := func(x *graph.Node, w string) *graph.Node {
		return graph.MaskedMatMul(x, g.Param(w, d, d), &graph.Mask{In: in, Out: out})
	}
	y := layer(layer(x, "w1").Add(b).Relu(), "w2")
	first, second := make([]int, d), make([]int, d) // the first chain ends when all are added to
	first[0] = 20
	for i := range second {
		second[i] = 20
	}
	late := graph.MatMul(x.Take(1, first).Reshape(graph.Batch, d, 1), g.Param("w4", 1, 1)).Reshape(graph.Batch, d).Add(x.Take(1, second))
	outputs := []*graph.Node{y, y.Add(layer(x, "w3")).Add(b), x.Relu().Add(x), x.Add(g.Scalar(0.5)), late}
	store := madeParams(g)
	p := compile(t, Options{}, outputs)
	for _, k := range kern.Impls() {
		e := New(Options{Impl: k})
		defer e.Close()
		sp, err := graph.CompileSteps(e, outputs, x, positions)
		if err != nil {
			t.Fatal(err)
		}
		for _, batch := range []int{1, 8} {
			fed := graph.Feeds{"x": tensor.New[float32](batch, d)}
			for i := range fed["x"].F32() {
				fed["x"].F32()[i] = float32(i*i%11)/4 - 1
			}
			want, err := p.Run(context.Background(), fed, store)
			if err != nil {
				t.Fatal(err)
			}
			walk(t, sp, fed, store, want)
		}
	}
}
