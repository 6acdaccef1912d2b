package cpu

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// pixels are masked convolutions over images of a side of 28: five 3 × 3 of 32
// channels and a 1 × 1.
func pixels() (out, in *graph.Node, g *graph.Graph) {
	const side, width = 28, 32
	g = graph.New()
	in = g.Input("x", graph.F32, graph.Batch, side*side)
	y, channels := in.Reshape(graph.Batch, side, side, 1), 1
	for i := range 5 {
		mask := &graph.Mask{In: make([]int, channels), Out: make([]int, width), Strict: i == 0}
		c := graph.Conv{Padding: graph.Padding{Top: 1, Bottom: 1, Left: 1, Right: 1}, Taps: graph.CausalTaps(3, 3, mask)}
		name := fmt.Sprint(i)
		y = graph.Conv2D(y, g.Param("w"+name, 3, 3, channels, width), c).Add(g.Param("b"+name, width)).Relu()
		channels = width
	}
	y = graph.Conv2D(y, g.Param("wout", 1, 1, width, 1), graph.Conv{}).Add(g.Param("bout", 1))
	return y.Reshape(graph.Batch, side*side), in, g
}

// BenchmarkStepsOfWhole compares all steps of an image of masked convolutions,
// and of a text of a transformer, with one whole pass.
func BenchmarkStepsOfWhole(b *testing.B) {
	for _, of := range []struct {
		name string
		make func() (out, in *graph.Node, g *graph.Graph)
	}{
		{"pixels", pixels},
		{"transformer", func() (out, in *graph.Node, g *graph.Graph) { return transformer(256, 128, 4) }},
	} {
		out, in, g := of.make()
		store := params(g)
		positions := make([]int, graph.RowSize(in.Shape()))
		for i := range positions {
			positions[i] = i
		}
		for _, batch := range []int{1, 8, 32} {
			e := New(Options{Threads: 1})
			defer e.Close()
			x, step := tensor.New[float32](batch, len(positions)), tensor.New[float32](batch, 1)
			for i := range x.F32() {
				x.F32()[i] = float32(i * i % 3 % 2)
			}
			if in.DType() == graph.I32 {
				x, step = tensor.New[int32](batch, len(positions)), tensor.New[int32](batch, 1)
			}
			whole, err := e.Compile([]*graph.Node{out})
			if err != nil {
				b.Fatal(err)
			}
			steps, err := graph.CompileSteps(e, []*graph.Node{out}, in, positions)
			if err != nil {
				b.Fatal(err)
			}
			ctx := context.Background()
			for _, by := range []struct {
				name string
				run  func() error
			}{
				{"pass", func() error {
					_, err := whole.Run(ctx, graph.Feeds{"x": x}, store)
					return err
				}},
				{"steps", func() error {
					if _, err := steps.Reset(ctx, batch, nil, store); err != nil {
						return err
					}
					for i := range positions {
						if in.DType() == graph.F32 {
							for r := range batch {
								step.F32()[r] = x.F32()[r*len(positions)+i]
							}
						}
						if err := steps.Step(ctx, step); err != nil {
							return err
						}
					}
					return nil
				}},
			} {
				b.Run(fmt.Sprintf("of=%s/batch=%d/by=%s", of.name, batch, by.name), func(b *testing.B) {
					best := time.Hour
					for b.Loop() {
						start := time.Now()
						if err := by.run(); err != nil {
							b.Fatal(err)
						}
						best = min(best, time.Since(start))
					}
					b.ReportMetric(best.Seconds()/float64(batch)*1e6, "best-µs/event") // on a machine that others use
				})
			}
		}
	}
}
