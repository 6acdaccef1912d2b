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

// TestMaskedRows holds that an event under a mask has the same bits alone and
// in a batch of any size, on any threads and kernels, even if it is infinite
// where weights are closed.
func TestMaskedRows(t *testing.T) {
	const k, n, most = 70, 150, 250
	m := &graph.Mask{In: make([]int, k), Out: make([]int, n)}
	for i := range m.In {
		m.In[i] = i
	}
	for j := range m.Out {
		m.Out[j] = j * k / n
	}
	g := graph.New()
	x, y, w := g.Input("x", graph.F32, graph.Batch, k), g.Input("y", graph.F32, graph.Batch, n), g.Param("w", k, n)
	outs := []*graph.Node{graph.MaskedMatMul(x, w, m), graph.Grad(graph.MaskedMatMul(x, w, m).Mul(y).Sum(), x)[0]}
	store := params(g)
	rows := func(lo, hi int) graph.Feeds {
		xs, ys := tensor.New[float32](hi-lo, k), tensor.New[float32](hi-lo, n)
		for r := range hi - lo {
			for i := range k {
				xs.F32()[r*k+i] = float32(math.Sin(float64((lo+r)*k + i)))
			}
			for j := range n {
				ys.F32()[r*n+j] = float32(math.Cos(float64((lo+r)*n + j)))
			}
			xs.F32()[r*k+(lo+r)%k] = float32(math.Inf(1))
			ys.F32()[r*n+(lo+r)%n] = float32(math.Inf(-1))
		}
		return graph.Feeds{"x": xs, "y": ys}
	}
	run := func(o Options, fed graph.Feeds) [2][]float32 {
		e := New(o)
		defer e.Close()
		p, err := e.Compile(outs)
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.Run(context.Background(), fed, store)
		if err != nil {
			t.Fatal(err)
		}
		return [2][]float32{slices.Clone(got[0].F32()), slices.Clone(got[1].F32())}
	}
	want := run(Options{Threads: 1, Impl: kern.Impls()[0]}, rows(0, most))
	for _, impl := range kern.Impls() {
		for threads := 1; threads <= 3; threads++ {
			for _, size := range []int{1, 7, 30, most} {
				lo := (most - size) / 2
				got := run(Options{Threads: threads, Impl: impl}, rows(lo, lo+size))
				for i, width := range []int{n, k} {
					sameFloats(t, fmt.Sprintf("kernels %s, %d threads, batch %d: product %d", impl.Name, threads, size, i), got[i], want[i][lo*width:][:size*width])
				}
			}
		}
	}
}

func sameFloats(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for i, v := range got {
		if math.Float32bits(v) != math.Float32bits(want[i]) && (v == v || want[i] == want[i]) {
			t.Fatalf("%s: element %d is %g, want %g", what, i, v, want[i])
		}
	}
}
