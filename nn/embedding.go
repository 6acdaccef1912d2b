package nn

import (
	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// Embedding turns codes (i32, (…)) into rows of the table at Name/table: (…,
// Dim). A code outside 0 … Symbols−1 is an error when the plan runs.
type Embedding struct {
	Name         string
	Symbols, Dim int
	// Weights draws the rows, with fan-in and fan-out Dim; nil is Normal(0.02)
	// (Radford et al. 2018).
	Weights Initializer
}

func (e Embedding) table(g *graph.Graph) *graph.Node {
	return g.Param(e.Name+"/table", e.Symbols, e.Dim)
}

// Apply implements [Layer]; it takes codes.
func (e Embedding) Apply(codes *graph.Node) *graph.Node {
	defer codes.Graph().Scope(e.Name)()
	return graph.Gather(e.table(codes.Graph()), codes)
}

// Params implements [Layer].
func (e Embedding) Params(g *graph.Graph) []*graph.Node { return []*graph.Node{e.table(g)} }

// Init implements [Layer].
func (e Embedding) Init(store *tensor.Store, key surprisal.Key) {
	weights := e.Weights
	if weights == nil {
		weights = Normal(0.02)
	}
	weights(param(store, e.Name+"/table", e.Symbols, e.Dim), e.Dim, e.Dim, key.Named(e.Name+"/table"))
}
