package cpu

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// TestRowSums holds which sums run in the cluster of what they add up, and that
// they have the bits of sums that stand alone.
func TestRowSums(t *testing.T) {
	const d = 50
	for _, c := range []struct {
		name  string
		taken int
		build func(x, y *graph.Node) []*graph.Node
	}{
		{"of a row", 1, func(x, y *graph.Node) []*graph.Node { return []*graph.Node{x.Mul(y).Sum(2)} }},
		{"of a row that others read too", 1, func(x, y *graph.Node) []*graph.Node {
			z := x.Mul(y)
			return []*graph.Node{z.Sum(2), z.LogSumExp(2)}
		}},
		{"of two rows side by side", 1, func(x, y *graph.Node) []*graph.Node { return []*graph.Node{x.Mul(y).Sum(1, 2)} }},
		{"two of one length", 2, func(x, y *graph.Node) []*graph.Node {
			return []*graph.Node{x.Mul(y).Sum(2), x.Sub(y).Exp().Sum(2)}
		}},
		{"two of different lengths", 1, func(x, y *graph.Node) []*graph.Node {
			return []*graph.Node{x.Mul(y).Sum(2), x.Sub(y).Exp().Sum(1, 2)}
		}},
		{"and then of what a sum went into", 2, func(x, y *graph.Node) []*graph.Node {
			z := x.Mul(y)
			return []*graph.Node{z.Sub(z.Sum(2).Reshape(graph.Batch, 3, 1)).Square().Sum(2)}
		}},
		{"of a broadcast that is written out", 1, func(x, y *graph.Node) []*graph.Node {
			return []*graph.Node{x.Sum(2).Reshape(graph.Batch, 3, 1).BroadcastTo(graph.Batch, 3, d).Sum(2)}
		}},
		{"of an axis within", 0, func(x, y *graph.Node) []*graph.Node { return []*graph.Node{x.Mul(y).Sum(1)} }},
		{"of everything", 0, func(x, y *graph.Node) []*graph.Node { return []*graph.Node{x.Mul(y).Sum()} }},
		{"of an input", 0, func(x, y *graph.Node) []*graph.Node { return []*graph.Node{x.Sum(2)} }},
		{"of long rows", 0, func(x, y *graph.Node) []*graph.Node {
			long := x.Reshape(graph.Batch, 3*d, 1).Mul(y.Sum(1).Reshape(graph.Batch, 1, d))
			return []*graph.Node{long.Sum(1, 2)}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := graph.New()
			x, y := g.Input("x", graph.F32, graph.Batch, 3, d), g.Input("y", graph.F32, graph.Batch, 3, d)
			outputs := c.build(x, y)
			if n := actions(compile(t, Options{}, outputs))[doSum]; n != c.taken {
				t.Errorf("%d sums run in a cluster, want %d", n, c.taken)
			}
			for _, batch := range []int{1, 7, 400} {
				fed := graph.Feeds{"x": cube(ramp(batch*3, d), 3), "y": cube(ramp(batch*3, d), 3)}
				want, err := compile(t, Options{NoFuse: true}, outputs).Run(context.Background(), fed, nil)
				if err != nil {
					t.Fatal(err)
				}
				for threads := range 3 {
					got, err := compile(t, Options{Threads: threads + 1}, outputs).Run(context.Background(), fed, nil)
					if err != nil {
						t.Fatal(err)
					}
					for i := range got {
						sameBits(t, fmt.Sprintf("batch %d, %d threads, output %d", batch, threads+1, i), got[i], want[i])
					}
				}
			}
		})
	}
}

// TestRowSumInUpdate holds that a cluster of an update that sums rows does not
// run with a product, whose tiles need not be whole rows.
func TestRowSumInUpdate(t *testing.T) {
	g := graph.New()
	x := g.Input("x", graph.F32, graph.Batch, 70)
	w, size := g.Param("w", 70, 50), g.Param("size", 70)
	d := graph.Grad(graph.MatMul(x, w).Square().Sum(), w)[0]
	next := w.Sub(d.MulScalar(0.1))
	updates := []graph.Update{{Param: w, Value: next}, {Param: size, Value: next.Square().Sum(1)}}
	p := compile(t, Options{Threads: 2}, nil, updates...)
	if names := fmt.Sprint(p.names); !strings.Contains(names, "sum (70, 50)") || strings.Contains(names, "outer mul") {
		t.Errorf("steps %s: want a sum in the update's cluster, and the outer product alone", names)
	}
	var stores []*tensor.Store
	for _, opts := range []Options{{NoFuse: true}, {Threads: 1}, {Threads: 2}} {
		store := params(g)
		if _, err := compile(t, opts, nil, updates...).Run(context.Background(), graph.Feeds{"x": ramp(9, 70)}, store); err != nil {
			t.Fatal(err)
		}
		stores = append(stores, store)
		for name, p := range store.All() {
			sameBits(t, name, p, stores[0].Must(name))
		}
	}
}

// cube cuts the rows of t in groups of n.
func cube(t tensor.Tensor, n int) tensor.Tensor {
	t.Shape = []int{t.Shape[0] / n, n, t.Shape[1]}
	return t
}
