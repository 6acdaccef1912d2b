package cpu

import (
	"context"
	"math"
	"testing"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// TestStepsOfSingleElements has clusters of operations that are cheap by hand,
// on elements that become known one by one.
func TestStepsOfSingleElements(t *testing.T) {
	g := graph.New()
	x, b := g.Input("x", graph.F32, graph.Batch, 5), g.Param("b1", 5)
	half := g.Scalar(0.5)
	y := half.Sub(x).Mul(x.Sub(half)).Add(b).Relu()
	outputs := []*graph.Node{y, half.Div(x.Square().Neg().Sub(b)), x.Abs().Floor().Max(b).Min(y).Recip(), x.Sign().Mul(y)}
	store := madeParams(g)
	p := compile(t, Options{}, outputs)
	e := New(Options{})
	defer e.Close()
	sp, err := graph.CompileSteps(e, outputs, x, []int{0, 1, 2, 3, 4})
	if err != nil {
		t.Fatal(err)
	}
	fed := graph.Feeds{"x": tensor.Of([]float32{1.7, -2.3, 0, 0.4, float32(math.NaN())}, 1, 5)}
	want, err := p.Run(context.Background(), fed, store)
	if err != nil {
		t.Fatal(err)
	}
	walk(t, sp, fed, store, want)
}
