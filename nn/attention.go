package nn

import (
	"fmt"
	"math"
	"slices"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// SelfAttention is multi-head self-attention (Vaswani et al. 2017): queries,
// keys and values of all heads by the linear layer Name/qkv, [graph.Attention]
// with scale 1/√(Dim/Heads), and the linear layer Name/out. x is (…, T, Dim)
// with T positions.
type SelfAttention struct {
	Name string
	Dim  int
	// Heads divide Dim.
	Heads int
	// Causal lets a position see itself and those before it only.
	Causal bool
}

func (a SelfAttention) layers() (qkv, out Linear) {
	if a.Heads <= 0 || a.Dim%a.Heads != 0 {
		panic(fmt.Sprintf("nn: SelfAttention %q: %d heads do not divide %d units", a.Name, a.Heads, a.Dim))
	}
	return Linear{Name: a.Name + "/qkv", In: a.Dim, Out: 3 * a.Dim, Weights: Glorot}, Linear{Name: a.Name + "/out", In: a.Dim, Out: a.Dim, Weights: Glorot}
}

// Apply implements [Layer].
func (a SelfAttention) Apply(x *graph.Node) *graph.Node {
	qkv, out := a.layers()
	d := a.Dim / a.Heads
	positions := x.Shape()[:x.Rank()-1]
	split := qkv.Apply(x).Reshape(append(slices.Clone(positions), 3, a.Heads, d)...)
	leave := x.Graph().Scope(a.Name)
	y := graph.Attention(split, 1/math.Sqrt(float64(d)), a.Causal)
	leave()
	return out.Apply(y.Reshape(x.Shape()...))
}

// Params implements [Layer].
func (a SelfAttention) Params(g *graph.Graph) []*graph.Node {
	qkv, out := a.layers()
	return Params(g, qkv, out)
}

// Init implements [Layer].
func (a SelfAttention) Init(store *tensor.Store, key surprisal.Key) {
	qkv, out := a.layers()
	qkv.Init(store, key)
	out.Init(store, key)
}
