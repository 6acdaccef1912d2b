package cpu

import "github.com/surprisal-go/surprisal/graph"

// Operations that only place elements. Along an axis, arrays are outer × axis
// × inner elements; the batch can only be in outer.

func around(shape []int, axis int) (outer extent, inner int) {
	return extentOf(shape[:axis]), graph.RowSize(shape[axis+1:])
}

// sliceStep keeps a range of the axis.
func (p *plan) sliceStep(v *val) step {
	x, a := v.in[0], v.attr
	outer, inner := around(v.shape, a.Axis)
	src, dst := strip(x).slot, v.slot
	stride, at, n := x.shape[a.Axis]*inner, a.Lo*inner, (a.Hi-a.Lo)*inner
	return &loop{plan: p, items: outer, cost: n, body: func(w *worker, lo, hi int) {
		for i := lo; i < hi; i++ {
			copy(p.mem[dst][i*n:(i+1)*n], p.mem[src][i*stride+at:])
		}
	}}
}

// padStep puts zeros before and after.
func (p *plan) padStep(v *val) step {
	x, a := v.in[0], v.attr
	outer, inner := around(v.shape, a.Axis)
	src, dst := strip(x).slot, v.slot
	before, n, total := a.Lo*inner, x.shape[a.Axis]*inner, v.shape[a.Axis]*inner
	return &loop{plan: p, items: outer, cost: total, body: func(w *worker, lo, hi int) {
		for i := lo; i < hi; i++ {
			row := p.mem[dst][i*total : (i+1)*total]
			clear(row[:before])
			copy(row[before:before+n], p.mem[src][i*n:])
			clear(row[before+n:])
		}
	}}
}

// concatStep joins operands along the axis.
func (p *plan) concatStep(v *val) step {
	outer, inner := around(v.shape, v.attr.Axis)
	total := v.shape[v.attr.Axis] * inner
	src, size := make([]int, len(v.in)), make([]int, len(v.in))
	for i, x := range v.in {
		src[i], size[i] = strip(x).slot, x.shape[v.attr.Axis]*inner
	}
	dst := v.slot
	return &loop{plan: p, items: outer, cost: total, body: func(w *worker, lo, hi int) {
		for i := lo; i < hi; i++ {
			row := p.mem[dst][i*total : (i+1)*total]
			for j, s := range src {
				n := copy(row[:size[j]], p.mem[s][i*size[j]:])
				row = row[n:]
			}
		}
	}}
}

// takeStep picks indices of the axis.
func (p *plan) takeStep(v *val) step {
	x, index := v.in[0], v.attr.Index
	outer, inner := around(v.shape, v.attr.Axis)
	src, dst := strip(x).slot, v.slot
	from, to := x.shape[v.attr.Axis]*inner, len(index)*inner
	return &loop{plan: p, items: outer, cost: 2 * to, body: func(w *worker, lo, hi int) {
		for i := lo; i < hi; i++ {
			row, out := p.mem[src][i*from:(i+1)*from], p.mem[dst][i*to:(i+1)*to]
			if inner == 1 {
				for j, at := range index {
					out[j] = row[at]
				}
				continue
			}
			for j, at := range index {
				copy(out[j*inner:(j+1)*inner], row[at*inner:])
			}
		}
	}}
}

// putAddStep adds slices of the axis to where the indices say, in ascending
// order.
func (p *plan) putAddStep(v *val) step {
	index := v.attr.Index
	outer, inner := around(v.shape, v.attr.Axis)
	src, dst := strip(v.in[0]).slot, v.slot
	from, to := len(index)*inner, v.shape[v.attr.Axis]*inner
	return &loop{plan: p, items: outer, cost: 2*from + to, body: func(w *worker, lo, hi int) {
		for i := lo; i < hi; i++ {
			row, out := p.mem[src][i*from:(i+1)*from], p.mem[dst][i*to:(i+1)*to]
			clear(out)
			for j, at := range index {
				addTo(out[at*inner:(at+1)*inner], row[j*inner:])
			}
		}
	}}
}

func addTo(dst, x []float32) {
	for i, v := range x[:len(dst)] {
		dst[i] += v
	}
}
