package nn

import (
	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// LayerNorm gives every event's units mean 0 and variance 1, and then a gain
// at Name/gain, which begins at one, and a bias at Name/bias, which begins at
// zero: see [graph.LayerNorm]. x is (…, Dim).
type LayerNorm struct {
	Name string
	Dim  int
	// Eps is added to the variance; 0 is 1e-5.
	Eps float64
}

func (l LayerNorm) params(g *graph.Graph) (gain, bias *graph.Node) {
	return g.Param(l.Name+"/gain", l.Dim), g.Param(l.Name+"/bias", l.Dim)
}

// Apply implements [Layer].
func (l LayerNorm) Apply(x *graph.Node) *graph.Node {
	defer x.Graph().Scope(l.Name)()
	eps := l.Eps
	if eps == 0 {
		eps = 1e-5
	}
	gain, bias := l.params(x.Graph())
	return graph.LayerNorm(x, gain, bias, eps)
}

// Params implements [Layer].
func (l LayerNorm) Params(g *graph.Graph) []*graph.Node {
	gain, bias := l.params(g)
	return []*graph.Node{gain, bias}
}

// Init implements [Layer].
func (l LayerNorm) Init(store *tensor.Store, _ surprisal.Key) {
	gain := param(store, l.Name+"/gain", l.Dim)
	for i := range gain {
		gain[i] = 1
	}
	clear(param(store, l.Name+"/bias", l.Dim))
}
