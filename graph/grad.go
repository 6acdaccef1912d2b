package graph

import (
	"fmt"
	"slices"
)

// Grad returns ∂loss/∂x for every x in wrt, as nodes of the same graph. The
// loss must be a scalar; a node that it does not depend on has a gradient of
// zeros.
func Grad(loss *Node, wrt ...*Node) []*Node {
	if len(loss.shape) != 0 {
		panic(fmt.Sprintf("graph: Grad: loss has shape %s, want a scalar", ShapeString(loss.shape)))
	}
	return VJP(loss, loss.graph.Scalar(1), wrt...)
}

// VJP returns the vector-Jacobian product Σ v·∂y/∂x for every x in wrt; v has
// the shape of y.
func VJP(y, v *Node, wrt ...*Node) []*Node { return vjp(y, v, 0, wrt) }

// vjp is VJP with everything before node number first taken as given: for
// nodes among wrt that depend on one another, the partial derivatives.
func vjp(y, v *Node, first int, wrt []*Node) []*Node {
	g := y.graph
	if y.dtype != F32 || ShapeString(y.shape) != ShapeString(v.shape) {
		panic(fmt.Sprintf("graph: VJP: y %s%s with cotangent %s", y.dtype, ShapeString(y.shape), ShapeString(v.shape)))
	}
	needed := reaches(y, wrt)
	grads := make([]*Node, y.id+1)
	grads[y.id] = v
	for id := y.id; id >= first; id-- {
		n := g.nodes[id]
		if grads[id] == nil || !needed[id] || len(n.in) == 0 {
			continue
		}
		rule := rules[n.op]
		if rule == nil {
			continue
		}
		saved := g.scope
		if n.scope != "" {
			g.scope = []string{n.scope}
		}
		for i, d := range rule(n, grads[id]) {
			in := n.in[i]
			if d == nil || !needed[in.id] || in.dtype != F32 {
				continue
			}
			if ShapeString(d.shape) != ShapeString(in.shape) {
				panic(fmt.Sprintf("graph: gradient of %s has shape %s for operand %s", n.op, ShapeString(d.shape), ShapeString(in.shape)))
			}
			if grads[in.id] == nil {
				grads[in.id] = d
			} else {
				grads[in.id] = grads[in.id].Add(d)
			}
		}
		g.scope = saved
	}
	out := make([]*Node, len(wrt))
	for i, x := range wrt {
		if x.id <= y.id && grads[x.id] != nil {
			out[i] = grads[x.id]
		} else {
			out[i] = g.Scalar(0).BroadcastTo(x.shape...)
		}
	}
	return out
}

// coarse is the rule of an operation that has a decomposition: the rule of
// that. It is for operations that only gradients of gradients differentiate.
func coarse(n, g *Node) []*Node {
	first := len(n.graph.nodes)
	out := vjp(n.Decompose(), g, first, n.in)
	for i, x := range n.in {
		if slices.Contains(n.in[:i], x) {
			out[i] = nil // the first has the gradient of all
		}
	}
	return out
}

// reaches marks the nodes on a path from one of wrt to y.
func reaches(y *Node, wrt []*Node) []bool {
	from := make([]bool, y.id+1)
	for _, x := range wrt {
		if x.id <= y.id {
			from[x.id] = true
		}
	}
	for id := range from {
		for _, in := range y.graph.nodes[id].in {
			from[id] = from[id] || from[in.id]
		}
	}
	return from
}
