package cpu

import "github.com/surprisal-go/surprisal/internal/kern"

func (p *plan) attentionGradStep(v *val) step {
	a := p.attention(v)
	a.g = strip(v.in[1]).slot
	p.reserve(a.blockSize() + a.backwardSize())
	l := &loop{plan: p, large: true, cost: minWork}
	l.count = a.items
	l.body = func(w *worker, lo, hi int) {
		for ; lo < hi; lo++ {
			a.backward(w, lo)
		}
	}
	return l
}

// backwardSize is the memory of keys, keys and values transposed, gradients,
// and of what a block has besides scores.
func (a *attention) backwardSize() int {
	ldt := apart(a.t)
	return a.t*(apart(a.d)+2*a.d) + 2*a.d*ldt + attentionRows*(a.d+ldt)
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
	d, n, ld, width, impl := a.d, a.t, a.stride(), a.width(), a.exec.kern
	ldk, ldt := apart(d), apart(n)
	block := a.block(w, n, a.backwardSize())
	take := func(n int) (x []float32) { x, block.rest = block.rest[:n], block.rest[n:]; return x }
	k, kt, vt, dk, dv := take(n*ldk), take(d*ldt), take(d*ldt), take(n*d), take(n*d)
	h, b := take(attentionRows*d), take(attentionRows*ldt)
	impl.MulRows(k, ldk, a.part(a.qkv, item, 1), ld, n, d, 1)
	a.flip(kt, a.part(a.qkv, item, 1), n)
	a.flip(vt, a.part(a.qkv, item, 2), n)
	clear(dk)
	clear(dv)
	q, g, dq := a.part(a.qkv, item, 0), a.head(a.g, item), a.part(a.out, item, 0)
	for r0 := 0; r0 < n; r0 += attentionRows {
		rows := min(attentionRows, n-r0)
		a.exps(w, &block, q, kt, r0, rows)
		keys, e := block.keys, block.e
		impl.DivRows(h, d, g[r0*width:], width, rows, d, block.sum)
		impl.Gemm(rows, block.tiles(), d, h, d, 1, vt, ldt, 1, b, ldt, kern.GemmSet, &w.scratch)
		a.inner(&block, b, r0, rows)
		mode := kern.GemmContinue
		if r0+rows == n {
			mode |= kern.GemmEnd
		}
		for c := 0; c < d; c += narrow {
			cols := min(narrow, d-c)
			impl.Gemm(keys, cols, rows, e, 1, ldt, h[c:], d, 1, dv[c:], d, mode, &w.scratch)
			impl.Gemm(keys, cols, rows, b, 1, ldt, block.q[c:], d, 1, dk[c:], d, mode, &w.scratch)
		}
		impl.Gemm(rows, d, keys, b, ldt, 1, k, ldk, 1, h, d, kern.GemmSet|kern.GemmEnd, &w.scratch)
		impl.MulRows(dq[r0*ld:], ld, h, d, rows, d, a.scale)
	}
	impl.MulRows(a.part(a.out, item, 1), ld, dk, d, n, d, 1)
	impl.MulRows(a.part(a.out, item, 2), ld, dv, d, n, d, 1)
}

// narrow is the width of products whose left side is a block's transpose: with
// one tile a row, they read the block in place.
const narrow = 16

// inner turns a(t,s) in x into b(t,s).
func (a *attention) inner(s *scores, x []float32, r0, rows int) {
	k := a.exec.kern
	for r := range rows {
		row, seen := a.open(s, x, r0, r)
		e := s.e[r*s.ld:]
		clear(row[seen:]) // may be infinite
		k.SubMul(row, row, e, k.Dot(row, e)/s.sum[r])
		clear(row[seen:]) // −0 else
	}
}
