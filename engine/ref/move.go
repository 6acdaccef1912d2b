package ref

import (
	"fmt"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// move computes the operations that only place values.
func (r *run) move(out []float64, n *graph.Node, in [][]float64, shape []int) error {
	a := n.Attr()
	xs := r.shape(n.Inputs()[0])
	switch n.Op() {
	case graph.OpBroadcast:
		off := len(shape) - len(xs)
		each(shape, func(i int, idx []int) {
			at := 0
			for d, size := range xs {
				p := idx[off+d]
				if size == 1 {
					p = 0
				}
				at = at*size + p
			}
			out[i] = in[0][at]
		})
	case graph.OpTranspose:
		src := make([]int, len(shape))
		each(shape, func(i int, idx []int) {
			for d, p := range a.Axes {
				src[p] = idx[d]
			}
			out[i] = in[0][offset(xs, src, 0, src[0])]
		})
	case graph.OpSlice:
		each(shape, func(i int, idx []int) { out[i] = in[0][offset(xs, idx, a.Axis, idx[a.Axis]+a.Lo)] })
	case graph.OpTake:
		each(shape, func(i int, idx []int) { out[i] = in[0][offset(xs, idx, a.Axis, a.Index[idx[a.Axis]])] })
	case graph.OpPad:
		each(xs, func(i int, idx []int) { out[offset(shape, idx, a.Axis, idx[a.Axis]+a.Lo)] = in[0][i] })
	case graph.OpPutAdd:
		each(xs, func(i int, idx []int) { out[offset(shape, idx, a.Axis, a.Index[idx[a.Axis]])] += in[0][i] })
	case graph.OpConcat:
		at := 0
		for k, x := range n.Inputs() {
			xs := r.shape(x)
			each(xs, func(i int, idx []int) { out[offset(shape, idx, a.Axis, idx[a.Axis]+at)] = in[k][i] })
			at += xs[a.Axis]
		}
	case graph.OpOneHot:
		for i, id := range in[0] {
			if id >= 0 && id < float64(a.Size) {
				out[i*a.Size+int(id)] = 1
			}
		}
	case graph.OpGather:
		size := tensor.Size(xs[1:])
		for i, id := range in[1] {
			if id < 0 || int(id) >= xs[0] {
				return fmt.Errorf("gather: code %g at position %d is outside the table of %d rows", id, i, xs[0])
			}
			copy(out[i*size:(i+1)*size], in[0][int(id)*size:])
		}
	case graph.OpScatterRows:
		size := tensor.Size(shape[1:])
		for i, id := range in[1] {
			if id < 0 || int(id) >= a.Size {
				return fmt.Errorf("scatterrows: code %g at position %d is outside the table of %d rows", id, i, a.Size)
			}
			for j := range size {
				out[int(id)*size+j] += in[0][i*size+j]
			}
		}
	default:
		return fmt.Errorf("ref: operation %s is unknown", n.Op())
	}
	return nil
}

// each visits the indices of a shape in row-major order.
func each(shape []int, f func(i int, idx []int)) {
	idx := make([]int, len(shape))
	for i := range tensor.Size(shape) {
		f(i, idx)
		for a := len(idx) - 1; a >= 0; a-- {
			if idx[a]++; idx[a] < shape[a] {
				break
			}
			idx[a] = 0
		}
	}
}

// offset is the row-major position of idx in shape with the index of one axis
// replaced.
func offset(shape, idx []int, axis, with int) int {
	at := 0
	for a, d := range shape {
		p := idx[a]
		if a == axis {
			p = with
		}
		at = at*d + p
	}
	return at
}
