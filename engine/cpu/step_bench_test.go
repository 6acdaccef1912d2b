package cpu

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// BenchmarkSteps is the work of one pass of a MADE 784-500-784, in 784 steps.
func BenchmarkSteps(b *testing.B) {
	g := graph.New()
	const d, h = 784, 500
	in, hid := make([]int, d), make([]int, h)
	positions := make([]int, d)
	for i := range in {
		in[i], positions[i] = i+1, i
	}
	for i := range hid {
		hid[i] = 1 + i*(d-1)/h
	}
	x := g.Input("x", graph.F32, graph.Batch, d)
	a := graph.MaskedMatMul(x, g.Param("w1", d, h), &graph.Mask{In: in, Out: hid}).Add(g.Param("b1", h)).Relu()
	logits := graph.MaskedMatMul(a, g.Param("w2", h, d), &graph.Mask{In: hid, Out: in, Strict: true}).Add(g.Param("b2", d))
	store := madeParams(g)
	for _, batch := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("batch=%d", batch), func(b *testing.B) {
			e := New(Options{Threads: 1})
			defer e.Close()
			p, err := graph.CompileSteps(e, []*graph.Node{logits}, x, positions)
			if err != nil {
				b.Fatal(err)
			}
			r := rand.New(rand.NewPCG(1, 2))
			values := make([]tensor.Tensor, d) // bits, as most models draw
			for i := range values {
				values[i] = tensor.New[float32](batch, 1)
				for j := range batch {
					values[i].F32()[j] = float32(r.IntN(10) / 7)
				}
			}
			best := time.Hour
			b.ReportAllocs()
			for b.Loop() {
				start := time.Now()
				if _, err := p.Reset(context.Background(), batch, nil, store); err != nil {
					b.Fatal(err)
				}
				for i := range d {
					if err := p.Step(context.Background(), values[i]); err != nil {
						b.Fatal(err)
					}
				}
				best = min(best, time.Since(start))
			}
			b.ReportMetric(best.Seconds()/float64(batch)*1e6, "best-µs/event") // on a machine that others use
		})
	}
}
