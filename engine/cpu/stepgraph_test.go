package cpu

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
)

// TestStepsOfRandomGraphs compares steps with the whole pass for every value of
// random graphs that can run in steps, with and without passes.
func TestStepsOfRandomGraphs(t *testing.T) {
	seeds := uint64(300)
	if testing.Short() {
		seeds = 80
	}
	ran := map[graph.Op]int{} // that depend on the input
	for seed := range seeds {
		r := rand.New(rand.NewPCG(seed, 9))
		gr := growGraph(seed, 40, false)
		e := New(Options{Threads: 1, Impl: kern.Impls()[seed%uint64(len(kern.Impls()))], NoFuse: seed%5 == 0})
		input := []*graph.Node{gr.g.Input("x", graph.F32, graph.Batch, 6), gr.g.Input("y", graph.F32, graph.Batch, 2, 3), gr.g.Input("one", graph.F32, graph.Batch, 1), gr.codes}[r.IntN(4)]
		positions := randomPositions(r, graph.RowSize(input.Shape()))
		var outputs []*graph.Node
		for _, n := range gr.floats {
			if _, err := graph.CompileSteps(e, []*graph.Node{n}, input, positions); err == nil {
				outputs = append(outputs, n)
			}
		}
		p, err := e.Compile(outputs)
		if err != nil {
			t.Fatal(err)
		}
		sp, err := graph.CompileSteps(e, outputs, input, positions)
		if err != nil {
			t.Fatal(err)
		}
		depends := map[*graph.Node]bool{input: true}
		for _, v := range graph.Reachable(outputs...) {
			if slices.ContainsFunc(v.Inputs(), func(in *graph.Node) bool { return depends[in] }) {
				depends[v] = true
				ran[v.Op()]++
			}
		}
		store := params(gr.g)
		for _, batch := range []int{1, 5, 16, 3} {
			fed := feeds(batch, false)
			want, err := p.Run(context.Background(), fed, store)
			if err != nil {
				t.Fatal(err)
			}
			t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) { walk(t, sp, fed, store, want) })
		}
		e.Close()
	}
	for _, op := range []graph.Op{graph.OpMatMul, graph.OpSum, graph.OpReduceMax, graph.OpSoftmax, graph.OpLogSumExp, graph.OpGather,
		graph.OpOneHot, graph.OpTranspose, graph.OpSlice, graph.OpPad, graph.OpConcat, graph.OpTake, graph.OpWhere, graph.OpBroadcast, graph.OpLayerNorm, graph.OpAttention, graph.OpConv} {
		if ran[op] == 0 {
			t.Errorf("no step of a random graph had %s", op)
		}
	}
}

// randomPositions gives n elements positions without gaps, ascending or not.
func randomPositions(r *rand.Rand, n int) []int {
	top := 1 + r.IntN(n)
	out := r.Perm(n)
	for i, p := range out {
		out[i] = p % top
	}
	if r.IntN(2) == 0 {
		slices.Sort(out)
	}
	return out
}
