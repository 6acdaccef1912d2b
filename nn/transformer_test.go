package nn_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/nn"
	"github.com/surprisal-go/surprisal/tensor"
)

func TestLayerNormByHand(t *testing.T) {
	l := nn.LayerNorm{Name: "n", Dim: 4, Eps: 0.25}
	store := &tensor.Store{}
	l.Init(store, 1)
	copy(store.Must("n/gain").F32(), []float32{1, 2, 1, 1})
	copy(store.Must("n/bias").F32(), []float32{0, 0, 3, 0})
	g := graph.New()
	y := run(t, nil, store, l.Apply(g.Const([]float64{1, 3, 5, 7, 2, 2, 2, 2}, 2, 4)))[0].F64()
	r := 1 / math.Sqrt(5+0.25) // of (−3, −1, 1, 3)
	for i, want := range []float64{-3 * r, -2 * r, r + 3, 3 * r, 0, 0, 3, 0} {
		if math.Abs(y[i]-want) > 1e-12 {
			t.Errorf("element %d is %g, want %g", i, y[i], want)
		}
	}
}

// TestSelfAttentionByHand has one head of one dim: the second position weighs
// the values 1 and 2 by e⁰ and e^(2·0.5).
func TestSelfAttentionByHand(t *testing.T) {
	a := nn.SelfAttention{Name: "a", Dim: 1, Heads: 1, Causal: true}
	store := &tensor.Store{}
	a.Init(store, 1)
	copy(store.Must("a/qkv/w").F32(), []float32{1, 0.5, 1})
	copy(store.Must("a/qkv/b").F32(), []float32{0, -0.5, 0})
	copy(store.Must("a/out/w").F32(), []float32{2})
	g := graph.New()
	x := g.Const([]float64{1, 2}, 2, 1)
	y := run(t, nil, store, a.Apply(x))[0].F64()
	e := math.Exp(2 * 0.5)
	if want := 2 * (1 + 2*e) / (1 + e); y[0] != 2 || math.Abs(y[1]-want) > 1e-12 {
		t.Errorf("got %v, want [2 %g]", y, want)
	}
}

// TestTransformerBlock holds that a causal block sees nothing that comes later,
// that one without a mask does, and that gradients reach every parameter but
// the biases of keys, which softmax does not see.
func TestTransformerBlock(t *testing.T) {
	const length, width = 5, 6
	block := nn.TransformerBlock{Name: "b", Dim: width, Heads: 2, Hidden: 7, Causal: true}
	store := &tensor.Store{}
	block.Init(store, 3)
	values := make([]float64, length*width)
	r := rand.New(rand.NewPCG(1, 1))
	for i := range values {
		values[i] = r.NormFloat64()
	}
	apply := func(b nn.TransformerBlock, v []float64) []float64 {
		return run(t, nil, store, b.Apply(graph.New().Const(v, 1, length, width)))[0].F64()
	}
	full := block
	full.Causal = false
	other := slices.Clone(values)
	other[3*width]++
	for _, b := range []nn.TransformerBlock{block, full} {
		same := slices.Equal(apply(b, values)[:3*width], apply(b, other)[:3*width])
		if same != b.Causal {
			t.Errorf("causal %v: earlier positions see a later one: %v", b.Causal, !same)
		}
	}
	g := graph.New()
	params := block.Params(g)
	if len(params) != store.Len() {
		t.Fatalf("%d parameters, %d tensors", len(params), store.Len())
	}
	loss := block.Apply(g.Const(values, 1, length, width)).Sin().Sum()
	for i, d := range run(t, nil, store, graph.Grad(loss, params...)...) {
		name := params[i].Attr().Name
		for j, v := range d.F64() {
			ofKey := strings.HasSuffix(name, "qkv/b") && j/width == 1
			if (math.Abs(v) < 1e-12) != ofKey {
				t.Errorf("gradient of element %d of %s is %g", j, name, v)
			}
		}
	}
}

func TestEmbedding(t *testing.T) {
	e := nn.Embedding{Name: "e", Symbols: 3, Dim: 2}
	store := &tensor.Store{}
	e.Init(store, 1)
	w := store.Must("e/table").F32()
	g := graph.New()
	codes := g.Input("codes", graph.I32, graph.Batch, 2)
	got := run(t, graph.Feeds{"codes": tensor.Of([]int32{2, 0}, 1, 2)}, store, e.Apply(codes))[0].F64()
	for i, want := range []float32{w[4], w[5], w[0], w[1]} {
		if got[i] != float64(want) || want == 0 {
			t.Errorf("element %d is %g, want %g, and not 0", i, got[i], want)
		}
	}
}
