package nn

import "github.com/surprisal-go/surprisal/graph"

// Dropout sets each unit to zero with probability Rate and divides the others
// by 1 − Rate (Srivastava et al. 2014). It is for training graphs: leave it out
// of those that score. The zero value drops nothing.
type Dropout struct {
	Rate float64
	// Key (u32, (2)) and IDs (u32, (B, 2)) key the draws: see [graph.Uniform].
	// They may be nil where Rate is 0.
	Key, IDs *graph.Node
	// Draw is the stream of the first layer; each further layer takes the next.
	Draw uint32
}

// Apply drops units of x (B, …); layer tells the layers of a network apart.
func (d Dropout) Apply(x *graph.Node, layer uint32) *graph.Node {
	if d.Rate == 0 {
		return x
	}
	g := x.Graph()
	u := graph.Uniform(d.Key, d.IDs, d.Draw+layer, x.Shape()[1:]...)
	return graph.Where(u.Less(g.Scalar(d.Rate)), g.Scalar(0), x.MulScalar(1/(1-d.Rate)))
}
