package nn

import (
	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// TransformerBlock is one layer of a transformer that normalises first (Xiong
// et al. 2020):
//
//	x ← x + attention(norm1(x))
//	x ← x + mlp(norm2(x))
//
// x is (…, T, Dim) with T positions. Parts are named Name/norm1,
// Name/attention, Name/norm2 and Name/mlp.
type TransformerBlock struct {
	Name       string
	Dim, Heads int
	// Hidden units of the MLP; 0 is 4·Dim.
	Hidden int
	// Activation of the MLP; empty is GELU.
	Activation Activation
	// Causal lets a position see itself and those before it only.
	Causal bool
}

func (b TransformerBlock) attention() (LayerNorm, SelfAttention) {
	return LayerNorm{Name: b.Name + "/norm1", Dim: b.Dim},
		SelfAttention{Name: b.Name + "/attention", Dim: b.Dim, Heads: b.Heads, Causal: b.Causal}
}

func (b TransformerBlock) mlp() (LayerNorm, MLP) {
	hidden, activation := b.Hidden, b.Activation
	if hidden == 0 {
		hidden = 4 * b.Dim
	}
	if activation == "" {
		activation = GELU
	}
	return LayerNorm{Name: b.Name + "/norm2", Dim: b.Dim},
		MLP{Name: b.Name + "/mlp", In: b.Dim, Hidden: []int{hidden}, Out: b.Dim, Activation: activation}
}

func (b TransformerBlock) layers() []Layer {
	norm1, attention := b.attention()
	norm2, mlp := b.mlp()
	return []Layer{norm1, attention, norm2, mlp}
}

// Apply implements [Layer].
func (b TransformerBlock) Apply(x *graph.Node) *graph.Node {
	norm1, attention := b.attention()
	x = x.Add(attention.Apply(norm1.Apply(x)))
	norm2, mlp := b.mlp()
	return x.Add(mlp.Apply(norm2.Apply(x)))
}

// Params implements [Layer].
func (b TransformerBlock) Params(g *graph.Graph) []*graph.Node { return Params(g, b.layers()...) }

// Init implements [Layer].
func (b TransformerBlock) Init(store *tensor.Store, key surprisal.Key) {
	for _, l := range b.layers() {
		l.Init(store, key)
	}
}
