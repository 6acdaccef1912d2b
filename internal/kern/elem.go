package kern

// Inputs are cut as x[:n:len(x)], which unlike x[:n] refuses an x that is
// shorter than n but has room for more.

// Unary sets dst[i] = op(x[i]) for every i of dst.
func (k *Impl) Unary(op UnaryOp, dst, x []float32) {
	k.unary[op](dst, x[:len(dst):len(x)])
}

// Binary sets dst[i] = x[i] op y[i] for every i of dst.
func (k *Impl) Binary(op BinaryOp, dst, x, y []float32) {
	k.binary[op](dst, x[:len(dst):len(x)], y[:len(dst):len(y)])
}

// Cheap reports whether Of takes less time than a kernel's call on one element.
func (op UnaryOp) Cheap() bool { return op <= Relu && op != Sqrt }

// Of is op(x), with the bits of [Impl.Unary].
func (op UnaryOp) Of(x float32) float32 {
	if op == Relu { // most often
		return max(x, 0)
	}
	return unaryFuncs[op](x)
}

// Of is x op y, with the bits of [Impl.Binary].
func (op BinaryOp) Of(x, y float32) float32 {
	switch op { // most of them
	case Add:
		return x + y
	case Mul:
		return float32(x * y)
	}
	return binaryFuncs[op](x, y)
}

// BinaryScalar sets dst[i] = x[i] op s, or s op x[i] if left, for every i of
// dst. It gives the bits of [Impl.Binary] with s in every place.
func (k *Impl) BinaryScalar(op BinaryOp, dst, x []float32, s float32, left bool) {
	if left {
		k.scalarLeft[op](dst, x[:len(dst):len(x)], s)
		return
	}
	k.scalarRight[op](dst, x[:len(dst):len(x)], s)
}

// Select sets dst[i] to x[i] where cond[i] is true and to y[i] where it is
// false, bit for bit. cond holds boolean words, of which the top bit decides.
func (k *Impl) Select(dst, cond, x, y []float32) {
	n := len(dst)
	k.sel(dst, cond[:n:len(cond)], x[:n:len(x)], y[:n:len(y)])
}

// Not sets dst[i] to the bitwise complement of the word x[i].
func (k *Impl) Not(dst, x []float32) { k.not(dst, x[:len(dst):len(x)]) }

// BoolToFloat sets dst[i] to 1 where the word x[i] is true and to +0 where it
// is false.
func (k *Impl) BoolToFloat(dst, x []float32) { k.boolToFloat(dst, x[:len(dst):len(x)]) }

// Fill sets every dst[i] to v, bit for bit.
func (k *Impl) Fill(dst []float32, v float32) { k.fill(dst, v) }

// Int32ToFloat sets dst[i] to the float nearest to x[i], ties to even.
func (k *Impl) Int32ToFloat(dst []float32, x []int32) { k.toFloat(dst, x[:len(dst):len(x)]) }

// FloatToInt32 sets dst[i] to x[i] rounded towards zero. What lies outside
// int32 becomes its nearest end, and NaN becomes 0.
func (k *Impl) FloatToInt32(dst []int32, x []float32) { k.toInt(dst, x[:len(dst):len(x)]) }
