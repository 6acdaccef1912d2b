package cpu

import (
	"slices"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
)

// stepProduct is x·w, x·wᵀ or a convolution in steps. The slot holds unfinished
// chains from +0; when operands become known they are pushed into the chains that their
// weights are open to, and chains that have all their operands get the +0 that
// ends them. A closed weight is skipped: the whole pass skips it or multiplies
// it as +0, which is the same unless the operand is infinite.
type stepProduct struct {
	x, w, dst int // w is a source
	ldw       int
	trans     bool
	k, n      int

	once    bool // one operation alone reads the result
	pushes  []push
	scratch kern.Scratch
}

// manyOperands are so many that a product of more than eight lanes, which packs them,
// is faster than a push.
const manyOperands = 8

// blockOperands is how many operands wait for each other before they are pushed
// into later chains: more would cost more at once, in chains of the same block,
// and gain little. From 24 to 48 MADE 784-500-784 takes the same time.
const blockOperands = 32

// push continues chains dst … dst+n−1 by operands x … x+k−1, with the weights
// from w on. One of no operands ends the chains.
type push struct{ x, k, dst, n, w int32 }

// columns of the product that are open to operand k.
func (t *stepProduct) open(m *graph.Mask, k, n int) bool {
	switch {
	case m == nil:
		return true
	case t.trans:
		return m.Open(n, k)
	}
	return m.Open(k, n)
}

func newStepProduct(v *val) *stepProduct {
	w := v.in[1].shape
	t := &stepProduct{trans: v.attr.Trans, k: w[0], n: w[1]}
	if t.trans {
		t.k, t.n = t.n, t.k
	}
	t.ldw = t.n
	return t
}

func (b *stepBuilder) productLevels(v *val) []int32 {
	t, in := newStepProduct(v), b.level[strip(v.in[0])]
	out := make([]int32, v.size().n)
	if v.attr.Mask == nil && t.k > 0 {
		for i := range out {
			if i%t.n > 0 {
				out[i] = out[i-1]
				continue
			}
			out[i] = slices.Max(in[i/t.n*t.k:][:t.k])
		}
		return out
	}
	for k := range t.k {
		for n := range t.n {
			if !t.open(v.attr.Mask, k, n) {
				continue
			}
			for r := range len(out) / t.n {
				out[r*t.n+n] = max(out[r*t.n+n], in[r*t.k+k])
			}
		}
	}
	return out
}

func (b *stepBuilder) product(v *val) {
	t, level := newStepProduct(v), b.level[v]
	in := b.level[strip(v.in[0])]
	byLevel := make([][]push, b.top+1)
	for r := range len(level) / t.n {
		t.schedule(byLevel, r, in[r*t.k:(r+1)*t.k], level[r*t.n:(r+1)*t.n], v.attr.Mask)
	}
	b.addProduct(v, t, byLevel)
}

// addProduct makes an operation of the pushes of each level.
func (b *stepBuilder) addProduct(v *val, t *stepProduct, byLevel [][]push) {
	t.x, t.w, t.dst = b.operand(v.in[0]), b.source(v.in[1]), b.newSlot(v.size().n)
	t.once = b.once(v)
	b.slot[v] = t.dst
	b.plan.slots[t.dst].zero = true
	done := spansOf(b.level[v], b.top)
	var start []int32
	for l, list := range byLevel {
		start = append(start, int32(len(t.pushes)))
		t.pushes = append(t.pushes, list...)
		for _, s := range done.at(l) {
			t.pushes = append(t.pushes, push{dst: s.lo, n: s.hi - s.lo})
		}
	}
	b.add(t, append(start, int32(len(t.pushes))))
	if t.trans {
		b.plan.turned = append(b.plan.turned, &turned{product: t, from: t.w})
	}
}

