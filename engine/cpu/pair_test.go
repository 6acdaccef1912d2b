package cpu

import (
	"context"
	"testing"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
)

// TestPairs holds that softplus and sigmoid of one operand become one
// instruction, also where the gradient is what needs the sigmoid and the rest of
// it has to wait for a sum, and that none is written over what is still read.
func TestPairs(t *testing.T) {
	for _, c := range []struct {
		name  string
		pairs int
		build func(y, q *graph.Node) []*graph.Node
	}{
		{"gradient", 1, func(y, q *graph.Node) []*graph.Node {
			logits := y.Add(q)
			loss := logits.Softplus().Sum(1).Square().Mean()
			return append(graph.Grad(loss, logits), loss)
		}},
		{"sigmoid first", 1, func(y, q *graph.Node) []*graph.Node {
			s := y.Neg().Sigmoid()
			return []*graph.Node{s.Mul(q).Sub(y.Neg().Softplus())}
		}},
		{"another operand", 0, func(y, q *graph.Node) []*graph.Node {
			return []*graph.Node{y.Softplus().Mul(q.Sigmoid())}
		}},
		{"over the operand", 0, func(y, q *graph.Node) []*graph.Node {
			return []*graph.Node{y.Softplus(), y.Sigmoid()}
		}},
		{"over another that is read before", 0, func(y, q *graph.Node) []*graph.Node {
			p := y.Softplus()
			e := q.Mul(p)
			s := y.Sigmoid() // the last but for e, which leaves q to it
			return []*graph.Node{p, s, y.Add(e)}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := graph.New()
			x := g.Input("x", graph.F32, graph.Batch, 8)
			y, q := graph.MatMul(x, g.Param("w1", 8, 50)), graph.MatMul(x, g.Param("w2", 8, 50))
			outputs := c.build(y, q)
			fed, store := graph.Feeds{"x": ramp(30, 8)}, params(g)
			p := compile(t, Options{Threads: 2}, outputs)
			n := actions(p)
			for _, prog := range p.programs {
				for _, in := range prog.code {
					if in.do == doUnary && c.pairs > 0 && (in.unary == kern.Softplus || in.unary == kern.Sigmoid) {
						t.Errorf("an instruction %v beside the pair", in.unary)
					}
				}
			}
			if n[doSoftplusSigmoid] != c.pairs {
				t.Errorf("%d pairs, want %d", n[doSoftplusSigmoid], c.pairs)
			}
			got, err := p.Run(context.Background(), fed, store)
			if err != nil {
				t.Fatal(err)
			}
			want, err := compile(t, Options{NoFuse: true}, outputs).Run(context.Background(), fed, store)
			if err != nil {
				t.Fatal(err)
			}
			for i := range got {
				sameBits(t, outputs[i].String(), got[i], want[i])
			}
		})
	}
}
