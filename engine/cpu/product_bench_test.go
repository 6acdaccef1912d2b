package cpu

import (
	"context"
	"fmt"
	"testing"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// BenchmarkProducts runs the three products of a layer of k by n weights on so
// many rows, each alone: the layer, the gradient by its input and by its weights.
// The last also with the step of Adam that is joined to it, and with the two
// apart.
//
//	go test -run - -bench Products ./engine/cpu
func BenchmarkProducts(b *testing.B) {
	for _, s := range []struct{ rows, k, n int }{
		{5000, 200, 784}, {5000, 200, 200}, {5000, 50, 200}, {2048, 128, 512}, {2048, 512, 128}, {1000, 784, 500}, {100, 512, 512}, {100, 200, 784}, {100, 21, 512},
	} {
		for _, kind := range []string{"forward", "input", "weight", "adam", "apart"} {
			for _, threads := range []int{1, 2} {
				b.Run(fmt.Sprintf("rows=%d/k=%d/n=%d/of=%s/threads=%d", s.rows, s.k, s.n, kind, threads), func(b *testing.B) {
					benchProduct(b, s.rows, s.k, s.n, kind, threads)
				})
			}
		}
	}
}

func benchProduct(b *testing.B, rows, k, n int, kind string, threads int) {
	opts := Options{Threads: threads}
	if kind == "apart" {
		opts.without = passJoin
	}
	e := New(opts)
	defer e.Close()
	g := graph.New()
	x, y, w := g.Input("x", graph.F32, graph.Batch, k), g.Input("y", graph.F32, graph.Batch, n), g.Param("w", k, n)
	var outputs []*graph.Node
	var updates []graph.Update
	switch kind {
	case "forward":
		outputs = append(outputs, graph.MatMul(x, w))
	case "input":
		outputs = append(outputs, graph.MatMulT(y, w))
	case "weight":
		outputs = append(outputs, graph.Outer(x, y))
	case "adam", "apart":
		updates = adam(g, []*graph.Node{graph.Outer(x, y)}, []*graph.Node{w})
	}
	p, err := e.Compile(outputs, updates...)
	if err != nil {
		b.Fatal(err)
	}
	feeds, store := madeFeeds(1, 1), madeParams(g)
	feeds["x"], feeds["y"] = tensor.New[float32](rows, k), tensor.New[float32](rows, n)
	for i := range feeds["x"].F32() {
		feeds["x"].F32()[i] = float32(i%7) - 3
	}
	for i := range feeds["y"].F32() {
		feeds["y"].F32()[i] = float32(i%5) - 2
	}
	for b.Loop() {
		if _, err := p.Run(context.Background(), feeds, store); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(2*float64(rows)*float64(k)*float64(n)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}
