package cpu

import (
	"context"
	"fmt"
	"testing"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
	"github.com/surprisal-go/surprisal/tensor"
)

// TestPanels holds products of more rows than a chunk, whose operands workers
// share packed, to the plain product of the whole: the forward one, both
// gradients, and a weight updated by its gradient tile by tile.
func TestPanels(t *testing.T) {
	const rows, k, n = kern.ChunkRows + 700, 130, 70
	g := graph.New()
	x, w := g.Input("x", graph.F32, graph.Batch, k), g.Param("w", k, n)
	y := graph.MatMul(x, w)
	grads := graph.Grad(y.Mul(g.Input("dy", graph.F32, graph.Batch, n)).Sum(), x, w)
	fed := graph.Feeds{"x": madeFeeds(rows, k)["x"], "dy": madeFeeds(rows, n)["x"]}
	for i := range fed["x"].F32() {
		fed["x"].F32()[i] -= 0.7 / float32(1+i%11)
	}
	for i := range fed["dy"].F32() {
		fed["dy"].F32()[i] += 0.3 / float32(1+i%7)
	}
	weights := params(g)
	w0, _ := weights.Get("w")
	want := [4]tensor.Tensor{tensor.New[float32](rows, n), tensor.New[float32](rows, k), tensor.New[float32](k, n), tensor.New[float32](k, n)}
	var s kern.Scratch
	plain, xs, dys := kern.Impls()[0], fed["x"].F32(), fed["dy"].F32()
	plain.Gemm(rows, n, k, xs, k, 1, w0.F32(), n, 1, want[0].F32(), n, kern.GemmSet|kern.GemmEnd, &s)
	plain.Gemm(rows, k, n, dys, n, 1, w0.F32(), 1, n, want[1].F32(), k, kern.GemmSet|kern.GemmEnd, &s)
	plain.GemmChunked(k, n, rows, xs, 1, k, dys, n, 1, want[2].F32(), n, kern.Mask{}, &s)
	for i, d := range want[2].F32() {
		want[3].F32()[i] = w0.F32()[i] - float32(0.5*d)
	}
	for _, impl := range kern.Impls() {
		for threads := 1; threads <= 3; threads++ {
			for _, joined := range []bool{false, true} {
				e := New(Options{Threads: threads, Impl: impl})
				store := weights.Clone()
				outs := []*graph.Node{y, grads[0], grads[1]}
				if joined {
					outs = outs[:2]
				}
				p, err := e.Compile(outs, graph.Update{Param: w, Value: w.Sub(grads[1].MulScalar(0.5))})
				if err != nil {
					t.Fatal(err)
				}
				got, err := p.Run(context.Background(), fed, store)
				if err != nil {
					t.Fatal(err)
				}
				updated, _ := store.Get("w")
				for i, v := range append(got, updated) {
					if i == len(got) {
						i = 3
					}
					sameBits(t, fmt.Sprintf("%s, %d threads, joined %t: value %d", impl.Name, threads, joined, i), v, want[i])
				}
				e.Close()
			}
		}
	}
}
