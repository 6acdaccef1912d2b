package nn_test

import (
	"math"
	"slices"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/nn"
	"github.com/surprisal-go/surprisal/tensor"
)

// TestMaskedConvSeesThePast holds that a network of an A layer and a B layer
// depends on the pixels and colours that its windows reach and its masks open,
// and on no others.
func TestMaskedConvSeesThePast(t *testing.T) {
	const size = 4
	for _, colours := range []int{1, 3} {
		a := nn.MaskedConv2D("a", 3, 3, nn.ColourMask(colours, 2*colours, colours, true))
		b := nn.MaskedConv2D("b", 3, 3, nn.ColourMask(2*colours, colours, colours, false))
		store := &tensor.Store{}
		a.Init(store, 1)
		b.Init(store, 1)
		g := graph.New()
		x := g.Input("x", graph.F32, size, size, colours)
		y := b.Apply(a.Apply(x).Tanh())
		xs := make([]float64, size*size*colours)
		for i := range xs {
			xs[i] = math.Sin(float64(i))
		}
		// sees says whether a unit is in the window of another one.
		sees := func(unit, of int, strict bool) bool {
			r, c, k := of/colours/size, of/colours%size, of%colours
			ri, ci, ki := unit/colours/size, unit/colours%size, unit%colours
			if r == ri && c == ci {
				return ki < k || ki == k && !strict
			}
			return ri == r-1 && ci >= c-1 && ci <= c+1 || ri == r && ci == c-1
		}
		for out := range xs {
			pick := make([]float64, len(xs))
			pick[out] = 1
			d := run(t, graph.Feeds{"x": tensor.Of(xs, x.Shape()...)}, store, graph.VJP(y, g.Const(pick, y.Shape()...), x)[0])[0].F64()
			for in, v := range d {
				want := false
				for hidden := range xs {
					want = want || sees(in, hidden, true) && sees(hidden, out, false)
				}
				if want != (v != 0) {
					t.Errorf("%d colours: output %d has gradient %g by input %d", colours, out, v, in)
				}
				if want && in >= out {
					t.Fatal("the test itself is not causal")
				}
			}
		}
	}
}

func TestConv2D(t *testing.T) {
	l := nn.Conv2D{Name: "c", In: 4, Out: 6, Window: [2]int{1, 2}, Conv: graph.Conv{Groups: 2, Taps: []graph.Tap{{Closed: true}, {}}}}
	l.Weights = func(dst []float32, fanIn, fanOut int, _ surprisal.Key) {
		if fanIn != 2 || fanOut != 3 {
			t.Errorf("fans %d and %d, want 2 and 3", fanIn, fanOut)
		}
		for i := range dst {
			dst[i] = float32(i + 1)
		}
	}
	store := &tensor.Store{}
	l.Init(store, 1)
	want := []float32{12: 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24}
	if got := store.Must("c/w"); !slices.Equal(got.Shape, []int{1, 2, 2, 6}) || !slices.Equal(got.F32(), want) {
		t.Errorf("weights %v of shape %v", got.F32(), got.Shape)
	}
	if l.Open() != 12+6 {
		t.Errorf("Open is %d, want 18", l.Open())
	}
	store.Must("c/b").F32()[5] = 0.5
	g := graph.New()
	x := g.Const([]float64{0, 0, 0, 0, 1, 10, 2, 20}, 1, 2, 4)
	y := run(t, nil, store, l.Apply(x))[0].F64()
	// Group 0 sees 1, 10 through columns 13… and 19…; group 1 sees 2, 20.
	if want := []float64{13 + 190, 14 + 200, 15 + 210, 32 + 440, 34 + 460, 36 + 480 + 0.5}; !slices.Equal(y, want) {
		t.Errorf("got %v, want %v", y, want)
	}
}
