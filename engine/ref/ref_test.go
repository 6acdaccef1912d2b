package ref_test

import (
	"context"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/surprisal-go/surprisal/engine/ref"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

func run(t *testing.T, feeds graph.Feeds, store *tensor.Store, outs []*graph.Node, updates ...graph.Update) []tensor.Tensor {
	t.Helper()
	plan, err := ref.New().Compile(outs, updates...)
	if err != nil {
		t.Fatal(err)
	}
	out, err := plan.Run(context.Background(), feeds, store)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestKnownAnswers holds the oracle itself to values worked out by hand.
func TestKnownAnswers(t *testing.T) {
	g := graph.New()
	x := g.Input("x", graph.F32, graph.Batch, 2)
	w := g.Const([]float64{1, 2, 3, 4, 5, 6}, 2, 3)
	ids := g.Input("ids", graph.I32, graph.Batch)
	mask := &graph.Mask{In: []int{1, 2}, Out: []int{0, 1, 2}}
	feeds := graph.Feeds{
		"x":   tensor.Of([]float64{1, 2, -1, 0.5}, 2, 2),
		"ids": tensor.Of([]int32{1, 1}, 2),
	}
	for _, c := range []struct {
		name string
		node *graph.Node
		want []float64
	}{
		{"matmul", graph.MatMul(x, w), []float64{9, 12, 15, 1, 0.5, 0}},
		{"matmul transposed", graph.MatMulT(graph.MatMul(x, w), w), []float64{9 + 24 + 45, 36 + 60 + 90, 1 + 1, 4 + 2.5}},
		{"masked", graph.MaskedMatMul(x, w, mask), []float64{0, 2, 3 + 12, 0, -2, -3 + 3}},
		{"outer", graph.Outer(x, x), []float64{2, 1.5, 1.5, 4.25}},
		{"gather", graph.Gather(w, ids), []float64{4, 5, 6, 4, 5, 6}},
		{"scatter", graph.ScatterRows(x, ids, 3), []float64{0, 0, 0, 2.5, 0, 0}},
		{"one-hot", ids.OneHot(2), []float64{0, 1, 0, 1}},
		{"sum over events", x.Sum(0), []float64{0, 2.5}},
		{"mean", x.Mean(), []float64{0.625}},
		{"take", x.Take(1, []int{1, 1, 0}), []float64{2, 2, 1, 0.5, 0.5, -1}},
		{"put", x.PutAdd(1, []int{2, 2}, 3), []float64{0, 0, 3, 0, 0, -0.5}},
		{"pad", x.Pad(1, 1, 0), []float64{0, 1, 2, 0, -1, 0.5}},
		{"transpose", x.Reshape(graph.Batch, 2, 1).Transpose(0, 2, 1), []float64{1, 2, -1, 0.5}},
		{"concat", graph.Concat(1, x, x.Slice(1, 0, 1)), []float64{1, 2, 1, -1, 0.5, -1}},
		{"softmax", x.MulScalar(0).Softmax(1), []float64{0.5, 0.5, 0.5, 0.5}},
		{"log-sum-exp", x.MulScalar(0).LogSumExp(1), []float64{math.Ln2, math.Ln2}},
		{"batch size", g.BatchSize(), []float64{2}},
		{"less", x.Less(g.Scalar(1)).ToFloat(), []float64{0, 0, 1, 1}},
	} {
		got := run(t, feeds, &tensor.Store{}, []*graph.Node{c.node})[0].F64()
		if d := cmp.Diff(c.want, got, cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-12 })); d != "" {
			t.Errorf("%s (−want +got):\n%s", c.name, d)
		}
	}
}

// TestUpdatesReadOldValues: all values of a run come from the parameters as
// they were before it.
func TestUpdatesReadOldValues(t *testing.T) {
	g := graph.New()
	a, b := g.Param("a"), g.Param("b")
	store := &tensor.Store{}
	store.Set("a", tensor.Of([]float64{1}))
	store.Set("b", tensor.Of([]float32{2}))
	out := run(t, nil, store, []*graph.Node{a.Add(b)}, graph.Update{Param: a, Value: b}, graph.Update{Param: b, Value: a.AddScalar(10)})
	if got := [3]float64{out[0].F64()[0], store.Must("a").F64()[0], float64(store.Must("b").F32()[0])}; got != [3]float64{3, 2, 11} {
		t.Errorf("sum, a, b = %v, want 3, 2, 11", got)
	}
}

// TestCodesOutsideTheTable are errors, and update nothing.
func TestCodesOutsideTheTable(t *testing.T) {
	g := graph.New()
	table := g.Param("table", 2, 1)
	picked := graph.Gather(table, g.Input("ids", graph.I32, graph.Batch))
	plan, err := ref.New().Compile([]*graph.Node{picked}, graph.Update{Param: table, Value: table.AddScalar(1)})
	if err != nil {
		t.Fatal(err)
	}
	store := &tensor.Store{}
	store.Set("table", tensor.New[float64](2, 1))
	for _, id := range []int32{-1, 2} {
		if _, err := plan.Run(context.Background(), graph.Feeds{"ids": tensor.Of([]int32{id}, 1)}, store); err == nil {
			t.Errorf("code %d of a table of 2 rows is accepted", id)
		}
	}
	if v := store.Must("table").F64(); v[0] != 0 {
		t.Errorf("a failed run updated the table to %v", v)
	}
}
