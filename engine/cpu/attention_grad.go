package cpu

import "github.com/surprisal-go/surprisal/internal/kern"

func (p *plan) attentionGradStep(v *val) step {
	a := p.attention(v)
	a.g = strip(v.in[1]).slot
	p.reserve(a.backwardSize())
	l := &loop{plan: p, large: true, cost: minWork}
	l.count = a.items
	l.body = func(w *worker, lo, hi int) {
		for ; lo < hi; lo++ {
			a.backward(w, lo)
		}
	}
	return l
}

// gradRows is the number of queries whose products are added to the gradients of
// keys and values at a time: two panels, since shorter chains spend more time on
// reading and writing these.
const gradRows = 2 * panelRows

// wide is d in whole panels.
func (a *attention) wide() int { return ceil(a.d, panelRows) * panelRows }

// backwardSize is the memory of panels, side by side, and of what else there is
// in a gradBlock.
func (a *attention) backwardSize() int {
	return panelRows*(2*a.d+1) + 2*gradRows*(a.t+a.wide()) + 2*a.t*a.wide() + 2*a.nearSize()
}

// gradBlock is gradRows queries of a head: panels side by side, and with them
// what the gradients of keys and values need.
type gradBlock struct {
	scores
	b      []float32 // like e
	q, h   []float32 // gradRows by wide, +0 beside the dims
	v      []float32 // values, ldv apart
	ldv    int
	dk, dv []float32 // keys by wide
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
	n, wide, k := a.t, a.wide(), a.exec.kern
	g := gradBlock{scores: a.panel(w.need(a.backwardSize()), gradRows)}
	g.b, g.q, g.h = g.take(n*gradRows), g.take(gradRows*wide), g.take(gradRows*wide)
	g.dk, g.dv = g.take(n*wide), g.take(n*wide)
	g.k, g.ldk = a.near(g.take(a.nearSize()), item, 1, n)
	g.v, g.ldv = a.near(g.take(a.nearSize()), item, 2, n)
	for _, x := range [][]float32{g.q, g.h, g.dk, g.dv} {
		clear(x)
	}
	for r0 := 0; r0 < n; r0 += gradRows {
		rows := min(gradRows, n-r0)
		for p := 0; p < rows; p += panelRows {
			a.panelGrad(w, g.from(p, wide), item, r0+p, min(panelRows, rows-p))
		}
		a.addGrad(g.dv, g.e, g.h, r0, rows)
		a.addGrad(g.dk, g.b, g.q, r0, rows)
	}
	k.MulRows(a.part(a.out, item, 1), a.stride(), g.dk, wide, n, a.d, 1)
	k.MulRows(a.part(a.out, item, 2), a.stride(), g.dv, wide, n, a.d, 1)
}

// from is the block from its row p on.
func (g gradBlock) from(p, wide int) gradBlock {
	g.e, g.b, g.q, g.h = g.e[p:], g.b[p:], g.q[p*wide:], g.h[p*wide:]
	return g
}

// panelGrad computes e, b, q and h of n queries from r0 on, and the gradients of
// these queries.
func (a *attention) panelGrad(w *worker, g gradBlock, item, r0, n int) {
	d, wide, width, stride, keys, k := a.d, a.wide(), a.width(), a.stride(), a.keys(r0+n), a.exec.kern
	a.exps(w, &g.scores, item, r0, n)
	k.MulRows(g.q, wide, g.rows, d, n, d, 1)
	k.DivRows(g.rows, d, a.head(a.g, item)[r0*width:], width, n, d, g.sum)
	k.MulRows(g.h, wide, g.rows, d, n, d, 1)
	a.flip(&g.scores, n)
	k.GemmColumns(keys, d, g.v, g.ldv, 1, g.cols, panelRows, g.b, g.ld, kern.GemmSet)
	k.SoftmaxGradColumns(g.b, g.e, g.ld, keys, a.seen(r0), g.sum, &w.scratch)
	k.GemmColumns(d, keys, g.k, 1, g.ldk, g.b, g.ld, g.cols, panelRows, kern.GemmSet|kern.GemmEnd)
	k.Transpose(g.rows, d, g.cols, panelRows, d, n)
	k.MulRows(a.part(a.out, item, 0)[r0*stride:], stride, g.rows, d, n, d, a.scale)
}

// addGrad adds to dst, keys by wide, the products of x, like e, and y, like h,
// over the rows of a block. Keys that only its second panel sees are left to
// that.
func (a *attention) addGrad(dst, x, y []float32, r0, rows int) {
	mode, wide, k := kern.GemmContinue, a.wide(), a.exec.kern
	if r0+rows == a.t {
		mode |= kern.GemmEnd
	}
	first := min(panelRows, rows)
	part, keys := a.keys(r0+first), a.keys(r0+rows)
	for c := 0; c < wide; c += panelRows {
		k.GemmColumns(part, rows, x, gradRows, 1, y[c:], wide, dst[c:], wide, mode)
		if part < keys {
			k.GemmColumns(keys-part, rows-first, x[part*gradRows+first:], gradRows, 1, y[first*wide+c:], wide, dst[part*wide+c:], wide, mode)
		}
	}
}
