package cpu

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
	"github.com/surprisal-go/surprisal/tensor"
)

// TestNoEvents runs batches of nothing before, between and after others.
func TestNoEvents(t *testing.T) {
	seeds := 40
	if testing.Short() {
		seeds = 15
	}
	batches := []int{0, 7, 0, 1, 0}
	for seed := range seeds {
		gr := growGraph(uint64(seed), 40, false)
		outputs, updates := gr.roots()
		want := run(t, Options{Threads: 1, NoFuse: true, Impl: kern.Impls()[0]}, gr.g, outputs, updates, false, batches...)
		for _, threads := range []int{1, 3} {
			got := run(t, Options{Threads: threads}, gr.g, outputs, updates, false, batches...)
			sameResults(t, fmt.Sprintf("seed %d, threads %d", seed, threads), got, want)
		}
	}
}

// sameResults compares outputs and stores, run by run.
func sameResults(t *testing.T, what string, got, want []result) {
	t.Helper()
	for i, r := range got {
		for j, o := range r.out {
			sameBits(t, fmt.Sprintf("%s, run %d: output %d", what, i, j), o, want[i].out[j])
		}
		for name, p := range r.store.All() {
			sameBits(t, fmt.Sprintf("%s, run %d: parameter %s", what, i, name), p, want[i].store.Must(name))
		}
	}
}

// TestManyAxes broadcasts along every other one of 24 axes.
func TestManyAxes(t *testing.T) {
	const axes = 24
	src, dst := make([]int, axes), make([]int, axes)
	for i := range axes {
		src[i], dst[i] = 1, 1
		if i >= axes-18 {
			src[i], dst[i] = 1+i%2, 2
		}
	}
	g := graph.New()
	p := compile(t, Options{Threads: 2}, []*graph.Node{g.Param("x", src...).BroadcastTo(dst...).Neg()})
	store := params(g)
	out, err := p.Run(context.Background(), nil, store)
	if err != nil {
		t.Fatal(err)
	}
	x := store.Must("x").F32()
	for i, got := range out[0].F32() {
		from := 0 // the bits of i that axes of x have
		for bit := 17; bit >= 0; bit-- {
			if (axes-1-bit)%2 == 1 {
				from = from<<1 | i>>bit&1
			}
		}
		if got != -x[from] {
			t.Fatalf("element %d is %g, want %g", i, got, -x[from])
		}
	}
}

// TestOutputsAsFeeds feeds what a run returned to the next run of the plan.
func TestOutputsAsFeeds(t *testing.T) {
	g := graph.New()
	x := g.Input("x", graph.F32, graph.Batch, 6)
	p := compile(t, Options{Threads: 2}, []*graph.Node{x.Take(1, []int{5, 4, 3, 2, 1, 0}), x.Neg()})
	fed := tensor.Of([]float32{1, 2, 3, 4, 5, 6}, 1, 6)
	for i := range 4 {
		out, err := p.Run(context.Background(), graph.Feeds{"x": fed}, nil)
		if err != nil {
			t.Fatal(err)
		}
		want := []float32{6, 5, 4, 3, 2, 1}
		if i%2 == 1 {
			slices.Reverse(want)
		}
		sameBits(t, fmt.Sprintf("run %d", i), out[0], tensor.Of(want, 6))
		fed = out[0]
	}
}

// lateContext is cancelled after it was asked a number of times.
type lateContext struct {
	context.Context
	asks int
}

func (c *lateContext) Err() error {
	if c.asks--; c.asks < 0 {
		return context.Canceled
	}
	return nil
}

// TestCancel cancels a training step before each of its operations: either
// nothing is written or everything.
func TestCancel(t *testing.T) {
	for _, noFuse := range []bool{false, true} {
		g := graph.New()
		loss, updates := madeStep(g, 12, 10, true)
		p := compile(t, Options{Threads: 2, NoFuse: noFuse}, []*graph.Node{loss}, updates...)
		fed := madeFeeds(9, 12)
		whole := madeParams(g)
		before := whole.Clone()
		if _, err := p.Run(context.Background(), fed, whole); err != nil {
			t.Fatal(err)
		}
		cancelled := 0
		for asks := 0; ; asks++ {
			store := before.Clone()
			_, err := p.Run(&lateContext{context.Background(), asks}, fed, store)
			want := before
			if err == nil {
				want = whole
			}
			for name, v := range store.All() {
				sameBits(t, fmt.Sprintf("cancelled before operation %d, error %v: %s", asks, err, name), v, want.Must(name))
			}
			if err == nil {
				break
			}
			cancelled++
		}
		if cancelled < 5 {
			t.Errorf("a step could be cancelled at %d places only", cancelled)
		}
	}
}

// TestSharedExecutor compiles and runs plans of one executor from many
// goroutines, with more threads than the machine has.
func TestSharedExecutor(t *testing.T) {
	exec := New(Options{Threads: 6})
	t.Cleanup(exec.Close)
	batches := []int{33, 1, 0, 64, 5}
	for seed := range 6 {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			gr := growGraph(uint64(seed), 25, false)
			outputs, updates := gr.roots()
			want := run(t, Options{Threads: 1}, gr.g, outputs, updates, false, batches...)
			for range 3 {
				got := runOn(t, exec, gr.g, outputs, updates, false, batches...)
				sameResults(t, "shared", got, want)
			}
		})
	}
}

// TestHeirsOfEveryPattern has, between the operations of a pattern that one
// instruction does in the place of the last, another that takes over the memory
// of what the first reads.
func TestHeirsOfEveryPattern(t *testing.T) {
	g := graph.New()
	in := g.Input("x", graph.F32, graph.Batch, 6)
	product := func(x *graph.Node, name string) *graph.Node { return graph.MatMul(x, g.Param(name, x.Dim(-1), 40)) }
	var outputs []*graph.Node
	for i, pattern := range []func(x, y *graph.Node) (first *graph.Node, rest func() *graph.Node){
		func(x, y *graph.Node) (*graph.Node, func() *graph.Node) {
			d := y.Sub(x)
			return d, func() *graph.Node { return x.Add(d.MulScalar(0.3)) }
		},
		func(x, y *graph.Node) (*graph.Node, func() *graph.Node) {
			open := g.Scalar(0).Less(y)
			return open, func() *graph.Node { return graph.Where(open, x, g.Scalar(0)) }
		},
		func(x, y *graph.Node) (*graph.Node, func() *graph.Node) {
			small := y.Abs().Less(g.Scalar(0.5))
			return small, func() *graph.Node { return graph.Where(small, g.Scalar(0), y) }
		},
	} {
		x, y := product(in, fmt.Sprint("x", i)), product(in, fmt.Sprint("y", i))
		_, rest := pattern(x, y)
		between := y.Exp()
		outputs = append(outputs, product(rest(), "after"), product(between, "after"))
	}
	batches := []int{3, 50}
	want := run(t, Options{Threads: 1, NoFuse: true}, g, outputs, nil, false, batches...)
	sameResults(t, "fused", run(t, Options{Threads: 1}, g, outputs, nil, false, batches...), want)
}
