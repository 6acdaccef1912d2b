package cpu

import (
	"math"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
)

// softmaxStep computes LogSumExp or Softmax over the last axis, a few rows at
// a time: shift by the maximum, exponentials, sum.
func (p *plan) softmaxStep(v *val) step {
	x := v.in[0]
	last := len(x.shape) - 1
	d := x.shape[last]
	src, dst, k := strip(x).slot, v.slot, p.exec.kern
	logSum := v.op == graph.OpLogSumExp
	some := max(1, 2*maxBlock/max(d, 1)) // rows at a time
	p.reserve(some * (d + 2))
	return &loop{plan: p, items: extentOf(x.shape[:last]), cost: 8 * d, body: func(w *worker, lo, hi int) {
		buf := w.need(some * (d + 2))
		for ; lo < hi; lo += some {
			rows := min(some, hi-lo)
			shift, sum, exps := buf[:rows], buf[some:some+rows], buf[2*some:][:rows*d]
			if !logSum {
				exps = p.mem[dst][lo*d : (lo+rows)*d]
			}
			sumExp(k, p.mem[src][lo*d:(lo+rows)*d], d, shift, sum, exps)
			if logSum {
				k.Unary(kern.Log, sum, sum)
				k.Binary(kern.Add, p.mem[dst][lo:lo+rows], sum, shift)
				continue
			}
			for r := range rows {
				row := exps[r*d:][:d]
				k.BinaryScalar(kern.Div, row, row, sum[r], false)
			}
		}
	}}
}

// sumExp computes, for rows x of d elements, the shift (the maximum, or 0 if
// that is not finite), exp(x − shift) and its sum.
func sumExp(k *kern.Impl, x []float32, d int, shift, sum, exps []float32) {
	for r := range shift {
		row := x[r*d:][:d]
		m := k.MaxReduce(row)
		if !(m >= -math.MaxFloat32 && m <= math.MaxFloat32) {
			m = 0
		}
		shift[r] = m
		k.BinaryScalar(kern.Sub, exps[r*d:][:d], row, m, false)
	}
	k.Unary(kern.Exp, exps, exps)
	for r := range sum {
		sum[r] = k.Sum(exps[r*d:][:d])
	}
}
