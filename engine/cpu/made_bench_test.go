package cpu

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

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

// BenchmarkMADE is a whole training step of 100 events on 784-500-784.
func BenchmarkMADE(b *testing.B) {
	for _, threads := range []int{1, 2} {
		for _, direct := range []bool{false, true} {
			b.Run(fmt.Sprintf("direct=%v/threads=%d/kern=%s", direct, threads, kern.Default.Name), func(b *testing.B) {
				p, fed, store := madePlan(b, threads, direct)
				best := time.Hour
				for b.Loop() {
					start := time.Now()
					if _, err := p.Run(context.Background(), fed, store); err != nil {
						b.Fatal(err)
					}
					best = min(best, time.Since(start))
				}
				b.ReportMetric(100/b.Elapsed().Seconds()*float64(b.N), "samples/s")
				b.ReportMetric(100/best.Seconds(), "best-samples/s") // on a machine that others use
			})
		}
	}
}

// BenchmarkMADESteps says where the time of such a step goes.
func BenchmarkMADESteps(b *testing.B) {
	for _, threads := range []int{1, 2} {
		p, fed, store := madePlan(b, threads, false)
		if _, err := p.Run(context.Background(), fed, store); err != nil {
			b.Fatal(err)
		}
		for i, s := range p.steps {
			name := strings.ReplaceAll(p.names[i], " ", "_")
			b.Run(fmt.Sprintf("threads=%d/step=%d:%s", threads, i, name), func(b *testing.B) {
				for b.Loop() {
					if err := s.run(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func madePlan(b *testing.B, threads int, direct bool) (*plan, graph.Feeds, *tensor.Store) {
	g := graph.New()
	loss, updates := madeStep(g, 784, 500, direct)
	e := New(Options{Threads: threads})
	b.Cleanup(e.Close)
	p, err := e.Compile([]*graph.Node{loss}, updates...)
	if err != nil {
		b.Fatal(err)
	}
	return p.(*plan), madeFeeds(100, 784), madeParams(g)
}

// BenchmarkCompile compiles a training step of a deep net.
func BenchmarkCompile(b *testing.B) {
	g := graph.New()
	x := g.Input("x", graph.F32, graph.Batch, 64)
	var ps []*graph.Node
	for i := range 50 {
		w, c := g.Param(fmt.Sprint("w", i), 64, 64), g.Param(fmt.Sprint("b", i), 64)
		ps = append(ps, w, c)
		x = graph.MatMul(x, w).Add(c).Tanh()
	}
	loss := x.Square().Mean()
	updates := adam(g, graph.Grad(loss, ps...), ps)
	b.ReportMetric(float64(len(g.Nodes())), "nodes")
	for b.Loop() {
		e := New(Options{Threads: 1})
		if _, err := e.Compile([]*graph.Node{loss}, updates...); err != nil {
			b.Fatal(err)
		}
		e.Close()
	}
}
