package kern

import "math"

// Dot returns the sum of x[i]·y[i] over i < len(x), each product rounded, in
// the order of [Impl.Sum].
func (k *Impl) Dot(x, y []float32) float32 {
	y = y[:len(x)]
	n := min(len(x), chunkRows)
	total := k.dot(x[:n], y[:n])
	for lo := chunkRows; lo < len(x); lo += chunkRows {
		hi := min(len(x), lo+chunkRows)
		total += k.dot(x[lo:hi], y[lo:hi])
	}
	return total
}

// MulAdd sets dst[i] = x[i]·y[i] + z[i], every operation rounded.
func (k *Impl) MulAdd(dst, x, y, z []float32) {
	k.mulAdd(dst, x[:len(dst)], y[:len(dst)], z[:len(dst)])
}

// Standardize sets dst[i] = (x[i] − m)·r, with m = Sum(x)/n of the n elements
// and r = 1/√(Sum((x − m)²)/n + eps), every operation rounded, and returns r.
func (k *Impl) Standardize(dst, x []float32, eps float32) (r float32) {
	dst = dst[:len(x)]
	n := float32(len(x))
	if k.standardize != nil && len(x) <= chunkRows {
		return k.standardize(dst, x, n, eps)
	}
	k.BinaryScalar(Sub, dst, x, k.Sum(x)/n, false)
	r = 1 / sqrt(k.Dot(dst, dst)/n+eps)
	k.BinaryScalar(Mul, dst, dst, r, false)
	return r
}

// StandardizeGrad sets dst[i] = ((h[i] − Sum(h)/n) − unit[i]·(Sum(h·unit)/n))·r,
// every operation rounded: the gradient of [Impl.Standardize], whose results
// were unit and r, by x if h is that by unit.
func (k *Impl) StandardizeGrad(dst, h, unit []float32, r float32) {
	h, unit = h[:len(dst)], unit[:len(dst)]
	n := float32(len(dst))
	if k.standardizeGrad != nil && len(dst) <= chunkRows {
		k.standardizeGrad(dst, h, unit, n, r)
		return
	}
	mean, slope := k.Sum(h)/n, k.Dot(h, unit)/n
	for i, u := range unit {
		dst[i] = (h[i] - mean - float32(u*slope)) * r
	}
}

// ExpSum sets dst[i] to [Exp] of x[i] − shift and returns the shift and the
// [Impl.Sum] of dst. The shift is the maximum of x plus +0, or +0 if that is not
// finite.
func (k *Impl) ExpSum(dst, x []float32) (shift, sum float32) {
	dst = dst[:len(x)]
	if k.expSum != nil && len(x) <= chunkRows {
		if shift, sum = k.expSum(dst, x); sum != 0 {
			return shift, sum
		}
	}
	if m := k.max(x); m >= -math.MaxFloat32 && m <= math.MaxFloat32 {
		shift = m + 0
	}
	k.BinaryScalar(Sub, dst, x, shift, false)
	k.Unary(Exp, dst, dst)
	return shift, k.Sum(dst)
}

// MulRows sets dst[r*ldd + c] = x[r*ldx + c]·s for every row r of rows and
// column c of cols: with s = 1, a copy. dst may be x, with the same stride.
func (k *Impl) MulRows(dst []float32, ldd int, x []float32, ldx, rows, cols int, s float32) {
	if !someRows(dst, ldd, x, ldx, rows, cols) {
		return
	}
	if k.mulRows != nil && cols%8 == 0 {
		k.mulRows(rows, cols, dst, ldd, x, ldx, s)
		return
	}
	for r := range rows {
		k.BinaryScalar(Mul, dst[r*ldd:][:cols], x[r*ldx:], s, false)
	}
}

// DivRows sets dst[r*ldd + c] = x[r*ldx + c]/s[r] for every row r of rows and
// column c of cols. dst may be x, with the same stride.
func (k *Impl) DivRows(dst []float32, ldd int, x []float32, ldx, rows, cols int, s []float32) {
	s = s[:rows]
	if !someRows(dst, ldd, x, ldx, rows, cols) {
		return
	}
	if k.divRows != nil && cols%8 == 0 {
		k.divRows(rows, cols, dst, ldd, x, ldx, s)
		return
	}
	for r := range rows {
		k.BinaryScalar(Div, dst[r*ldd:][:cols], x[r*ldx:], s[r], false)
	}
}

// someRows checks the arguments and reports whether there is anything to do.
func someRows(dst []float32, ldd int, x []float32, ldx, rows, cols int) bool {
	if (rows|cols|ldd|ldx)>>31 != 0 {
		panic("kern: sizes and strides of rows must not be negative or huge")
	}
	if rows == 0 || cols == 0 {
		return false
	}
	if len(x) < (rows-1)*ldx+cols || len(dst) < (rows-1)*ldd+cols {
		panic("kern: a slice is shorter than its rows")
	}
	return true
}

// Transpose sets dst[c*ldd + r] = x[r*ldx + c] for every row r of rows and
// column c of cols. dst must not overlap x.
func (k *Impl) Transpose(dst []float32, ldd int, x []float32, ldx, rows, cols int) {
	if (rows|cols|ldd|ldx)>>31 != 0 {
		panic("kern: sizes and strides of a transpose must not be negative or huge")
	}
	if rows == 0 || cols == 0 {
		return
	}
	if len(x) < (rows-1)*ldx+cols || len(dst) < (cols-1)*ldd+rows {
		panic("kern: Transpose: a slice is shorter than its rows")
	}
	k.transpose(dst, ldd, x, ldx, rows, cols)
}

func portableDot(x, y []float32) float32 {
	var l [lanes]float32
	for i, v := range x {
		l[i%lanes] += float32(v * y[i])
	}
	return foldLanes(&l)
}

func portableMulAdd(dst, x, y, z []float32) {
	for i, v := range x {
		dst[i] = float32(v*y[i]) + z[i]
	}
}

// portableTranspose takes eight columns at a time, so that lines are read whole
// and eight are written.
func portableTranspose(dst []float32, ldd int, x []float32, ldx, rows, cols int) {
	c := 0
	for ; c+8 <= cols; c += 8 {
		at := dst[c*ldd:]
		d0, d1, d2, d3 := at[:rows], at[ldd:][:rows], at[2*ldd:][:rows], at[3*ldd:][:rows]
		d4, d5, d6, d7 := at[4*ldd:][:rows], at[5*ldd:][:rows], at[6*ldd:][:rows], at[7*ldd:][:rows]
		for r := range rows {
			v := (*[8]float32)(x[r*ldx+c:])
			d0[r], d1[r], d2[r], d3[r] = v[0], v[1], v[2], v[3]
			d4[r], d5[r], d6[r], d7[r] = v[4], v[5], v[6], v[7]
		}
	}
	for ; c < cols; c++ {
		to := dst[c*ldd:][:rows]
		for r := range to {
			to[r] = x[r*ldx+c]
		}
	}
}