// schedule lists the pushes of row r, whose operands and chains have the given
// levels. Operands that become known in ascending order are pushed into the
// chains that end in the same block of levels as soon as they are known, and
// into all others together when the block ends, so that those are read and
// written once for many operands. Otherwise the chains of a level wait until
// all their operands are there, for a chain ascends.
func (t *stepProduct) schedule(byLevel [][]push, r int, in, out []int32, m *graph.Mask) {
	if !slices.IsSorted(in) {
		ready := spansOf(out, len(byLevel)-1)
		for l := range byLevel {
			for _, s := range ready.at(l) {
				for k := range t.k {
					t.add(&byLevel[l], r, k, s, m)
				}
			}
		}
		return
	}
	for lo := 0; lo < len(in); {
		hi := blockEnd(in, lo)
		last := in[hi-1]
		soon, late := cutChains(out, last)
		for k := lo; k < hi; k++ {
			for _, s := range soon {
				t.add(&byLevel[in[k]], r, k, s, m)
			}
		}
		for _, s := range late {
			for k := lo; k < hi; k++ {
				t.add(&byLevel[last], r, k, s, m)
			}
		}
		lo = hi
	}
}

// blockEnd returns the end of the block of operands that begins at lo: a block
// holds all operands of its levels.
func blockEnd(in []int32, lo int) int {
	hi := min(lo+blockOperands, len(in))
	for hi < len(in) && in[hi] == in[hi-1] {
		hi++
	}
	return hi
}

// cutChains lists the chains that are known at level last and the later ones.
func cutChains(out []int32, last int32) (soon, late []span) {
	for lo := 0; lo < len(out); {
		hi := lo + 1
		for hi < len(out) && (out[hi] <= last) == (out[lo] <= last) {
			hi++
		}
		if s := (span{int32(lo), int32(hi)}); out[lo] <= last {
			soon = append(soon, s)
		} else {
			late = append(late, s)
		}
		lo = hi
	}
	return soon, late
}

// add pushes operand k of row r into the open ones of its chains cols.
func (t *stepProduct) add(list *[]push, r, k int, cols span, m *graph.Mask) {
	for lo := cols.lo; lo < cols.hi; {
		if !t.open(m, k, int(lo)) {
			lo++
			continue
		}
		hi := lo + 1
		if m == nil {
			hi = cols.hi
		}
		for hi < cols.hi && t.open(m, k, int(hi)) {
			hi++
		}
		*list = appendPush(*list, push{int32(r*t.k + k), 1, int32(r*t.n) + lo, hi - lo, int32(k*t.ldw) + lo}, t.ldw)
		lo = hi
	}
}

// appendPush joins a push to the one before it if that has the operand before
// and the same chains.
func appendPush(list []push, p push, ldw int) []push {
	if n := len(list); n > 0 {
		q := &list[n-1]
		if q.dst == p.dst && q.n == p.n && q.x+q.k == p.x && int(q.w)+int(q.k)*ldw == int(p.w) {
			q.k++
			return list
		}
	}
	return append(list, p)
}

// run is for several events: a single one has its tape.
func (t *stepProduct) run(p *stepPlan, lo, hi int) error {
	k, n := p.exec.kern, p.lanes
	x, dst, w := p.mem[t.x], p.mem[t.dst], p.src[t.w]
	pushes := t.pushes[lo:hi]
	for i := range pushes {
		c := &pushes[i]
		x, dst := x[int(c.x)*n:int(c.x+c.k)*n], dst[int(c.dst)*n:int(c.dst+c.n)*n]
		switch {
		case c.k == 0:
			k.BinaryScalar(kern.Add, dst, dst, 0, false) // makes +0 of −0
		case c.k >= manyOperands && n > 8:
			k.Gemm(int(c.n), n, int(c.k), w[c.w:], 1, t.ldw, x, n, 1, dst, n, kern.GemmContinue, &t.scratch)
		default:
			k.Push(dst, n, w[c.w:], t.ldw, x)
		}
	}
	return nil
}

// turned is a source of the transposed weights of a product, so that those of
// an operand lie side by side.
type turned struct {
	product *stepProduct
	from    int // source of the weights
	w       []float32
}

func (t *turned) turn(p *stepPlan) {
	k, n := t.product.k, t.product.n
	if t.w == nil {
		t.w = make([]float32, k*n)
	}
	for j := range n {
		for i, v := range p.src[t.from][j*k:][:k] {
			t.w[i*n+j] = v
		}
	}
	p.src[t.product.w] = t.w
}
