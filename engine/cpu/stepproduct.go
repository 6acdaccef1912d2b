package cpu

import (
	"slices"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
)

// stepProduct is x·w, x·wᵀ or a convolution in steps. The slot holds unfinished chains from
// +0; when operands become known they are pushed into the chains that their
// weights are open to, and chains that have all their operands get the +0 that
// ends them. A closed weight is skipped: the whole pass skips it or multiplies
// it as +0, which is the same unless the operand is infinite.
type stepProduct struct {
	x, w, dst int // w is a source
	ldw       int
	trans     bool
	k, n      int
	turned    []float32 // wᵀ, if trans

	start  []int32 // of each level in pushes, and the end of the last
	pushes []push
	done   spans // finished chains

	scratch kern.Scratch
}

// manyOperands are so many that a product of several lanes, which packs them,
// is faster than a push.
const manyOperands = 8

// push continues chains dst … dst+n−1 by operands x … x+k−1, with the weights
// from w on.
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
	b.slot[v] = t.dst
	b.plan.slots[t.dst].zero = true
	t.done = spansOf(b.level[v], b.top)
	t.start = []int32{0}
	for _, list := range byLevel {
		t.pushes = append(t.pushes, list...)
		t.start = append(t.start, int32(len(t.pushes)))
	}
	b.plan.ops = append(b.plan.ops, t)
}

// schedule lists the pushes of row r, whose operands and chains have the given
// levels. Operands that become known in ascending order are pushed on as soon
// as they are; otherwise the chains of a level wait until all their operands
// are there, for a chain ascends.
func (t *stepProduct) schedule(byLevel [][]push, r int, in, out []int32, m *graph.Mask) {
	add := func(level int32, k int, cols span) {
		for lo := cols.lo; lo < cols.hi; {
			if !t.open(m, k, int(lo)) {
				lo++
				continue
			}
			hi := lo + 1
			for hi < cols.hi && t.open(m, k, int(hi)) {
				hi++
			}
			byLevel[level] = appendPush(byLevel[level], push{int32(r*t.k + k), 1, int32(r*t.n) + lo, hi - lo, int32(k*t.ldw) + lo}, t.ldw)
			lo = hi
		}
	}
	if slices.IsSorted(in) {
		for k, l := range in {
			add(l, k, span{0, int32(t.n)})
		}
		return
	}
	ready := spansOf(out, len(byLevel)-1)
	for l := range byLevel {
		for _, s := range ready.at(l) {
			for k := range t.k {
				add(int32(l), k, s)
			}
		}
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

func (t *stepProduct) advance(p *stepPlan, level int) error {
	k, n := p.exec.kern, p.lanes
	x, dst, w := p.mem[t.x], p.mem[t.dst], p.src[t.w]
	if t.trans {
		if level == 0 {
			t.turn(w)
		}
		w = t.turned
	}
	pushes := t.pushes[t.start[level]:t.start[level+1]]
	for i := range pushes {
		c := &pushes[i]
		if c.k >= manyOperands && n > 1 {
			k.Gemm(int(c.n), n, int(c.k), w[c.w:], 1, t.ldw, x[int(c.x)*n:], n, 1, dst[int(c.dst)*n:], n, kern.GemmContinue, &t.scratch)
			continue
		}
		k.Push(dst[int(c.dst)*n:int(c.dst+c.n)*n], n, w[c.w:], t.ldw, x[int(c.x)*n:int(c.x+c.k)*n])
	}
	for _, s := range t.done.at(level) {
		done := dst[int(s.lo)*n : int(s.hi)*n]
		if len(done) > 8 {
			k.BinaryScalar(kern.Add, done, done, 0, false)
			continue
		}
		for i := range done {
			done[i] += 0 // makes +0 of −0
		}
	}
	return nil
}

// turn writes wᵀ, so that the weights of an operand lie side by side.
func (t *stepProduct) turn(w []float32) {
	if t.turned == nil {
		t.turned = make([]float32, t.k*t.n)
	}
	for n := range t.n {
		for k, v := range w[n*t.k:][:t.k] {
			t.turned[k*t.n+n] = v
		}
	}
}
