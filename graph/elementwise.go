package graph

func (n *Node) unary(op Op) *Node {
	n.want(op.String(), F32)
	return n.graph.add(op, F32, n.shape, Attr{}, n)
}

// Neg is −x.
func (n *Node) Neg() *Node { return n.unary(OpNeg) }

// Abs is |x|.
func (n *Node) Abs() *Node { return n.unary(OpAbs) }

// Sign is −1, 0 or 1; its gradient is zero.
func (n *Node) Sign() *Node { return n.unary(OpSign) }

// Floor is the greatest integer at most x; its gradient is zero.
func (n *Node) Floor() *Node { return n.unary(OpFloor) }

// Sqrt is √x.
func (n *Node) Sqrt() *Node { return n.unary(OpSqrt) }

// Recip is 1/x.
func (n *Node) Recip() *Node { return n.unary(OpRecip) }

// Exp is eˣ; results below 2⁻¹²⁶ are 0.
func (n *Node) Exp() *Node { return n.unary(OpExp) }

// Expm1 is eˣ − 1, accurate near 0.
func (n *Node) Expm1() *Node { return n.unary(OpExpm1) }

// Log is ln x.
func (n *Node) Log() *Node { return n.unary(OpLog) }

// Log1p is ln(1 + x), accurate near 0.
func (n *Node) Log1p() *Node { return n.unary(OpLog1p) }

// Tanh is the hyperbolic tangent.
func (n *Node) Tanh() *Node { return n.unary(OpTanh) }

// Sigmoid is 1/(1 + e⁻ˣ).
func (n *Node) Sigmoid() *Node { return n.unary(OpSigmoid) }

// Softplus is ln(1 + eˣ).
func (n *Node) Softplus() *Node { return n.unary(OpSoftplus) }

// Erf is the error function.
func (n *Node) Erf() *Node { return n.unary(OpErf) }

// Sin is the sine, for |x| ≤ 10⁴.
func (n *Node) Sin() *Node { return n.unary(OpSin) }

// Cos is the cosine, for |x| ≤ 10⁴.
func (n *Node) Cos() *Node { return n.unary(OpCos) }

// Relu is max(x, 0); NaN propagates. Its derivative at 0 is 0.
func (n *Node) Relu() *Node { return n.unary(OpRelu) }

// Square is x².
func (n *Node) Square() *Node { return n.unary(OpSquare) }

// StopGradient is x with a gradient of zero.
func (n *Node) StopGradient() *Node { return n.graph.add(OpStopGradient, n.dtype, n.shape, Attr{}, n) }

// Not negates a bool.
func (n *Node) Not() *Node {
	n.want("Not", Bool)
	return n.graph.add(OpNot, Bool, n.shape, Attr{}, n)
}

// ToFloat converts to f32: true is 1, false is 0.
func (n *Node) ToFloat() *Node {
	if n.dtype == F32 {
		return n
	}
	return n.graph.add(OpToFloat, F32, n.shape, Attr{}, n)
}

func binary(op Op, x, y *Node, in, out DType) *Node {
	x.want(op.String(), in)
	y.want(op.String(), in)
	shape := broadcastShape(op.String(), x.shape, y.shape)
	return x.graph.add(op, out, shape, Attr{}, x.BroadcastTo(shape...), y.BroadcastTo(shape...))
}

// Add is x + y.
func (n *Node) Add(y *Node) *Node { return binary(OpAdd, n, y, F32, F32) }

// Sub is x − y.
func (n *Node) Sub(y *Node) *Node { return binary(OpSub, n, y, F32, F32) }

// Mul is x·y.
func (n *Node) Mul(y *Node) *Node { return binary(OpMul, n, y, F32, F32) }

// Div is x/y.
func (n *Node) Div(y *Node) *Node { return binary(OpDiv, n, y, F32, F32) }

// Max is the greater of x and y; NaN propagates. A tie's gradient goes to x.
func (n *Node) Max(y *Node) *Node { return binary(OpMax, n, y, F32, F32) }

// Min is the lesser of x and y; NaN propagates. A tie's gradient goes to x.
func (n *Node) Min(y *Node) *Node { return binary(OpMin, n, y, F32, F32) }

// Less is x < y.
func (n *Node) Less(y *Node) *Node { return binary(OpLess, n, y, F32, Bool) }

// LessEq is x ≤ y.
func (n *Node) LessEq(y *Node) *Node { return binary(OpLessEq, n, y, F32, Bool) }

// Equal is x = y.
func (n *Node) Equal(y *Node) *Node { return binary(OpEqual, n, y, F32, Bool) }

// NotEqual is x ≠ y; true for NaN.
func (n *Node) NotEqual(y *Node) *Node { return binary(OpNotEqual, n, y, F32, Bool) }

// And is the logical and of two bools.
func (n *Node) And(y *Node) *Node { return binary(OpAnd, n, y, Bool, Bool) }

// Or is the logical or of two bools.
func (n *Node) Or(y *Node) *Node { return binary(OpOr, n, y, Bool, Bool) }

// Where is x where cond holds, and y elsewhere.
func Where(cond, x, y *Node) *Node {
	cond.want("where", Bool)
	x.want("where", F32)
	y.want("where", F32)
	shape := broadcastShape("where", broadcastShape("where", cond.shape, x.shape), y.shape)
	return x.graph.add(OpWhere, F32, shape, Attr{}, cond.BroadcastTo(shape...), x.BroadcastTo(shape...), y.BroadcastTo(shape...))
}

// AddScalar is x + v.
func (n *Node) AddScalar(v float64) *Node { return n.Add(n.graph.Scalar(v)) }

// MulScalar is v·x.
func (n *Node) MulScalar(v float64) *Node { return n.Mul(n.graph.Scalar(v)) }
