package cpu

import "github.com/surprisal-go/surprisal/internal/kern"

func (p *plan) attentionGradStep(v *val) step {
	a := p.attention(v)
	a.g = strip(v.in[1]).slot
	p.reserve(2*a.d*a.t + attentionRows*(2*a.d+2*a.t+1) + a.t)
	l := &loop{plan: p, large: true, cost: minWork}
	l.count = func() int { return a.sequences.at(p.batch) * a.heads }
	l.body = func(w *worker, lo, hi int) {
		for ; lo < hi; lo++ {
			a.backward(w, lo)
		}
	}
	return l
}

// backward computes the gradients of one head of one sequence. With e and l the
// exponentials and their sums, and h = g/l:
//
//	a(t,s) = h(t)·v(s)
//	b(t,s) = e(t,s)·(a(t,s) − Σ_s e(t,s)·a(t,s) / l(t))
//	∂v(s) = Σ_t e(t,s)·h(t), ∂q(t) = scale·Σ_s b(t,s)·k(s), ∂k(s) = Σ_t b(t,s)·scale·q(t)
//
// Blocks of rows follow each other, so that the sums over t are one chain.
func (a *attention) backward(w *worker, item int) {
	q, k, v := a.head(a.mem[a.qkv], item)
	dq, dk, dv := a.head(a.mem[a.out], item)
	d, n, ld, width := a.d, a.t, a.stride(), a.heads*a.d
	g := a.mem[a.g][(item/a.heads*n)*width+item%a.heads*d:]
	buf := w.need(2*d*n + attentionRows*(2*d+2*n+1) + n)
	take := func(n int) (x []float32) { x, buf = buf[:n], buf[n:]; return x }
	kt, vt, qs, h, sum, tmp := take(d*n), take(d*n), take(attentionRows*d), take(attentionRows*d), take(attentionRows), take(n)
	e, b := take(attentionRows*n), take(attentionRows*n)
	permute(kt, k, []int{d, n}, []int{1, ld})
	permute(vt, v, []int{d, n}, []int{1, ld})
	for r := range n {
		clear(dk[r*ld:][:d])
		clear(dv[r*ld:][:d])
	}
	impl := a.exec.kern
	for r0 := 0; r0 < n; r0 += attentionRows {
		rows := min(attentionRows, n-r0)
		keys := a.keys(r0 + rows)
		a.scaled(qs, q, r0, rows)
		a.exps(w, e, sum, qs, kt, n, r0, rows, keys)
		for r := range rows {
			impl.BinaryScalar(kern.Div, h[r*d:(r+1)*d], g[(r0+r)*width:], sum[r], false)
		}
		impl.Gemm(rows, keys, d, h, d, 1, vt, n, 1, b, keys, kern.GemmSet, &w.scratch)
		a.inner(b, e, sum, tmp, r0, rows, keys)
		impl.Gemm(keys, d, rows, e, 1, keys, h, d, 1, dv, ld, kern.GemmContinue, &w.scratch)
		impl.Gemm(keys, d, rows, b, 1, keys, qs, d, 1, dk, ld, kern.GemmContinue, &w.scratch)
		impl.Gemm(rows, d, keys, b, keys, 1, k, ld, 1, dq[r0*ld:], ld, kern.GemmSet, &w.scratch)
	}
	for r := range n {
		for _, x := range [][]float32{dq, dk, dv} {
			row := x[r*ld:][:d]
			impl.BinaryScalar(kern.Add, row, row, 0, false)
		}
		impl.BinaryScalar(kern.Mul, dq[r*ld:][:d], dq[r*ld:], a.scale, false)
	}
}

// inner turns a(t,s) in b into b(t,s).
func (a *attention) inner(b, e, sum, tmp []float32, r0, rows, keys int) {
	k := a.exec.kern
	for r := range rows {
		row := b[r*keys : (r+1)*keys]
		row, later := row[:a.seen(r0+r)], row[a.seen(r0+r):]
		clear(later)
		er, tmp := e[r*keys:][:len(row)], tmp[:len(row)]
		k.Binary(kern.Mul, tmp, er, row)
		k.BinaryScalar(kern.Sub, row, row, k.Sum(tmp)/sum[r], false)
		k.Binary(kern.Mul, row, row, er)
	}
}
