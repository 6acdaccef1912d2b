package cpu

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
	"github.com/surprisal-go/surprisal/tensor"
)

// madeStep is a training step of a MADE (Germain et al. 2015) on binary data of
// D dims with H hidden units, with Adam: the loss and its updates.
func madeStep(g *graph.Graph, d, h int, direct bool) (loss *graph.Node, updates []graph.Update) {
	in, hid := make([]int, d), make([]int, h)
	for i := range in {
		in[i] = i + 1
	}
	for i := range hid {
		hid[i] = 1 + i*(d-1)/h
	}
	x := g.Input("x", graph.F32, graph.Batch, d)
	w1, b1 := g.Param("w1", d, h), g.Param("b1", h)
	w2, b2 := g.Param("w2", h, d), g.Param("b2", d)
	ps := []*graph.Node{w1, b1, w2, b2}
	hidden := graph.MaskedMatMul(x, w1, &graph.Mask{In: in, Out: hid}).Add(b1).Relu()
	logits := graph.MaskedMatMul(hidden, w2, &graph.Mask{In: hid, Out: in, Strict: true}).Add(b2)
	if direct {
		a := g.Param("a", d, d)
		ps = append(ps, a)
		logits = logits.Add(graph.MaskedMatMul(x, a, &graph.Mask{In: in, Out: in, Strict: true}))
	}
	loss = logits.Softplus().Sub(x.Mul(logits)).Sum(1).Mean()
	return loss, adam(g, graph.Grad(loss, ps...), ps)
}

// adam is Kingma and Ba (2015) as graph updates.
func adam(g *graph.Graph, grads, ps []*graph.Node) (updates []graph.Update) {
	lr, c1, c2 := g.Input("lr", graph.F32), g.Input("c1", graph.F32), g.Input("c2", graph.F32)
	normal := func(x *graph.Node) *graph.Node {
		return graph.Where(x.Abs().Less(g.Scalar(0x1p-100)), g.Scalar(0), x)
	}
	for i, p := range ps {
		name, d := p.Attr().Name, grads[i]
		m, v := g.Param("adam.m/"+name, p.Shape()...), g.Param("adam.v/"+name, p.Shape()...)
		m1 := normal(m.MulScalar(0.9).Add(d.MulScalar(0.1)))
		v1 := normal(v.MulScalar(0.999).Add(d.Square().MulScalar(0.001)))
		next := p.Sub(lr.Mul(m1.Mul(c1)).Div(v1.Mul(c2).Sqrt().AddScalar(1e-8)))
		updates = append(updates, graph.Update{Param: p, Value: next}, graph.Update{Param: m, Value: m1}, graph.Update{Param: v, Value: v1})
	}
	return updates
}

func madeFeeds(batch, d int) graph.Feeds {
	r := rand.New(rand.NewPCG(1, 2))
	x := tensor.New[float32](batch, d)
	for i := range x.F32() {
		x.F32()[i] = float32(r.IntN(2))
	}
	scalar := func(v float64) tensor.Tensor { return tensor.Of([]float32{float32(v)}) }
	return graph.Feeds{"x": x, "lr": scalar(1e-3), "c1": scalar(1.5), "c2": scalar(2)}
}

// madeParams draws weights and starts moments at zero.
func madeParams(g *graph.Graph) *tensor.Store {
	s := &tensor.Store{}
	r := rand.New(rand.NewPCG(3, 4))
	for _, n := range g.Nodes() {
		if n.Op() != graph.OpParam {
			continue
		}
		t := tensor.New[float32](n.Shape()...)
		if n.Attr().Name[0] != 'a' || n.Attr().Name == "a" {
			for i := range t.F32() {
				t.F32()[i] = float32((r.Float64()*2 - 1) / math.Sqrt(float64(n.Shape()[0])))
			}
		}
		s.Set(n.Attr().Name, t)
	}
	return s
}

func BenchmarkMADE(b *testing.B) {
	for _, threads := range []int{1, 2} {
		if threads > runtime.NumCPU() {
			continue
		}
		for _, direct := range []bool{false, true} {
			b.Run(fmt.Sprintf("net=784-500-784/direct=%v/batch=100/threads=%d/kern=%s", direct, threads, kern.Default.Name), func(b *testing.B) {
				g := graph.New()
				loss, updates := madeStep(g, 784, 500, direct)
				e := New(Options{Threads: threads})
				defer e.Close()
				p, err := e.Compile([]*graph.Node{loss}, updates...)
				if err != nil {
					b.Fatal(err)
				}
				fed, store := madeFeeds(100, 784), madeParams(g)
				for b.Loop() {
					if _, err := p.Run(context.Background(), fed, store); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(100/b.Elapsed().Seconds()*float64(b.N), "samples/s")
			})
		}
	}
}
