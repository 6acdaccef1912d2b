package nn

import (
	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// Linear is y = x·w + b, with w (I, O) at Name/w and b (O), which begins at
// zero, at Name/b.
type Linear struct {
	Name    string
	In, Out int
	// NoBias leaves b out.
	NoBias bool
	// Weights draws w; nil is [He].
	Weights Initializer
}

// Apply implements [Layer].
func (l Linear) Apply(x *graph.Node) *graph.Node {
	g := x.Graph()
	defer g.Scope(l.Name)()
	y := graph.MatMul(x, g.Param(l.Name+"/w", l.In, l.Out))
	if !l.NoBias {
		y = y.Add(g.Param(l.Name+"/b", l.Out))
	}
	return y
}

// Params implements [Layer].
func (l Linear) Params(g *graph.Graph) []*graph.Node {
	out := []*graph.Node{g.Param(l.Name+"/w", l.In, l.Out)}
	if !l.NoBias {
		out = append(out, g.Param(l.Name+"/b", l.Out))
	}
	return out
}

// Init implements [Layer].
func (l Linear) Init(store *tensor.Store, key surprisal.Key) {
	l.Weights.draw(param(store, l.Name+"/w", l.In, l.Out), l.In, l.Out, key.Named(l.Name+"/w"))
	if !l.NoBias {
		clear(param(store, l.Name+"/b", l.Out))
	}
}
