package cpu

import (
	"context"
	"fmt"
	"testing"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// TestOuterTiles holds that a gradient and its update have the bits of operations
// that run one by one, whether it is cut in rows or columns, by one worker or
// several, masked or not.
func TestOuterTiles(t *testing.T) {
	for _, s := range []struct {
		k, n, rows int
		columns    bool
	}{
		{70, 60, 9, false}, {70, 150, 9, false}, // wide, but of few rows
		{20, 60, 9, true}, {1, 17, 3, true}, {20, 3, 1, true}, {20, 60, 0, true}, // too few rows to share
		{50, 101, manyOuterRows, true}, {50, 101, manyOuterRows - 1, false}, {50, 99, manyOuterRows, false},
		{70, 60, 4200, false}, {50, 101, 4200, true}, // several chunks
	} {
		for _, masked := range []bool{false, true} {
			t.Run(fmt.Sprintf("%dx%d/rows=%d/masked=%t", s.k, s.n, s.rows, masked), func(t *testing.T) {
				if got := (&outer{k: s.k, n: s.n, update: &program{}}).wide(2, s.rows); got != s.columns {
					t.Errorf("cut by columns: %t, want %t", got, s.columns)
				}
				g := graph.New()
				x, y := g.Input("x", graph.F32, graph.Batch, s.k), g.Input("y", graph.F32, graph.Batch, s.n)
				w := g.Param("w", s.k, s.n)
				product := graph.MatMul(x, w)
				if masked {
					product = graph.MaskedMatMul(x, w, stairsOf(s.k, s.n))
				}
				d := graph.Grad(product.Mul(y).Sum(), w)[0]
				updates := []graph.Update{{Param: w, Value: w.Sub(d.MulScalar(0.1))}}
				fed := graph.Feeds{"x": ramp(s.rows, s.k), "y": ramp(s.rows, s.n)}
				var stores []*tensor.Store
				for _, opts := range []Options{{NoFuse: true}, {Threads: 1}, {Threads: 2}, {Threads: 3}, {Threads: 2, without: passJoin}} {
					p, store := compile(t, opts, nil, updates...), params(g)
					for range 2 {
						if _, err := p.Run(context.Background(), fed, store); err != nil {
							t.Fatal(err)
						}
					}
					stores = append(stores, store)
					sameBits(t, fmt.Sprintf("%+v", opts), store.Must("w"), stores[0].Must("w"))
				}
			})
		}
	}
}

// stairsOf is a mask whose degrees ascend.
func stairsOf(k, n int) *graph.Mask {
	m := &graph.Mask{In: make([]int, k), Out: make([]int, n)}
	for i := range m.In {
		m.In[i] = i * 10 / k
	}
	for j := range m.Out {
		m.Out[j] = j * 10 / n
	}
	return m
}
