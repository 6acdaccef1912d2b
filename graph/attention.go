package graph

import (
	"fmt"
	"math"
	"slices"
)

// Attention is scaled dot-product self-attention (Vaswani et al. 2017): in
// every head, position t gets Σ_s p(t,s)·v(s) with
//
//	p(t,s) = softmax over s of scale·q(t)·k(s)
//
// over all positions s, or, if causal, over s ≤ t. Queries, keys and values
// come as one operand, as one linear layer makes them: qkv (…, T, 3, H, d) with
// T positions, H heads and d dims a head; the result is (…, T, H, d). The usual
// scale is 1/√d. Attention between two sequences is built of [BatchMatMul] and
// [Node.Softmax].
func Attention(qkv *Node, scale float64, causal bool) *Node {
	qkv.want("Attention", F32)
	r := len(qkv.shape) - 4
	if r < 0 || qkv.shape[r+1] != 3 || r == 0 && Batched(qkv.shape) {
		panic(fmt.Sprintf("graph: Attention: shape %s, want (…, T, 3, heads, dims) with fixed T", ShapeString(qkv.shape)))
	}
	shape := slices.Delete(slices.Clone(qkv.shape), r+1, r+2)
	return qkv.graph.add(OpAttention, F32, shape, Attr{Scale: scale, Causal: causal}, qkv)
}

// attentionGrad is the gradient of Attention by qkv. Probabilities are computed
// again, so that nothing of the size T × T is kept.
func attentionGrad(qkv, g *Node, a Attr) *Node {
	return qkv.graph.add(OpAttentionGrad, F32, qkv.shape, Attr{Scale: a.Scale, Causal: a.Causal}, qkv, g)
}

// decomposeAttention writes attention out with heads before positions.
func decomposeAttention(n *Node) *Node { return attend(n.in[0], n.attr) }

func decomposeAttentionGrad(n *Node) *Node {
	first := len(n.graph.nodes)
	return vjp(attend(n.in[0], n.attr), n.in[1], first, n.in[:1])[0]
}

func attend(qkv *Node, a Attr) *Node {
	g, r := qkv.graph, len(qkv.shape)-4
	length := qkv.shape[r]
	swap := make([]int, r+3) // (…, T, H, d) to (…, H, T, d) and back
	for i := range swap {
		swap[i] = i
	}
	swap[r], swap[r+1] = r+1, r
	part := func(i int) *Node {
		return qkv.Slice(r+1, i, i+1).Reshape(slices.Delete(slices.Clone(qkv.shape), r+1, r+2)...).Transpose(swap...)
	}
	scores := BatchMatMul(part(0).MulScalar(a.Scale), part(1), false, true)
	if a.Causal {
		open := make([]float64, length*length)
		for t := range length {
			for s := range t + 1 {
				open[t*length+s] = 1
			}
		}
		scores = Where(g.Scalar(0).Less(g.Const(open, length, length)), scores, g.Scalar(math.Inf(-1)))
	}
	return BatchMatMul(scores.Softmax(-1), part(2), false, false).Transpose(swap...)
}
