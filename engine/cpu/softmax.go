package cpu

import (
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
)

// softmaxStep computes LogSumExp or Softmax over the last axis, a few rows at
// a time: shift by the maximum, exponentials, sum.
func (p *plan) softmaxStep(v *val) step {
	x := v.in[0]
	last := len(x.shape) - 1
	d := x.shape[last]
	src, dst := strip(x).slot, v.slot
	s := softmax{Impl: p.exec.kern, d: d, rows: max(1, 2*maxBlock/max(d, 1)), logSum: v.op == graph.OpLogSumExp}
	p.reserve(s.memory())
	return &loop{plan: p, items: extentOf(x.shape[:last]), cost: 8 * d, body: func(w *worker, lo, hi int) {
		buf, y := w.need(s.memory()), d
		if s.logSum {
			y = 1
		}
		for ; lo < hi; lo += s.rows {
			n := min(s.rows, hi-lo)
			in, out := p.mem[src][lo*d:(lo+n)*d], p.mem[dst][lo*y:(lo+n)*y]
			if d <= shortRow && n >= minRows {
				s.columns(out, in, n, buf)
			} else {
				s.along(out, in, n, buf)
			}
		}
	}}
}

// softmax works on blocks of rows of d elements.
type softmax struct {
	*kern.Impl
	d, rows int // of a block
	logSum  bool
}

// memory is what a block takes of a worker.
func (s *softmax) memory() int { return s.rows * (s.d + 2 + lanes) }

// along computes n rows one by one.
func (s *softmax) along(out, x []float32, n int, buf []float32) {
	shift, sum, exps := buf[:n], buf[n:2*n], buf[2*n:][:n*s.d]
	if !s.logSum {
		exps = out
	}
	sumExp(s.Impl, x, s.d, shift, sum, exps)
	if s.logSum {
		s.Unary(kern.Log, sum, sum)
		s.Binary(kern.Add, out, sum, shift)
		return
	}
	for r := range n {
		row := exps[r*s.d:][:s.d]
		s.BinaryScalar(kern.Div, row, row, sum[r], false)
	}
}

// sumExp computes, for rows x of d elements, the shift (the maximum, or 0 if
// that is not finite), exp(x − shift) and its sum.
func sumExp(k *kern.Impl, x []float32, d int, shift, sum, exps []float32) {
	for r := range shift {
		shift[r], sum[r] = k.ExpSum(exps[r*d:][:d], x[r*d:][:d])
	}
}
