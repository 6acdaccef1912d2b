package cpu

import (
	"context"
	"fmt"
	"testing"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// BenchmarkConv times a convolution and its two adjoints on 16 images. A masked
// window counts its open taps only.
func BenchmarkConv(b *testing.B) {
	for _, c := range []struct {
		name          string
		size, in, out int
		window        int
		conv          graph.Conv
	}{
		{"masked", 28, 64, 64, 3, graph.Conv{Taps: graph.CausalTaps(3, 3, nil)}},
		{"plain", 28, 64, 64, 3, graph.Conv{}},
		{"wide", 14, 256, 256, 3, graph.Conv{}},
		{"first", 28, 1, 64, 3, graph.Conv{}},
		{"last", 28, 64, 1, 3, graph.Conv{}},
		{"strided", 28, 64, 64, 3, graph.Conv{Stride: [2]int{2, 2}}},
		{"depthwise", 28, 1, 64, 3, graph.Conv{Groups: 64}},
	} {
		g := graph.New()
		p := c.window / 2
		c.conv.Padding = graph.Padding{Top: p, Bottom: p, Left: p, Right: p}
		o := &convGraph{g: g, c: c.conv, x: g.Input("x", graph.F32, graph.Batch, c.size, c.size, c.in*max(1, c.conv.Groups)), w: g.Param("w", c.window, c.window, c.in, c.out)}
		o.y = graph.Conv2D(o.x, o.w, o.c)
		o.v = g.Input("v", graph.F32, o.y.Shape()...)
		d := graph.Grad(o.y.Mul(o.v).Sum(), o.x, o.w)
		taps := 0
		for tap := range c.window * c.window {
			if o.y.Attr().Conv.Open(tap) {
				taps++
			}
		}
		const batch = 16
		flops := 2 * float64(batch*graph.RowSize(o.y.Shape())*taps*c.in)
		feeds, store := o.data(batch)
		for _, t := range []tensor.Tensor{feeds["x"], feeds["v"], store.Must("w")} {
			for i := range t.F32() { // ordinary numbers: products of subnormals are slow
				t.F32()[i] = float32(i%13-6) / 8
			}
		}
		for _, n := range []*graph.Node{o.y, d[0], d[1]} {
			for _, threads := range []int{1, 2} {
				b.Run(fmt.Sprintf("conv=%s/op=%s/threads=%d", c.name, n.Op(), threads), func(b *testing.B) {
					e := New(Options{Threads: threads})
					defer e.Close()
					p := compileOne(b, e, n)
					for b.Loop() {
						if _, err := p.Run(context.Background(), feeds, store); err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
				})
			}
		}
	}
}

func compileOne(b *testing.B, e *Executor, n *graph.Node) graph.Plan {
	b.Helper()
	p, err := e.Compile([]*graph.Node{n})
	if err != nil {
		b.Fatal(err)
	}
	return p
}
