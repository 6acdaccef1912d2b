package cpu

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
	"github.com/surprisal-go/surprisal/tensor"
)

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

// TestStepsSkipZeros has zeros of both signs among the operands, and products
// that underflow to zeros of both signs, so that chains hold +0 or −0 where a
// zero is skipped. There are more operands than a block holds, and chains that
// end in every block.
func TestStepsSkipZeros(t *testing.T) {
	const d, n = 3*blockOperands + 7, 50
	tiny, zero := float32(1e-30), float32(math.Copysign(0, -1))
	x, positions, degrees := tensor.New[float32](1, d), make([]int, d), make([]int, n)
	for i := range positions {
		positions[i] = i
		x.F32()[i] = []float32{0, tiny, zero, -tiny, 1}[(i+i/9)%5]
	}
	for i := range degrees {
		degrees[i] = 1 + i*d/n
	}
	for _, sorted := range []bool{true, false} {
		g := graph.New()
		in := g.Input("x", graph.F32, graph.Batch, d)
		m := &graph.Mask{In: make([]int, d), Out: slices.Clone(degrees)}
		for i := range m.In {
			m.In[i] = i + 1
		}
		if !sorted {
			slices.Reverse(m.Out)
		}
		out := graph.MaskedMatMul(in, g.Param("w", d, n), m)
		w := tensor.New[float32](d, n)
		for i := range w.F32() {
			w.F32()[i] = []float32{tiny, -tiny, 0, zero}[i*7%11%4]
		}
		store := &tensor.Store{}
		store.Set("w", w)
		for _, k := range kern.Impls() {
			t.Run(fmt.Sprintf("sorted=%v/kern=%s", sorted, k.Name), func(t *testing.T) {
				e := New(Options{Threads: 1, Impl: k})
				defer e.Close()
				sp, err := graph.CompileSteps(e, []*graph.Node{out}, in, positions)
				if err != nil {
					t.Fatal(err)
				}
				fed := graph.Feeds{"x": x}
				want, err := compile(t, Options{Impl: k}, []*graph.Node{out}).Run(context.Background(), fed, store)
				if err != nil {
					t.Fatal(err)
				}
				walk(t, sp, fed, store, want)
			})
		}
	}
}
