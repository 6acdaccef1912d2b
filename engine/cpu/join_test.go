package cpu

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// TestJoin holds which updates run with their gradient: those of which nothing
// else needs it, and which need not wait for what may fail.
func TestJoin(t *testing.T) {
	const rows, cols = 70, 50
	for _, c := range []struct {
		name   string
		joined int
		build  func(g *graph.Graph, w, d *graph.Node) (outputs []*graph.Node, updates []graph.Update)
	}{
		{"alone", 1, func(g *graph.Graph, w, d *graph.Node) ([]*graph.Node, []graph.Update) {
			return nil, []graph.Update{{Param: w, Value: w.Sub(d.MulScalar(0.1))}}
		}},
		{"an output too", 0, func(g *graph.Graph, w, d *graph.Node) ([]*graph.Node, []graph.Update) {
			return []*graph.Node{d}, []graph.Update{{Param: w, Value: w.Sub(d.MulScalar(0.1))}}
		}},
		{"clipped by its norm", 0, func(g *graph.Graph, w, d *graph.Node) ([]*graph.Node, []graph.Update) {
			return nil, []graph.Update{{Param: w, Value: w.Sub(d.Div(d.Square().Sum().Sqrt()))}}
		}},
		{"read across", 0, func(g *graph.Graph, w, d *graph.Node) ([]*graph.Node, []graph.Update) {
			s := g.Param("s", rows, rows, cols)
			return nil, []graph.Update{{Param: s, Value: s.Add(d.BroadcastTo(rows, rows, cols))}}
		}},
		{"the update is an output", 0, func(g *graph.Graph, w, d *graph.Node) ([]*graph.Node, []graph.Update) {
			next := w.Sub(d)
			return []*graph.Node{next.Exp()}, []graph.Update{{Param: w, Value: next}}
		}},
		{"nothing but the gradient", 0, func(g *graph.Graph, w, d *graph.Node) ([]*graph.Node, []graph.Update) {
			return nil, []graph.Update{{Param: w, Value: d}}
		}},
		{"of what it updates, and of a buffer that ends with it", 2, func(g *graph.Graph, w, d *graph.Node) ([]*graph.Node, []graph.Update) {
			a, b := g.Param("a", 200, 200), g.Param("b", 200, 200)
			return nil, []graph.Update{{Param: w, Value: w.Sub(d)}, {Param: a, Value: a.Sub(graph.Outer(a, b.Tanh()))}}
		}},
		{"something may fail later", 0, func(g *graph.Graph, w, d *graph.Node) ([]*graph.Node, []graph.Update) {
			table, codes := g.Param("table", 3, 2), g.Input("codes", graph.I32, graph.Batch)
			rows := graph.Grad(graph.Gather(table, codes).Square().Sum(), table)[0]
			return nil, []graph.Update{{Param: w, Value: w.Sub(d)}, {Param: table, Value: table.Sub(rows)}}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := graph.New()
			x, y := g.Input("x", graph.F32, graph.Batch, rows), g.Input("y", graph.F32, graph.Batch, cols)
			w := g.Param("w", rows, cols)
			loss := graph.MatMul(x, w).Mul(y).Sum()
			outputs, updates := c.build(g, w, graph.Grad(loss, w)[0])
			outputs = append(outputs, loss)
			p := compile(t, Options{}, outputs, updates...)
			n := 0
			for _, name := range p.names {
				if ops, _, _ := strings.Cut(name, " ("); strings.HasPrefix(ops, "outer ") {
					n++
				}
			}
			if n != c.joined {
				t.Errorf("%d updates run with a gradient, want %d: %s", n, c.joined, fmt.Sprint(p.names))
			}
			fed := graph.Feeds{"x": ramp(9, rows), "y": ramp(9, cols), "codes": tensor.Of([]int32{0, 1, 2, 0, 1, 2, 0, 1, 2}, 9)}
			maps.DeleteFunc(fed, func(name string, _ tensor.Tensor) bool {
				return !slices.ContainsFunc(g.Nodes(), func(n *graph.Node) bool { return n.Op() == graph.OpInput && n.Attr().Name == name })
			})
			var stores []*tensor.Store
			for _, opts := range []Options{{NoFuse: true}, {Threads: 1}, {Threads: 2}} {
				store := params(g)
				for range 2 {
					if _, err := compile(t, opts, outputs, updates...).Run(context.Background(), fed, store); err != nil {
						t.Fatal(err)
					}
				}
				stores = append(stores, store)
				for name, p := range store.All() {
					sameBits(t, name, p, stores[0].Must(name))
				}
			}
		})
	}
}

// ramp is a tensor of numbers between −1 and 1.
func ramp(rows, cols int) tensor.Tensor {
	t := tensor.New[float32](rows, cols)
	for i := range t.F32() {
		t.F32()[i] = float32(i*i%41-20) / 20
	}
	return t
}
