package cpu

import (
	"math"
	"slices"

	"github.com/surprisal-go/surprisal/internal/kern"
)

// stepAttention computes positions of attention as soon as the keys that they
// see are known. Keys and values that have become known are kept for every
// event, the keys transposed, so that a position is two products of one row.
type stepAttention struct {
	qkv, dst           int
	sequences          int // of an event
	t, heads, d        int
	scale              float32
	causal             bool
	known              []int32 // by position of a sequence: when queries, keys and values are
	ready              []int32 // and when the result is
	parts              []attentionPart
	keys, values, work []float32
}

// attentionPart computes the result of a position, or keeps its keys and
// values.
type attentionPart struct {
	at   int
	keep bool
}

func newStepAttention(v *val) *stepAttention {
	s := v.in[0].shape
	r := len(s) - 4
	return &stepAttention{sequences: extentOf(s[:r]).n, t: s[r], heads: s[r+2], d: s[r+3], scale: float32(v.attr.Scale), causal: v.attr.Causal}
}

// width is the number of elements of a position in the result.
func (a *stepAttention) width() int { return a.heads * a.d }

// seen is the number of keys that position t sees.
func (a *stepAttention) seen(t int) int {
	if a.causal {
		return t + 1
	}
	return a.t
}

// findLevels sets when positions are known and ready, from the levels of qkv.
func (a *stepAttention) findLevels(in []int32) {
	a.known, a.ready = make([]int32, a.sequences*a.t), make([]int32, a.sequences*a.t)
	for i := range a.known {
		if row := in[i*3*a.width() : (i+1)*3*a.width()]; len(row) > 0 {
			a.known[i] = slices.Max(row)
		}
	}
	for i := range a.ready {
		first := i / a.t * a.t
		a.ready[i] = slices.Max(a.known[first : first+a.seen(i-first)])
	}
}

func (b *stepBuilder) attentionLevels(v *val) []int32 {
	a := newStepAttention(v)
	a.findLevels(b.level[strip(v.in[0])])
	out := make([]int32, v.size().n)
	for i := range out {
		out[i] = a.ready[i/a.width()]
	}
	return out
}

func (b *stepBuilder) attention(v *val) {
	a := newStepAttention(v)
	a.findLevels(b.level[strip(v.in[0])])
	a.qkv, a.dst = b.operand(v.in[0]), b.newSlot(v.size().n)
	b.slot[v] = a.dst
	b.add(a, a.cut(b.top))
}

// cut lists the parts by level, and returns where each of the levels 0 … top
// begins.
func (a *stepAttention) cut(top int) (start []int32) {
	for l := range int32(top + 1) {
		start = append(start, int32(len(a.parts)))
		for _, keep := range []bool{true, false} {
			levels := a.ready
			if keep {
				levels = a.known
			}
			for i, at := range levels {
				if at == l {
					a.parts = append(a.parts, attentionPart{i, keep})
				}
			}
		}
	}
	return append(start, int32(len(a.parts)))
}

func (a *stepAttention) run(p *stepPlan, lo, hi int) error {
	if need := p.batch * a.sequences * a.t * a.width(); len(a.keys) < need {
		a.keys, a.values = make([]float32, need), make([]float32, need)
	}
	if a.work == nil {
		a.work = make([]float32, a.t+2*a.d)
	}
	for _, part := range a.parts[lo:hi] {
		if part.keep {
			a.keep(p, part.at)
			continue
		}
		for r := range p.batch {
			for h := range a.heads {
				a.attend(p, part.at, r, h)
			}
		}
	}
	return nil
}

// cache returns the keys (d, T) and values (T, d) of a head of a sequence of
// event r.
func (a *stepAttention) cache(sequence, r, h int) (keys, values []float32) {
	size := a.t * a.d
	at := ((r*a.sequences+sequence)*a.heads + h) * size
	return a.keys[at:][:size], a.values[at:][:size]
}

// keep writes keys and values of position i of all events into the cache.
func (a *stepAttention) keep(p *stepPlan, i int) {
	x := p.mem[a.qkv][i*3*a.width()*p.lanes:]
	t := i % a.t
	for r := range p.batch {
		for h := range a.heads {
			keys, values := a.cache(i/a.t, r, h)
			for j := range a.d {
				at := h*a.d + j
				keys[j*a.t+t] = x[(a.width()+at)*p.lanes+r]
				values[t*a.d+j] = x[(2*a.width()+at)*p.lanes+r]
			}
		}
	}
}

// attend computes position i of head h of event r, as attention.forward does.
func (a *stepAttention) attend(p *stepPlan, i, r, h int) {
	k := p.exec.kern
	keys, values := a.cache(i/a.t, r, h)
	n := a.seen(i % a.t)
	e, q, y := a.work[:n], a.work[a.t:a.t+a.d], a.work[a.t+a.d:]
	x := p.mem[a.qkv][(i*3*a.width()+h*a.d)*p.lanes+r:]
	for j := range q {
		q[j] = x[j*p.lanes]
	}
	k.BinaryScalar(kern.Mul, q, q, a.scale, false)
	clear(e)
	k.Push(e, 1, keys, a.t, q)
	m := k.MaxReduce(e)
	if !(m >= -math.MaxFloat32 && m <= math.MaxFloat32) {
		m = 0
	}
	k.BinaryScalar(kern.Sub, e, e, m, false)
	k.Unary(kern.Exp, e, e)
	clear(y)
	k.Push(y, 1, values, a.d, e)
	k.BinaryScalar(kern.Add, y, y, 0, false)
	k.BinaryScalar(kern.Div, y, y, k.Sum(e), false)
	out := p.mem[a.dst][(i*a.width()+h*a.d)*p.lanes+r:]
	for j, v := range y {
		out[j*p.lanes] = v
	}
}
