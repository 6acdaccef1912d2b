package graph_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal/engine/ref"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// TestMisusePanics checks that shape errors name the operation and both shapes.
func TestMisusePanics(t *testing.T) {
	x := func(g *graph.Graph, name string, shape ...int) node { return g.Input(name, graph.F32, shape...) }
	for _, c := range []struct {
		name string
		want []string
		f    func(g *graph.Graph)
	}{
		{"add", []string{"add", "(B, 3)", "(B, 4)"}, func(g *graph.Graph) { x(g, "a", B, 3).Add(x(g, "b", B, 4)) }},
		{"matmul", []string{"MatMul", "(B, 3)", "(4, 2)"}, func(g *graph.Graph) { graph.MatMul(x(g, "a", B, 3), x(g, "b", 4, 2)) }},
		{"outer", []string{"Outer", "(B, 3)", "(2, 3)"}, func(g *graph.Graph) { graph.Outer(x(g, "a", B, 3), x(g, "b", 2, 3)) }},
		{"mask", []string{"MatMul", "1×2", "(3, 2)"}, func(g *graph.Graph) {
			graph.MaskedMatMul(x(g, "a", B, 3), x(g, "b", 3, 2), &graph.Mask{In: []int{1}, Out: []int{1, 2}})
		}},
		{"conv groups", []string{"Conv2D", "(B, 4, 4, 3)", "(3, 3, 2, 4)", "groups"}, func(g *graph.Graph) {
			graph.Conv2D(x(g, "a", B, 4, 4, 3), x(g, "b", 3, 3, 2, 4), graph.Conv{})
		}},
		{"conv batch", []string{"Conv2D", "(B, 4, 2)", "fixed"}, func(g *graph.Graph) { graph.Conv2D(x(g, "a", B, 4, 2), x(g, "b", 1, 1, 2, 4), graph.Conv{}) }},
		{"conv window", []string{"Conv2D", "(B, 4, 4, 2)", "(5, 1, 2, 4)", "larger"}, func(g *graph.Graph) {
			graph.Conv2D(x(g, "a", B, 4, 4, 2), x(g, "b", 5, 1, 2, 4), graph.Conv{})
		}},
		{"conv taps", []string{"Conv2D", "4 taps"}, func(g *graph.Graph) {
			graph.Conv2D(x(g, "a", B, 4, 4, 2), x(g, "b", 3, 1, 2, 4), graph.Conv{Taps: make([]graph.Tap, 4)})
		}},
		{"conv mask", []string{"Conv2D", "mask 1×1 of tap 1"}, func(g *graph.Graph) {
			graph.Conv2D(x(g, "a", B, 4, 4, 2), x(g, "b", 1, 3, 2, 4), graph.Conv{Taps: graph.CausalTaps(1, 3, &graph.Mask{In: []int{0}, Out: []int{0}})})
		}},
		{"conv transposed", []string{"ConvTranspose2D", "(B, 5, 5, 2)", "(B, 4, 4, 3)"}, func(g *graph.Graph) {
			graph.ConvTranspose2D(x(g, "a", B, 4, 4, 3), x(g, "b", 3, 3, 2, 3), 5, 5, graph.Conv{})
		}},
		{"causal", []string{"CausalTaps", "2×3"}, func(g *graph.Graph) { graph.CausalTaps(2, 3, nil) }},
		{"reshape", []string{"Reshape", "(B, 4)", "(B, 3)"}, func(g *graph.Graph) { x(g, "a", B, 4).Reshape(B, 3) }},
		{"reshape batch", []string{"Reshape", "(B, 4)", "(4)"}, func(g *graph.Graph) { x(g, "a", B, 4).Reshape(4) }},
		{"transpose", []string{"Transpose", "(B, 4)"}, func(g *graph.Graph) { x(g, "a", B, 4).Transpose(1, 0) }},
		{"slice batch", []string{"Slice", "(B, 4)", "batch"}, func(g *graph.Graph) { x(g, "a", B, 4).Slice(0, 0, 1) }},
		{"slice", []string{"Slice", "2:9", "(B, 4)"}, func(g *graph.Graph) { x(g, "a", B, 4).Slice(1, 2, 9) }},
		{"concat", []string{"Concat", "(B, 4)", "(2, 4)"}, func(g *graph.Graph) { graph.Concat(1, x(g, "a", B, 4), x(g, "b", 2, 4)) }},
		{"broadcast", []string{"BroadcastTo", "(B, 4)", "(4)"}, func(g *graph.Graph) { x(g, "a", B, 4).BroadcastTo(4) }},
		{"grad", []string{"Grad", "(B, 4)", "scalar"}, func(g *graph.Graph) { a := x(g, "a", B, 4); graph.Grad(a, a) }},
		{"dtype", []string{"exp", "i32", "f32"}, func(g *graph.Graph) { g.Input("i", graph.I32, B).Exp() }},
		{"redeclared", []string{"Input", `"a"`, "(B, 4)", "(B, 5)"}, func(g *graph.Graph) { x(g, "a", B, 4); x(g, "a", B, 5) }},
		{"size", []string{"broadcast", "(B, 4294967296, 4294967296)", "2^40"}, func(g *graph.Graph) {
			x(g, "a", B, 1, 1).BroadcastTo(B, 1<<32, 1<<32) // 2^64 elements, which would wrap to none
		}},
		{"batch axis", []string{"Input", "(3, B)"}, func(g *graph.Graph) { x(g, "a", 3, B) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer func() {
				msg, _ := recover().(string)
				for _, w := range c.want {
					if !strings.Contains(msg, w) {
						t.Errorf("panic %q does not say %q", msg, w)
					}
				}
				if !strings.HasPrefix(msg, "graph: ") {
					t.Errorf("panic %q does not begin with the package", msg)
				}
			}()
			c.f(graph.New())
		})
	}
}

