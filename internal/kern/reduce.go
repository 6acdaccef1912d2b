package kern

// chunkRows is the number of elements (or rows) in one chunk of a reduction.
const chunkRows = 4096

// lanes is the number of partial results within a chunk.
const lanes = 16

// Sum returns the sum of x in the order that every reduction here has:
//
//	x is cut in chunks of 4096 elements, the last may be shorter;
//	in a chunk, element i is added to lane i mod 16, in ascending i, each
//	lane starting from +0;
//	the lanes are folded by l[i] += l[i+8] (i < 8), then l[i] += l[i+4]
//	(i < 4), then l[i] += l[i+2] (i < 2), then l[0] += l[1];
//	the l[0] of the chunks are added in ascending order, starting from the
//	first.
//
// The sum of nothing is +0.
func (k *Impl) Sum(x []float32) float32 {
	total := k.sum(x[:min(len(x), chunkRows)])
	for lo := chunkRows; lo < len(x); lo += chunkRows {
		total += k.sum(x[lo:min(len(x), lo+chunkRows)])
	}
	return total
}

// MaxReduce returns the largest element of x, NaN if any is NaN, and -Inf if
// there is none. Of +0 and -0, +0 is the larger. The order of evaluation does
// not show in the bits.
func (k *Impl) MaxReduce(x []float32) float32 { return k.max(x) }

// MinReduce returns the smallest element of x, NaN if any is NaN, and +Inf if
// there is none. Of +0 and -0, -0 is the smaller.
func (k *Impl) MinReduce(x []float32) float32 { return k.min(x) }

// SumRows sets dst[c], for each of cols columns, to the sum over rows r of
// x[r*stride+c], in the order of [Impl.Sum] with r as the element's number:
// dst[c] has the bits that Sum gives for the column alone. dst must not overlap
// x.
func (k *Impl) SumRows(dst, x []float32, rows, cols, stride int) {
	checkRows(dst, x, rows, cols, stride)
	dst = dst[:cols]
	k.sumRows(dst, x, min(rows, chunkRows), cols, stride, true)
	for lo := chunkRows; lo < rows; lo += chunkRows {
		k.sumRows(dst, x[lo*stride:], min(rows-lo, chunkRows), cols, stride, false)
	}
}

// MaxRows sets dst[c], for each of cols columns, to the largest of
// x[r*stride+c] over rows r, as [Impl.MaxReduce]. dst must not overlap x.
func (k *Impl) MaxRows(dst, x []float32, rows, cols, stride int) {
	checkRows(dst, x, rows, cols, stride)
	k.maxRows(dst[:cols], x, rows, cols, stride)
}

func checkRows(dst, x []float32, rows, cols, stride int) {
	if (rows|cols|stride)>>31 != 0 {
		panic("kern: rows, columns and stride of a reduction must not be negative or huge")
	}
	if len(dst) < cols {
		panic("kern: reduction over rows: dst is shorter than a row")
	}
	if rows > 0 && cols > 0 && len(x) < (rows-1)*stride+cols {
		panic("kern: reduction over rows: x is shorter than its rows")
	}
}

// foldLanes adds the 16 lanes in the order of [Impl.Sum].
func foldLanes(l *[lanes]float32) float32 {
	for half := lanes / 2; half > 0; half /= 2 {
		for i := range half {
			l[i] += l[i+half]
		}
	}
	return l[0]
}

func portableSum(x []float32) float32 {
	var l [lanes]float32
	for len(x) >= lanes {
		for i, v := range (*[lanes]float32)(x) {
			l[i] += v
		}
		x = x[lanes:]
	}
	for i, v := range x {
		l[i] += v
	}
	return foldLanes(&l)
}

func portableMax(x []float32) float32 {
	m := -inf
	for _, v := range x {
		m = max(m, v)
	}
	return m
}

func portableMin(x []float32) float32 {
	m := inf
	for _, v := range x {
		m = min(m, v)
	}
	return m
}

func portableSumRows(dst, x []float32, rows, cols, stride int, first bool) {
	for c := range cols {
		var l [lanes]float32
		for r := range rows {
			l[r%lanes] += x[r*stride+c]
		}
		s := foldLanes(&l)
		if first {
			dst[c] = s
		} else {
			dst[c] += s
		}
	}
}

func portableMaxRows(dst, x []float32, rows, cols, stride int) {
	for c := range dst {
		dst[c] = -inf
	}
	for r := range rows {
		for c, v := range x[r*stride:][:cols] {
			dst[c] = max(dst[c], v)
		}
	}
}
