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
// mask and for a block of scores to stay in the first cache, and large enough
// for products to be products. It is a multiple of the rows of their tiles.
const attentionRows = 24

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

// apart is the distance of rows of n elements in scratch memory: an odd number
// of cache lines, so that rows do not fall on few sets of the cache.
func apart(n int) int { return (ceil(n, 16) | 1) * 16 }

// flip transposes n positions of a part, in rows of apart(n) elements.
func (a *attention) flip(dst, x []float32, n int) {
	ld := apart(n)
	a.exec.kern.Transpose(dst, ld, x, a.stride(), n, a.d)
	for i := range a.d {
		clear(dst[i*ld+n : (i+1)*ld])
	}
}

// keys is the number of keys that rows up to r1 may see.
func (a *attention) keys(r1 int) int {
	if a.causal {
		return r1
	}
	return a.t
}

func (p *plan) attentionStep(v *val) step {
	a := p.attention(v)
	p.reserve(a.blockSize() + a.forwardSize())
	l := &loop{plan: p, large: true, cost: minWork}
	l.count = func() int {
		items := a.items()
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

// forwardSize is the memory of keys and values.
func (a *attention) forwardSize() int { return a.d*apart(a.t) + a.t*apart(a.d) }

// forward computes positions r0 … r1−1 of one head of one sequence.
func (a *attention) forward(w *worker, item, r0, r1 int) {
	d, n, width, k := a.d, a.keys(r1), a.width(), a.exec.kern
	ldv := apart(d)
	block := a.block(w, n, a.forwardSize())
	kt, v := block.rest[:d*block.ld], block.rest[d*block.ld:]
	a.flip(kt, a.part(a.qkv, item, 1), n)
	k.MulRows(v, ldv, a.part(a.qkv, item, 2), a.stride(), n, d, 1)
	q, out := a.part(a.qkv, item, 0), a.head(a.out, item)
	for ; r0 < r1; r0 += attentionRows {
		rows := min(attentionRows, r1-r0)
		a.exps(w, &block, q, kt, r0, rows)
		y := block.q[:rows*d] // no longer needed
		k.Gemm(rows, d, block.keys, block.e, block.ld, 1, v, ldv, 1, y, d, kern.GemmSet|kern.GemmEnd, &w.scratch)
		k.DivRows(out[r0*width:], width, y, d, rows, d, block.sum)
	}
}

// scores is a block of rows by keys.
type scores struct {
	e    []float32 // exp(score − max), zero for keys that are not seen, in rows of ld
	sum  []float32 // of e, by row
	q    []float32 // rows × d: scaled queries
	keys int       // that the last row sees
	ld   int
	rest []float32 // of the worker's memory
}

// blockSize is the memory of a block with all keys.
func (a *attention) blockSize() int { return attentionRows * (apart(a.t) + 1 + a.d) }

// block takes memory for n keys and more.
func (a *attention) block(w *worker, n, more int) scores {
	ld := apart(n)
	buf := w.need(a.blockSize() + more)
	take := func(n int) (x []float32) { x, buf = buf[:n], buf[n:]; return x }
	return scores{e: take(attentionRows * ld), sum: take(attentionRows), q: take(attentionRows * a.d), ld: ld, rest: buf}
}

// exps fills a block with rows from r0 on. kt holds the keys, transposed.
func (a *attention) exps(w *worker, s *scores, q, kt []float32, r0, rows int) {
	k, d := a.exec.kern, a.d
	s.keys = a.keys(r0 + rows)
	k.MulRows(s.q, d, q[r0*a.stride():], a.stride(), rows, d, a.scale)
	k.Gemm(rows, s.tiles(), d, s.q, d, 1, kt, s.ld, 1, s.e, s.ld, kern.GemmSet, &w.scratch)
	for r := range rows {
		row, seen := a.open(s, s.e, r0, r)
		k.Fill(row[seen:], float32(math.Inf(-1)))
		_, s.sum[r] = k.ExpSum(row, row)
	}
}

// tiles is the number of keys in whole tiles of a product.
func (s *scores) tiles() int { return ceil(s.keys, 16) * 16 }

// open returns the part of row r of a block that kernels work on: the keys that
// it sees, seen of them, and others up to whole lanes, so that no kernel has to
// mask its last step. It clears what the block holds for the keys beyond.
func (a *attention) open(s *scores, x []float32, r0, r int) (row []float32, seen int) {
	seen = a.keys(r0 + r + 1)
	row = x[r*s.ld:]
	n := ceil(seen, 16) * 16
	clear(row[n:max(n, s.keys)])
	return row[:n], seen
}
