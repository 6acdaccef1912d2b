package graph

import (
	"fmt"
	"slices"
)

func (n *Node) reduce(op Op, axes []int) *Node {
	n.want(op.String(), F32)
	if len(axes) == 0 {
		for i := range n.shape {
			axes = append(axes, i)
		}
	}
	if len(axes) == 0 {
		return n
	}
	sorted := make([]int, len(axes))
	for i, a := range axes {
		sorted[i] = n.axis(op.String(), a)
	}
	slices.Sort(sorted)
	if len(slices.Compact(slices.Clone(sorted))) != len(sorted) {
		panic(fmt.Sprintf("graph: %s: axes %v of shape %s repeat", op, axes, ShapeString(n.shape)))
	}
	shape := []int{}
	for i, d := range n.shape {
		if !slices.Contains(sorted, i) {
			shape = append(shape, d)
		}
	}
	return n.graph.add(op, F32, shape, Attr{Axes: sorted}, n)
}

// Sum adds up the given axes, all if none are given, and removes them.
func (n *Node) Sum(axes ...int) *Node { return n.reduce(OpSum, axes) }

// ReduceMax is the greatest element over the given axes, all if none are
// given; NaN propagates. Ties share the gradient equally.
func (n *Node) ReduceMax(axes ...int) *Node { return n.reduce(OpReduceMax, axes) }

// Mean is the average over the given axes, all if none are given.
func (n *Node) Mean(axes ...int) *Node {
	sum := n.Sum(axes...)
	count := 1
	var batch bool
	over := axes
	if len(over) == 0 {
		for i := range n.shape {
			over = append(over, i)
		}
	}
	for _, a := range over {
		if d := n.Dim(a); d == Batch {
			batch = true
		} else {
			count *= d
		}
	}
	if batch {
		return sum.Div(n.graph.BatchSize().MulScalar(float64(count)))
	}
	return sum.MulScalar(1 / float64(count))
}

// expand puts axes of size 1 back where a reduction of shape removed them.
func (n *Node) expand(shape, axes []int) *Node {
	kept := slices.Clone(shape)
	for _, a := range axes {
		kept[a] = 1
	}
	return n.Reshape(kept...)
}

// LogSumExp is ln Σ eˣ over one axis, which is removed. −Inf for a row of −Inf.
func (n *Node) LogSumExp(axis int) *Node {
	n.want("logsumexp", F32)
	a := n.fixedAxis("logsumexp", axis)
	shape := slices.Delete(slices.Clone(n.shape), a, a+1)
	return n.graph.add(OpLogSumExp, F32, shape, Attr{Axis: a}, n)
}

// Softmax is eˣ / Σ eˣ over one axis.
func (n *Node) Softmax(axis int) *Node {
	n.want("softmax", F32)
	return n.graph.add(OpSoftmax, F32, n.shape, Attr{Axis: n.fixedAxis("softmax", axis)}, n)
}

// LogSoftmax is x − ln Σ eˣ over one axis.
func (n *Node) LogSoftmax(axis int) *Node {
	a := n.fixedAxis("logsoftmax", axis)
	return n.Sub(n.LogSumExp(a).expand(n.shape, []int{a}))
}

// Decompose returns the node built from finer operations in its place, or nil
// if the operation is fine itself. Some of the finer ones may be coarse still.
func (n *Node) Decompose() *Node {
	switch n.op {
	case OpLogSumExp:
		x, axes := n.in[0], []int{n.attr.Axis}
		m := shift(x, axes)
		return x.Sub(m.expand(x.shape, axes)).Exp().Sum(axes...).Log().Add(m)
	case OpSoftmax:
		x, axes := n.in[0], []int{n.attr.Axis}
		e := x.Sub(shift(x, axes).expand(x.shape, axes)).Exp()
		return e.Div(e.Sum(axes...).expand(x.shape, axes))
	case OpMatMul:
		if n.attr.Mask == nil {
			return nil
		}
		return matMul(n.in[0], n.in[1].Mul(n.attr.Mask.Node(n.graph)), n.attr.Trans, nil)
	case OpOuter:
		if n.attr.Mask == nil {
			return nil
		}
		return Outer(n.in[0], n.in[1]).Mul(n.attr.Mask.Node(n.graph))
	case OpLayerNorm:
		return normalized(n.in[0], n.attr.Eps).Mul(n.in[1]).Add(n.in[2])
	case OpLayerNormGrad:
		return decomposeLayerNormGrad(n)
	case OpLayerNormParams:
		return decomposeLayerNormParams(n)
	case OpAttention:
		return decomposeAttention(n)
	case OpAttentionGrad:
		return decomposeAttentionGrad(n)
	case OpConv, OpConvInput, OpConvWeight:
		return decomposeConv(n)
	}
	return nil
}

// shift is the greatest element of each row, or 0 where that is not finite, so
// that x − shift never is Inf − Inf.
func shift(x *Node, axes []int) *Node {
	m := x.StopGradient().ReduceMax(axes...)
	finite := m.Abs().LessEq(x.graph.Scalar(maxFloat32))
	return Where(finite, m, x.graph.Scalar(0))
}

const maxFloat32 = 0x1p127 * (1 + (1 - 0x1p-23))
