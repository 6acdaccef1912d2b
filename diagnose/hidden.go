package diagnose

import (
	"slices"
	"strings"

	"github.com/surprisal-go/surprisal/graph"
)

// hidden is a layer of hidden units in a graph: what a product with weights,
// and its bias, gives to an activation.
type hidden struct {
	name     string
	in, out  *graph.Node // of the activation
	steepest float64     // slope of the activation
	bounded  bool        // on both sides
}

func (h hidden) units() int { return h.in.Dim(-1) }

// slope is the activation's derivative at every unit.
func (h hidden) slope() *graph.Node {
	one := h.in.Graph().Scalar(1).BroadcastTo(h.out.Shape()...)
	return graph.VJP(h.out, one, h.in)[0]
}

func into(layers []hidden) []*graph.Node {
	out := make([]*graph.Node, len(layers))
	for i, l := range layers {
		out[i] = l.in
	}
	return out
}

// hiddenLayers finds the layers that a loss depends on, in topological order.
// One is where the operand of a product with weights is made, by elementwise
// operations alone, of what one other such product gives. Sums of several, as
// around a residual connection, have no activation of their own and are passed
// by.
func hiddenLayers(loss *graph.Node) []hidden {
	nodes := graph.Reachable(loss)
	made := map[*graph.Node]string{} // the results of layers, by name
	for _, n := range nodes {
		if name, ok := product(n); ok {
			made[n] = name
		}
	}
	for _, n := range nodes { // with their bias
		if n.Op() != graph.OpAdd {
			continue
		}
		for _, in := range n.Inputs() {
			if name, ok := made[in]; ok && n.ScopeName() == in.ScopeName() {
				delete(made, in)
				made[n] = name
			}
		}
	}
	var out []hidden
	for _, n := range nodes {
		if _, ok := product(n); !ok {
			continue
		}
		h := kept(n.Inputs()[0])
		from := sources(h, made)
		if len(from) != 1 || from[0] == h {
			continue
		}
		l := hidden{name: made[from[0]], in: from[0], out: h, steepest: 1}
		direct := len(h.Inputs()) == 1 && h.Inputs()[0] == l.in
		if direct && h.Op() == graph.OpTanh {
			l.bounded = true
		}
		if direct && h.Op() == graph.OpSigmoid {
			l.bounded, l.steepest = true, 0.25
		}
		if !slices.ContainsFunc(out, func(o hidden) bool { return o.in == l.in || o.name == l.name }) {
			out = append(out, l)
		}
	}
	slices.SortFunc(out, func(a, b hidden) int { return a.in.ID() - b.in.ID() })
	return out
}

// product reports whether a node is a product with weights of their own, and
// the name of the layer: what stands before the last slash of the weights'.
func product(n *graph.Node) (name string, ok bool) {
	if n.Op() != graph.OpMatMul && n.Op() != graph.OpConv {
		return "", false
	}
	w := n.Inputs()[1]
	if w.Op() != graph.OpParam {
		return "", false
	}
	name = w.Attr().Name
	if at := strings.LastIndexByte(name, '/'); at > 0 {
		name = name[:at]
	}
	return name, true
}

// kept is what a dropout drops units of, or the node itself.
func kept(n *graph.Node) *graph.Node {
	if n.Op() != graph.OpWhere {
		return n
	}
	if less := n.Inputs()[0]; less.Op() == graph.OpLess && less.Inputs()[0].Op() == graph.OpUniform {
		scaled := n.Inputs()[2]
		if scaled.Op() == graph.OpMul {
			return scaled.Inputs()[0]
		}
	}
	return n
}

// sources are the results of layers that a node is made of by elementwise
// operations.
func sources(n *graph.Node, made map[*graph.Node]string) (out []*graph.Node) {
	seen := map[*graph.Node]bool{}
	var walk func(n *graph.Node)
	walk = func(n *graph.Node) {
		if seen[n] {
			return
		}
		seen[n] = true
		if _, ok := made[n]; ok {
			out = append(out, n)
			return
		}
		if n.Op().Elementwise() {
			for _, in := range n.Inputs() {
				walk(in)
			}
		}
	}
	walk(n)
	return out
}
