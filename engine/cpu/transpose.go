package cpu

import "github.com/surprisal-go/surprisal/graph"

// transposeStep permutes axes. The batch stays first, so its rows are permuted
// one by one; where there is none, the first axis of the result takes its
// place.
func (p *plan) transposeStep(v *val) step {
	x := v.in[0]
	rank := len(v.shape)
	stride := make([]int, rank) // in x, by axis of the result
	for i, a := range v.attr.Axes {
		stride[i] = graph.RowSize(x.shape[a+1:])
	}
	src, dst := strip(x).slot, v.slot
	if rank == 0 {
		return &loop{plan: p, items: extent{n: 1}, body: func(w *worker, lo, hi int) { p.mem[dst][0] = p.mem[src][0] }}
	}
	inner := v.shape[1:]
	n := graph.RowSize(inner)
	return &loop{plan: p, items: extentOf(v.shape[:1]), cost: 2 * n, body: func(w *worker, lo, hi int) {
		for i := lo; i < hi; i++ {
			permute(p.mem[dst][i*n:(i+1)*n], p.mem[src][i*stride[0]:], inner, stride[1:])
		}
	}}
}

// permute writes the elements of x in the row-major order of shape, whose axes
// have the given strides in x.
func permute(dst, x []float32, shape, stride []int) {
	switch len(shape) {
	case 0:
		dst[0] = x[0]
	case 1:
		if stride[0] == 1 {
			copy(dst, x)
			return
		}
		for i := range dst {
			dst[i] = x[i*stride[0]]
		}
	default:
		if len(shape) == 2 && stride[0] == 1 {
			flip(dst, shape[1], x, stride[1], shape[1], shape[0])
			return
		}
		n := len(dst) / shape[0]
		for i := range shape[0] {
			permute(dst[i*n:(i+1)*n], x[i*stride[0]:], shape[1:], stride[1:])
		}
	}
}

// flip writes the transpose of x, rows by cols elements with ldx from a row to
// the next, into dst, with ld from a row to the next: eight columns at a time,
// so that lines are read whole and eight are written.
func flip(dst []float32, ld int, x []float32, ldx, rows, cols int) {
	c := 0
	for ; c+8 <= cols; c += 8 {
		at := dst[c*ld:]
		d0, d1, d2, d3 := at[:rows], at[ld:][:rows], at[2*ld:][:rows], at[3*ld:][:rows]
		d4, d5, d6, d7 := at[4*ld:][:rows], at[5*ld:][:rows], at[6*ld:][:rows], at[7*ld:][:rows]
		for r := range rows {
			v := (*[8]float32)(x[r*ldx+c:])
			d0[r], d1[r], d2[r], d3[r] = v[0], v[1], v[2], v[3]
			d4[r], d5[r], d6[r], d7[r] = v[4], v[5], v[6], v[7]
		}
	}
	for ; c < cols; c++ {
		to := dst[c*ld:][:rows]
		for r := range to {
			to[r] = x[r*ldx+c]
		}
	}
}
