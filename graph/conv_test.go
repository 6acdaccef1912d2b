package graph_test

import (
	"context"
	"slices"
	"testing"

	"github.com/surprisal-go/surprisal/engine/ref"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/lawtest"
	"github.com/surprisal-go/surprisal/tensor"
)

// convCases check gradients and Hessians of convolutions. The loss is not
// linear in either operand, so that second derivatives run through all three
// operations.
func convCases() []lawtest.GradCase {
	colours := &graph.Mask{In: []int{0, 1}, Out: []int{0, 1, 1}, Strict: true}
	mixed := make([]graph.Tap, 6)
	mixed[1].Closed, mixed[4].Mask = true, &graph.Mask{In: []int{1}, Out: []int{0, 1, 0, 2}}
	conv := func(name string, x, w []int, c graph.Conv) lawtest.GradCase {
		return lawtest.GradCase{Name: name, Shapes: [][]int{x, w}, Build: func(g *graph.Graph, in []node) node {
			return graph.Conv2D(in[0], in[1], c).Square()
		}}
	}
	cases := []lawtest.GradCase{
		conv("conv", []int{B, 3, 4, 2}, []int{2, 3, 2, 3}, graph.Conv{}),
		conv("conv of one image", []int{3, 3, 2}, []int{2, 2, 2, 1}, graph.Conv{Padding: graph.Padding{Top: 1}}),
		conv("conv strided", []int{B, 5, 4, 1}, []int{3, 2, 1, 2}, graph.Conv{Stride: [2]int{2, 3}, Padding: graph.Padding{Top: 2, Right: 1}}),
		conv("conv dilated", []int{B, 4, 5, 1}, []int{2, 2, 1, 2}, graph.Conv{Dilation: [2]int{1, 3}, Padding: graph.Padding{Bottom: 1, Left: 2}}),
		conv("conv grouped", []int{B, 2, 3, 4}, []int{2, 2, 2, 6}, graph.Conv{Groups: 2, Padding: graph.Padding{Left: 1}}),
		conv("conv causal", []int{B, 3, 2, 2}, []int{3, 3, 2, 3}, graph.Conv{Padding: graph.Padding{Top: 1, Bottom: 1, Left: 1, Right: 1}, Taps: graph.CausalTaps(3, 3, colours)}),
		conv("conv taps and groups", []int{B, 3, 3, 2}, []int{2, 3, 1, 4}, graph.Conv{Groups: 2, Taps: mixed}),
		conv("conv 1×1", []int{B, 2, 2, 2}, []int{1, 1, 2, 3}, graph.Conv{Taps: []graph.Tap{{Mask: colours}}}),
		conv("conv closed", []int{B, 1, 1, 2}, []int{1, 1, 2, 3}, graph.Conv{Taps: []graph.Tap{{Closed: true}}}),
	}
	for _, w := range [][]int{{3, 2, 2, 3}, {1, 1, 2, 3}} {
		c := graph.Conv{Stride: [2]int{2, 1}, Padding: graph.Padding{Top: 1, Left: 1}}
		if w[0] == 1 {
			c = graph.Conv{}
		}
		cases = append(cases, lawtest.GradCase{Name: "conv transposed " + graph.ShapeString(w), Shapes: [][]int{{B, 2, 2, 3}, w}, Build: func(g *graph.Graph, in []node) node {
			height := 2
			if w[0] == 3 {
				height = 5
			}
			return graph.ConvTranspose2D(in[0], in[1], height, 2, c).Square()
		}})
	}
	return cases
}

// TestConvByHand holds the decomposition to the formula of the comment, on one
// image with everything uneven.
func TestConvByHand(t *testing.T) {
	const height, width, groups, ci, co = 4, 5, 2, 2, 1
	c := graph.Conv{Stride: [2]int{2, 1}, Dilation: [2]int{1, 2}, Padding: graph.Padding{Top: 1, Left: 3}, Groups: groups}
	c.Taps = []graph.Tap{{}, {Closed: true}, {Mask: &graph.Mask{In: []int{0, 1}, Out: []int{0, 2}}}, {}}
	open := func(tap, i, n int) bool {
		return tap != 1 && (tap != 2 || n == 1 || i == 0)
	}
	g := graph.New()
	x, w := g.Input("x", graph.F32, height, width, groups*ci), g.Input("w", graph.F32, 2, 2, ci, groups*co)
	y := graph.Conv2D(x, w, c)
	if !slices.Equal(y.Shape(), []int{2, 6, 2}) {
		t.Fatalf("shape %v, want (2, 6, 2)", y.Shape())
	}
	xs, ws := make([]float64, height*width*groups*ci), make([]float64, 4*ci*groups*co)
	for i := range xs {
		xs[i] = float64(i*i%17 - 8)
	}
	for i := range ws {
		ws[i] = float64(i*7%13 - 6)
	}
	plan, err := ref.New().Compile([]node{y})
	if err != nil {
		t.Fatal(err)
	}
	out, err := plan.Run(context.Background(), graph.Feeds{"x": tensor.Of(xs, x.Shape()...), "w": tensor.Of(ws, w.Shape()...)}, &tensor.Store{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		for j := range 6 {
			for n := range groups * co {
				want := 0.0
				for tap := range 4 {
					for k := range ci {
						h, v := i*2+tap/2-1, j+tap%2*2-3
						if h >= 0 && h < height && v >= 0 && v < width && open(tap, k, n) {
							want += xs[(h*width+v)*groups*ci+n/co*ci+k] * ws[(tap*ci+k)*groups*co+n]
						}
					}
				}
				if got := out[0].F64()[(i*6+j)*groups*co+n]; got != want {
					t.Errorf("pixel %d, %d, channel %d is %g, want %g", i, j, n, got, want)
				}
			}
		}
	}
}

// TestConvForms holds which operation a convolution becomes.
func TestConvForms(t *testing.T) {
	g := graph.New()
	x := g.Input("x", graph.F32, B, 4, 4, 2)
	pointwise, w := g.Param("w1", 1, 1, 2, 3), g.Param("w3", 3, 3, 2, 3)
	one := &graph.Mask{In: []int{0, 0}, Out: []int{0, 0, 0}, Strict: true}
	for name, c := range map[string]struct {
		node node
		want graph.Op
	}{
		"1×1":         {graph.Conv2D(x, pointwise, graph.Conv{}), graph.OpMatMul},
		"1×1 strided": {graph.Conv2D(x, pointwise, graph.Conv{Stride: [2]int{2, 2}}), graph.OpConv},
		"3×3":         {graph.Conv2D(x, w, graph.Conv{}), graph.OpConv},
	} {
		if c.node.Op() != c.want {
			t.Errorf("%s is %s, want %s", name, c.node.Op(), c.want)
		}
	}
	taps := graph.Conv2D(x, w, graph.Conv{Taps: graph.CausalTaps(3, 3, one)}).Attr().Conv
	for i := range 9 {
		if taps.Open(i) != (i < 4) || taps.Mask(i) != nil {
			t.Errorf("tap %d of type A on one colour: open %v, mask %v", i, taps.Open(i), taps.Mask(i))
		}
	}
	if c := graph.Conv2D(x, w, graph.Conv{Taps: make([]graph.Tap, 9)}).Attr().Conv; c.Taps != nil {
		t.Error("open taps are kept")
	}
}
