package cpu

import (
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
)

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
			permute(p.exec.kern, p.mem[dst][i*n:(i+1)*n], p.mem[src][i*stride[0]:], inner, stride[1:])
		}
	}}
}

// permute writes the elements of x in the row-major order of shape, whose axes
// have the given strides in x.
func permute(k *kern.Impl, dst, x []float32, shape, stride []int) {
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
			k.Transpose(dst, shape[1], x, stride[1], shape[1], shape[0])
			return
		}
		n := len(dst) / shape[0]
		for i := range shape[0] {
			permute(k, dst[i*n:(i+1)*n], x[i*stride[0]:], shape[1:], stride[1:])
		}
	}
}
