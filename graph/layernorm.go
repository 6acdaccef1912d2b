package graph

import (
	"fmt"
	"slices"
)

// LayerNorm is gain·(x − μ)/√(σ² + eps) + bias, with mean μ and variance σ²
// (divided by D) over the last axis (Ba, Kiros and Hinton 2016): x (…, D), gain
// and bias (D), result (…, D).
func LayerNorm(x, gain, bias *Node, eps float64) *Node {
	for _, n := range []*Node{x, gain, bias} {
		n.want("LayerNorm", F32)
	}
	if len(x.shape) == 0 || !slices.Equal(gain.shape, x.shape[len(x.shape)-1:]) || !slices.Equal(bias.shape, gain.shape) || Batched(gain.shape) {
		panic(fmt.Sprintf("graph: LayerNorm: x %s, gain %s, bias %s", ShapeString(x.shape), ShapeString(gain.shape), ShapeString(bias.shape)))
	}
	if !(eps > 0) {
		panic(fmt.Sprintf("graph: LayerNorm: eps is %g, want more than 0", eps))
	}
	return x.graph.add(OpLayerNorm, F32, x.shape, Attr{Eps: eps}, x, gain, bias)
}

// layerNormGrad is the gradient of LayerNorm by x: with x̂ what is normalised,
// r = 1/√(σ² + eps) and h = g·gain, it is r·(h − mean h − x̂·mean(h·x̂)).
func layerNormGrad(x, gain, g *Node, eps float64) *Node {
	return x.graph.add(OpLayerNormGrad, F32, x.shape, Attr{Eps: eps}, x, gain, g)
}

// layerNormParams holds the gradients by gain, Σ g·x̂, and by bias, Σ g, over
// all leading axes, as the rows of (2, D).
func layerNormParams(x, g *Node, eps float64) *Node {
	return x.graph.add(OpLayerNormParams, F32, []int{2, x.shape[len(x.shape)-1]}, Attr{Eps: eps}, x, g)
}

// normalized is (x − μ)/√(σ² + eps).
func normalized(x *Node, eps float64) *Node {
	last := []int{len(x.shape) - 1}
	c := x.Sub(x.Mean(last...).expand(x.shape, last))
	return c.Div(c.Square().Mean(last...).AddScalar(eps).Sqrt().expand(x.shape, last))
}

func decomposeLayerNormGrad(n *Node) *Node {
	x, gain, g := n.in[0], n.in[1], n.in[2]
	first := len(n.graph.nodes)
	return vjp(normalized(x, n.attr.Eps), g.Mul(gain), first, []*Node{x})[0]
}

func decomposeLayerNormParams(n *Node) *Node {
	x, g := n.in[0], n.in[1]
	d := n.shape[1]
	row := func(h *Node) *Node { return h.SumTo(d).Reshape(1, d) }
	return Concat(0, row(g.Mul(normalized(x, n.attr.Eps))), row(g))
}
