package graph

import "math"

// rules is the table of gradient rules: given a node n and the gradient g of
// the loss by n, the gradients by n's operands (nil: zero). Every rule is built
// from operations that have rules themselves, so that gradients have gradients.
var rules [NumOps]func(n, g *Node) []*Node

func init() { // a table that its own rules refer to cannot be a literal
	rules = [NumOps]func(n, g *Node) []*Node{
		// y = f(x): g·f′(x).
		OpNeg:      one(func(x, y, g *Node) *Node { return g.Neg() }),
		OpAbs:      one(func(x, y, g *Node) *Node { return g.Mul(x.Sign()) }),
		OpSqrt:     one(func(x, y, g *Node) *Node { return g.Div(y.MulScalar(2)) }),
		OpRecip:    one(func(x, y, g *Node) *Node { return g.Mul(y.Square()).Neg() }),
		OpExp:      one(func(x, y, g *Node) *Node { return g.Mul(y) }),
		OpExpm1:    one(func(x, y, g *Node) *Node { return g.Mul(x.Exp()) }),
		OpLog:      one(func(x, y, g *Node) *Node { return g.Div(x) }),
		OpLog1p:    one(func(x, y, g *Node) *Node { return g.Div(x.AddScalar(1)) }),
		OpTanh:     one(func(x, y, g *Node) *Node { return g.Sub(g.Mul(y.Square())) }),
		OpSigmoid:  one(func(x, y, g *Node) *Node { return g.Mul(y.Sub(y.Square())) }),
		OpSoftplus: one(func(x, y, g *Node) *Node { return g.Mul(x.Sigmoid()) }),
		OpErf:      one(func(x, y, g *Node) *Node { return g.Mul(x.Square().Neg().Exp()).MulScalar(2 / math.Sqrt(math.Pi)) }),
		OpSin:      one(func(x, y, g *Node) *Node { return g.Mul(x.Cos()) }),
		OpCos:      one(func(x, y, g *Node) *Node { return g.Mul(x.Sin()).Neg() }),
		OpRelu:     one(func(x, y, g *Node) *Node { return Where(x.graph.Scalar(0).Less(x), g, zero(g)) }),
		OpSquare:   one(func(x, y, g *Node) *Node { return g.Mul(x).MulScalar(2) }),

		// y = f(a, b).
		OpAdd: two(func(a, b, y, g *Node) (*Node, *Node) { return g, g }),
		OpSub: two(func(a, b, y, g *Node) (*Node, *Node) { return g, g.Neg() }),
		OpMul: two(func(a, b, y, g *Node) (*Node, *Node) { return g.Mul(b), g.Mul(a) }),
		OpDiv: two(func(a, b, y, g *Node) (*Node, *Node) { q := g.Div(b); return q, q.Mul(y).Neg() }),
		OpMax: two(func(a, b, y, g *Node) (*Node, *Node) { return pick(b.LessEq(a), g) }),
		OpMin: two(func(a, b, y, g *Node) (*Node, *Node) { return pick(a.LessEq(b), g) }),
		OpWhere: func(n, g *Node) []*Node {
			a, b := pick(n.in[0], g)
			return []*Node{nil, a, b}
		},

		// Linear maps: the adjoint.
		OpBroadcast: one(func(x, y, g *Node) *Node { return g.SumTo(x.shape...) }),
		OpReshape:   one(func(x, y, g *Node) *Node { return g.Reshape(x.shape...) }),
		OpTranspose: func(n, g *Node) []*Node {
			inverse := make([]int, len(n.attr.Axes))
			for i, p := range n.attr.Axes {
				inverse[p] = i
			}
			return []*Node{g.Transpose(inverse...)}
		},
		OpSlice: func(n, g *Node) []*Node {
			a := n.attr
			return []*Node{g.Pad(a.Axis, a.Lo, n.in[0].shape[a.Axis]-a.Hi)}
		},
		OpPad: func(n, g *Node) []*Node {
			a := n.attr
			return []*Node{g.Slice(a.Axis, a.Lo, n.shape[a.Axis]-a.Hi)}
		},
		OpConcat: func(n, g *Node) []*Node {
			out, at := make([]*Node, len(n.in)), 0
			for i, x := range n.in {
				size := x.shape[n.attr.Axis]
				out[i] = g.Slice(n.attr.Axis, at, at+size)
				at += size
			}
			return out
		},
		OpTake: func(n, g *Node) []*Node {
			return []*Node{g.PutAdd(n.attr.Axis, n.attr.Index, n.in[0].shape[n.attr.Axis])}
		},
		OpPutAdd:      func(n, g *Node) []*Node { return []*Node{g.Take(n.attr.Axis, n.attr.Index)} },
		OpGather:      func(n, g *Node) []*Node { return []*Node{ScatterRows(g, n.in[1], n.in[0].shape[0]), nil} },
		OpScatterRows: func(n, g *Node) []*Node { return []*Node{Gather(g, n.in[1]), nil} },
		OpSum: func(n, g *Node) []*Node {
			x := n.in[0]
			return []*Node{spread(g, x.shape, n.attr.Axes)}
		},
		OpReduceMax: func(n, g *Node) []*Node {
			x := n.in[0]
			at := x.Equal(spread(n, x.shape, n.attr.Axes)).ToFloat()
			return []*Node{at.Mul(spread(g.Div(at.Sum(n.attr.Axes...)), x.shape, n.attr.Axes))}
		},

		// Products: y = x·w has ∂x = g·wᵀ and ∂w = xᵀ·g.
		OpMatMul: func(n, g *Node) []*Node {
			x, w, a := n.in[0], n.in[1], n.attr
			if a.Trans {
				return []*Node{matMul(g, w, false, a.Mask), outer(g, x, a.Mask)}
			}
			return []*Node{matMul(g, w, true, a.Mask), outer(x, g, a.Mask)}
		},
		OpOuter: func(n, g *Node) []*Node {
			x, y, m := n.in[0], n.in[1], n.attr.Mask
			return []*Node{matMul(y, g, true, m), matMul(x, g, false, m)}
		},
		// With A = x or xᵀ and B = y or yᵀ: ∂A = g·Bᵀ and ∂B = Aᵀ·g, transposed back.
		OpBatchMatMul: func(n, g *Node) []*Node {
			x, y, a := n.in[0], n.in[1], n.attr
			dx, dy := BatchMatMul(g, y, false, !a.Trans), BatchMatMul(x, g, !a.First, false)
			if a.First {
				dx = BatchMatMul(y, g, a.Trans, true)
			}
			if a.Trans {
				dy = BatchMatMul(g, x, true, a.First)
			}
			return []*Node{dx, dy}
		},

		OpLogSumExp: func(n, g *Node) []*Node {
			x, a := n.in[0], n.attr.Axis
			return []*Node{x.Softmax(a).Mul(spread(g, x.shape, []int{a}))}
		},
		OpSoftmax: func(n, g *Node) []*Node {
			a := n.attr.Axis
			gy := g.Mul(n)
			return []*Node{gy.Sub(n.Mul(spread(gy.Sum(a), n.shape, []int{a})))}
		},
		OpLayerNorm: func(n, g *Node) []*Node {
			x, gain := n.in[0], n.in[1]
			both := layerNormParams(x, g, n.attr.Eps)
			return []*Node{layerNormGrad(x, gain, g, n.attr.Eps), both.Slice(0, 0, 1).Reshape(gain.shape...), both.Slice(0, 1, 2).Reshape(gain.shape...)}
		},
		OpLayerNormGrad:   coarse,
		OpLayerNormParams: coarse,
		OpAttention:       func(n, g *Node) []*Node { return []*Node{attentionGrad(n.in[0], g, n.attr)} },
		OpAttentionGrad:   coarse,
	}
	convRules()
}

func one(f func(x, y, g *Node) *Node) func(n, g *Node) []*Node {
	return func(n, g *Node) []*Node { return []*Node{f(n.in[0], n, g)} }
}

func two(f func(a, b, y, g *Node) (*Node, *Node)) func(n, g *Node) []*Node {
	return func(n, g *Node) []*Node {
		a, b := f(n.in[0], n.in[1], n, g)
		return []*Node{a, b}
	}
}

func zero(n *Node) *Node { return n.graph.Scalar(0) }

// pick splits a gradient between the operands of a choice.
func pick(cond, g *Node) (ifTrue, ifFalse *Node) {
	return Where(cond, g, zero(g)), Where(cond, zero(g), g)
}

// spread repeats the result of a reduction over axes back to shape.
func spread(n *Node, shape, axes []int) *Node {
	return n.expand(shape, axes).BroadcastTo(shape...)
}