// TestBindErrors checks what a user's tensors are told.
func TestBindErrors(t *testing.T) {
	g := graph.New()
	y := graph.MatMul(g.Input("x", graph.F32, B, 2), g.Param("w", 2, 3))
	plan, err := ref.New().Compile([]node{y})
	if err != nil {
		t.Fatal(err)
	}
	store := func(ts ...tensor.Tensor) *tensor.Store {
		s := &tensor.Store{}
		for _, v := range ts {
			s.Set("w", v)
		}
		return s
	}
	ok := tensor.New[float32](2, 3)
	for want, run := range map[string]struct {
		feeds graph.Feeds
		store *tensor.Store
	}{
		`input "x" is not fed`:               {graph.Feeds{}, store(ok)},
		`store has no parameter "w"`:         {graph.Feeds{"x": tensor.New[float32](5, 2)}, store()},
		`input "x" has shape [5 3]`:          {graph.Feeds{"x": tensor.New[float32](5, 3)}, store(ok)},
		`param "w" has shape [3 2]`:          {graph.Feeds{"x": tensor.New[float32](5, 2)}, store(tensor.New[float32](3, 2))},
		`input "x" holds 10 values of []int`: {graph.Feeds{"x": tensor.New[int32](5, 2)}, store(ok)},
	} {
		if _, err := plan.Run(context.Background(), run.feeds, run.store); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one with %q", err, want)
		}
	}
}

// TestSpecialValues: NaN propagates through max, min and relu, and rows of
// minus infinity have a log-sum-exp of minus infinity.
func TestSpecialValues(t *testing.T) {
	g := graph.New()
	x := g.Input("x", graph.F32, B, 2)
	zero := g.Scalar(0)
	plan, err := ref.New().Compile([]node{x.Relu(), x.Max(zero), x.Min(zero), x.ReduceMax(1), x.LogSumExp(1)})
	if err != nil {
		t.Fatal(err)
	}
	inf, nan := math.Inf(1), math.NaN()
	out, err := plan.Run(context.Background(), graph.Feeds{"x": tensor.Of([]float64{nan, 1, -inf, -inf, -inf, 0}, 3, 2)}, &tensor.Store{})
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"relu", "max", "min", "reducemax"} {
		if v := out[i].F64()[0]; !math.IsNaN(v) {
			t.Errorf("%s of NaN is %g", name, v)
		}
	}
	if lse := out[4].F64(); !math.IsInf(lse[1], -1) || lse[2] != 0 {
		t.Errorf("log-sum-exp of −Inf rows: %v, want −Inf and 0", lse)
	}
}
