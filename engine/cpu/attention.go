package cpu

import (
	"github.com/surprisal-go/surprisal/internal/kern"
)

// attention is what the operation and its gradient share: qkv of each sequence
// is (T, 3, H, d), the result (T, H, d). Queries of a head are taken panelRows
// at a time and their scores kept as columns, one below the other by keys: so
// keys and values are the left sides of products and can be read in place, the
// scores are panels as they are, and no sum crosses a register. Under a causal
// mask, a panel sees only the keys up to its last query.
type attention struct {
	*plan
	qkv, g, out int
	sequences   extent
	t, heads, d int
	scale       float32
	causal      bool

	rows int // of an item of the forward pass
}

func (p *plan) attention(v *val) *attention {
	s := v.in[0].shape
	r := len(s) - 4
	return &attention{plan: p, qkv: strip(v.in[0]).slot, out: v.slot, sequences: extentOf(s[:r]),
		t: s[r], heads: s[r+2], d: s[r+3], scale: float32(v.attr.Scale), causal: v.attr.Causal}
}

// items is the number of heads of all sequences that there is work for.
func (a *attention) items() int {
	if a.d*a.t == 0 {
		return 0
	}
	return a.sequences.at(a.batch) * a.heads
}

// stride is from a position to the next in qkv.
func (a *attention) stride() int { return 3 * a.heads * a.d }

// part is where queries (0), keys (1) or values (2) of a head begin in an array
// like qkv, with a.stride() from a position to the next.
func (a *attention) part(slot, item, which int) []float32 {
	width := a.heads * a.d
	return a.mem[slot][item/a.heads*a.t*3*width+which*width+item%a.heads*a.d:]
}

// width is from a position to the next in the result.
func (a *attention) width() int { return a.heads * a.d }

// head is where a head begins in an array like the result.
func (a *attention) head(slot, item int) []float32 {
	return a.mem[slot][item/a.heads*a.t*a.width()+item%a.heads*a.d:]
}

// panelRows is the number of queries in a panel.
const panelRows = kern.StairCols

// keys is the number of keys that queries up to r1 may see.
func (a *attention) keys(r1 int) int {
	if a.causal {
		return r1
	}
	return a.t
}

// seen is the number of keys that query r sees.
func (a *attention) seen(r int) int { return a.keys(r + 1) }

func (p *plan) attentionStep(v *val) step {
	a := p.attention(v)
	p.reserve(a.forwardSize())
	l := &loop{plan: p, large: true, cost: minWork}
	l.count = func() int {
		items := a.items()
		pieces := ceil(len(p.exec.pool.workers)*pieces, max(items, 1))
		a.rows = max(ceil(ceil(a.t, pieces), panelRows)*panelRows, panelRows)
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

// forwardSize is the memory of a panel of scores and of its queries, and of keys
// and values.
func (a *attention) forwardSize() int { return panelRows*(a.t+2*a.d+1) + 2*a.nearSize() }

// farRows is the number of keys up to which they are read where they are.
const farRows = 64

// nearSize is the memory of near.
func (a *attention) nearSize() int {
	if a.t <= farRows {
		return 0
	}
	return a.t * a.d
}

// near returns the first n keys (1) or values (2) of a head, ld apart: copied
// side by side if there are many, since what lies far apart falls on few sets of
// the cache.
func (a *attention) near(dst []float32, item, which, n int) (x []float32, ld int) {
	x = a.part(a.qkv, item, which)
	if len(dst) == 0 {
		return x, a.stride()
	}
	a.exec.kern.MulRows(dst, a.d, x, a.stride(), n, a.d, 1)
	return dst, a.d
}

// forward computes positions r0 … r1−1 of one head of one sequence.
func (a *attention) forward(w *worker, item, r0, r1 int) {
	d, width, k := a.d, a.width(), a.exec.kern
	p := a.panel(w.need(a.forwardSize()), panelRows)
	p.k, p.ldk = a.near(p.take(a.nearSize()), item, 1, a.keys(r1))
	v, ldv := a.near(p.take(a.nearSize()), item, 2, a.keys(r1))
	out := a.head(a.out, item)
	for ; r0 < r1; r0 += panelRows {
		n := min(panelRows, r1-r0)
		a.exps(w, &p, item, r0, n)
		k.GemmColumns(d, a.keys(r0+n), v, 1, ldv, p.e, p.ld, p.cols, panelRows, kern.GemmSet|kern.GemmEnd)
		k.Transpose(p.rows, d, p.cols, panelRows, d, n)
		k.DivRows(out[r0*width:], width, p.rows, d, n, d, p.sum)
	}
}

// scores is a panel of them and what it is made from.
type scores struct {
	e    []float32 // exp(score − max) in rows of keys, ld apart; +0 for keys that a query does not see
	ld   int
	sum  []float32 // of e, by query
	k    []float32 // keys, ldk apart
	ldk  int
	rows []float32 // queries, scaled, by dims
	cols []float32 // the same as columns; zeros for queries that are not there
	rest []float32
}

// panel takes memory for rows of n scores.
func (a *attention) panel(buf []float32, n int) scores {
	p := scores{ld: n, rest: buf}
	p.rows, p.cols, p.sum = p.take(panelRows*a.d), p.take(panelRows*a.d), p.take(panelRows)
	p.e = p.take(a.t * n)
	return p
}

func (p *scores) take(n int) (x []float32) {
	x, p.rest = p.rest[:n], p.rest[n:]
	return x
}

// exps fills a panel with n queries from r0 on.
func (a *attention) exps(w *worker, p *scores, item, r0, n int) {
	d, stride, keys, k := a.d, a.stride(), a.keys(r0+n), a.exec.kern
	k.MulRows(p.rows, d, a.part(a.qkv, item, 0)[r0*stride:], stride, n, d, a.scale)
	a.flip(p, n)
	k.GemmColumns(keys, d, p.k, p.ldk, 1, p.cols, panelRows, p.e, p.ld, kern.GemmSet)
	k.ExpSumColumns(p.e, p.ld, keys, a.seen(r0), p.sum, &w.scratch)
}

// flip turns n rows of a panel into its columns.
func (a *attention) flip(p *scores, n int) {
	if n < panelRows {
		clear(p.cols)
	}
	a.exec.kern.Transpose(p.cols, panelRows, p.rows, a.d, n, a.d)
}
