package cpu

import (
	"math"

	"github.com/surprisal-go/surprisal/internal/kern"
)

// attention is what the operation and its gradient share: qkv of each sequence
// is (T, 3, H, d), the result (T, H, d). Rows of a head are taken attentionRows
// at a time; under a causal mask, a block of rows sees only the keys up to its
// last row.
type attention struct {
	*plan
	qkv, g, out int
	sequences   extent
	t, heads, d int
	scale       float32
	causal      bool

	rows int // of an item of the forward pass
}

// attentionRows is small enough for little waste at the diagonal of a causal
// mask, and large enough for products to be products.
const attentionRows = 32

func (p *plan) attention(v *val) *attention {
	s := v.in[0].shape
	r := len(s) - 4
	return &attention{plan: p, qkv: strip(v.in[0]).slot, out: v.slot, sequences: extentOf(s[:r]),
		t: s[r], heads: s[r+2], d: s[r+3], scale: float32(v.attr.Scale), causal: v.attr.Causal}
}

// stride is from a position to the next in qkv.
func (a *attention) stride() int { return 3 * a.heads * a.d }

// head returns where queries, keys and values of a head begin in the sequence's
// part of an array like qkv.
func (a *attention) head(x []float32, item int) (q, k, v []float32) {
	if a.t == 0 || a.d == 0 {
		return nil, nil, nil
	}
	width := a.heads * a.d
	size := a.t * 3 * width
	x = x[item/a.heads*size:][:size]
	h := item % a.heads * a.d
	return x[h:], x[width+h:], x[2*width+h:]
}

// keys is the number of keys that rows up to r1 may see.
func (a *attention) keys(r1 int) int {
	if a.causal {
		return r1
	}
	return a.t
}

// seen is the number of keys that position t sees.
func (a *attention) seen(t int) int { return a.keys(t + 1) }

func (p *plan) attentionStep(v *val) step {
	a := p.attention(v)
	p.reserve(a.d*a.t + attentionRows*(a.d+a.t+1))
	l := &loop{plan: p, large: true, cost: minWork}
	l.count = func() int {
		items := a.sequences.at(p.batch) * a.heads
		pieces := ceil(len(p.exec.pool.workers)*pieces, max(items, 1))
		a.rows = max(ceil(ceil(a.t, pieces), attentionRows)*attentionRows, attentionRows)
		return items * ceil(a.t, a.rows)
	}
	l.body = func(w *worker, lo, hi int) {
		pieces := ceil(a.t, a.rows)
		for ; lo < hi; lo++ {
			r0 := lo % pieces * a.rows
			a.forward(w, lo/pieces, r0, min(a.t, r0+a.rows))
		}
	}
	return l
}

// forward computes positions r0 … r1−1 of one head of one sequence.
func (a *attention) forward(w *worker, item, r0, r1 int) {
	q, k, v := a.head(a.mem[a.qkv], item)
	d, n, ld := a.d, a.keys(r1), a.stride()
	buf := w.need(d*n + attentionRows*(d+n+1))
	kt, buf := buf[:d*n], buf[d*n:]
	qs, buf := buf[:attentionRows*d], buf[attentionRows*d:]
	sum, e := buf[:attentionRows], buf[attentionRows:]
	permute(kt, k, []int{d, n}, []int{1, ld})
	width := a.heads * d
	out := a.mem[a.out][(item/a.heads*a.t)*width+item%a.heads*d:]
	impl := a.exec.kern
	for ; r0 < r1; r0 += attentionRows {
		rows := min(attentionRows, r1-r0)
		keys := a.keys(r0 + rows)
		a.scaled(qs, q, r0, rows)
		a.exps(w, e, sum, qs, kt, n, r0, rows, keys)
		impl.Gemm(rows, d, keys, e, keys, 1, v, ld, 1, out[r0*width:], width, kern.GemmSet, &w.scratch)
		for r := range rows {
			row := out[(r0+r)*width:][:d]
			impl.BinaryScalar(kern.Add, row, row, 0, false)
			impl.BinaryScalar(kern.Div, row, row, sum[r], false)
		}
	}
}

// scaled copies the queries of a block of rows, times the scale.
func (a *attention) scaled(qs, q []float32, r0, rows int) {
	for r := range rows {
		a.exec.kern.BinaryScalar(kern.Mul, qs[r*a.d:(r+1)*a.d], q[(r0+r)*a.stride():], a.scale, false)
	}
}

// exps computes, for a block of rows, exp(score − max) of every key that a row
// sees, zeros for the others of the block's keys, and the sums.
func (a *attention) exps(w *worker, e, sum, qs, kt []float32, ldk, r0, rows, keys int) {
	k := a.exec.kern
	k.Gemm(rows, keys, a.d, qs, a.d, 1, kt, ldk, 1, e, keys, kern.GemmSet, &w.scratch)
	for r := range rows {
		row := e[r*keys : (r+1)*keys]
		row, later := row[:a.seen(r0+r)], row[a.seen(r0+r):]
		clear(later)
		m := k.MaxReduce(row)
		if !(m >= -math.MaxFloat32 && m <= math.MaxFloat32) {
			m = 0
		}
		k.BinaryScalar(kern.Sub, row, row, m, false)
		k.Unary(kern.Exp, row, row)
		sum[r] = k.Sum(row)
	}
}
