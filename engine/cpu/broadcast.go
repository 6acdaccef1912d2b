package cpu

import (
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
)

// indexMap says where element i of a broadcast lies in its source. Axes are
// collapsed and listed from the last to the first; along each, the source
// either advances or is repeated. The first axis has no end, so that a map
// serves any batch.
type indexMap []axisMap

type axisMap struct {
	n      int // ignored for the first axis
	stride int // in the source; 0 where it is repeated
}

// mapOf returns the map of a broadcast from shape src to shape dst.
func mapOf(src, dst []int) indexMap {
	var m indexMap
	stride := 1
	off := len(dst) - len(src)
	for a := len(dst) - 1; a >= 0; a-- {
		n, s := dst[a], 0
		if n == 1 {
			continue
		}
		if a >= off && src[a-off] == n {
			s = stride
			stride *= n
		}
		if k := len(m) - 1; k >= 0 && (m[k].stride > 0) == (s > 0) {
			m[k].n *= n
			continue
		}
		m = append(m, axisMap{n, s})
	}
	return m
}

// direct reports whether element i is element i of the source.
func (m indexMap) direct() bool { return len(m) == 0 || len(m) == 1 && m[0].stride > 0 }

// scalar reports whether every element is the source's only one.
func (m indexMap) scalar() bool { return len(m) == 1 && m[0].stride == 0 }

// window returns elements off … off+n−1 as a part of src if they lie there in
// one run, as they do in the rows of a bias.
func (m indexMap) window(src []float32, off, n int) []float32 {
	if m[0].stride == 0 || len(m) > 1 && off%m[0].n+n > m[0].n {
		return nil
	}
	at := 0
	for i, a := range m {
		d := off
		if i < len(m)-1 {
			d, off = off%a.n, off/a.n
		}
		at += d * a.stride
	}
	return src[at:][:n]
}

// expand writes elements off, off+1, … of the broadcast of src into dst.
func (m indexMap) expand(k *kern.Impl, dst, src []float32, off int) {
	switch {
	case m.direct():
		copy(dst, src[off:])
	case m.scalar():
		k.Fill(dst, src[0])
	case len(m) == 2 && m[0].stride > 0:
		repeat(dst, src[:m[0].n], off)
	case len(m) == 2 && m[0].n < longRun:
		spread(k, dst, src[off/m[0].n:], m[0].n, off%m[0].n)
	default:
		m.walk(k, dst, src, off)
	}
}

// repeat writes src over and over, from element off of that on.
func repeat(dst, src []float32, off int) {
	have := copy(dst, src[off%len(src):])
	for have < len(dst) && have < len(src) {
		have += copy(dst[have:], src[:len(src)-have])
	}
	for have < len(dst) { // have is a multiple of the period
		have += copy(dst[have:], dst[:have])
	}
}

// spread writes every element of src n times, the first one skip times less.
func spread(k *kern.Impl, dst, src []float32, n, skip int) {
	fill := func(count int) {
		for i := range count {
			dst[i] = src[0]
		}
		dst, src = dst[count:], src[1:]
	}
	if skip > 0 {
		fill(min(len(dst), n-skip))
	}
	whole := len(dst) / n
	k.Spread(dst, src[:whole], n)
	if dst, src = dst[whole*n:], src[whole:]; len(dst) > 0 {
		fill(len(dst))
	}
}

// longRun is the length from which a kernel fills a run faster than a loop.
const longRun = 32

// usualAxes is the number of collapsed axes up to which a walk allocates
// nothing.
const usualAxes = 16

// walk goes through the innermost runs one by one.
func (m indexMap) walk(k *kern.Impl, dst, src []float32, off int) {
	var usual [usualAxes]int
	digit := usual[:]
	if len(m) > usualAxes {
		digit = make([]int, len(m))
	}
	at := 0
	for i, a := range m {
		d := off
		if i < len(m)-1 {
			d, off = off%a.n, off/a.n
		}
		digit[i] = d
		at += d * a.stride
	}
	for len(dst) > 0 {
		run, inner := min(len(dst), m[0].n-digit[0]), 0
		switch {
		case m[0].stride > 0:
			copy(dst[:run], src[at:])
		case m[0].n < longRun: // all elements of the next axis
			inner = 1
			run = min(len(dst), (m[1].n-digit[1])*m[0].n-digit[0])
			spread(k, dst[:run], src[at:], m[0].n, digit[0])
		default:
			k.Fill(dst[:run], src[at])
		}
		dst = dst[run:]
		if inner > 0 { // to the end of both axes, or there is no more
			at += (m[1].n - digit[1]) * m[1].stride
			digit[0], digit[1] = 0, m[1].n
		} else {
			digit[0] += run
			at += run * m[0].stride
		}
		for i := inner; i < len(m)-1 && digit[i] == m[i].n; i++ {
			at += m[i+1].stride - digit[i]*m[i].stride
			digit[i] = 0
			digit[i+1]++
		}
	}
}

// broadcastStep writes out a broadcast for an operation that cannot read it by
// index.
func (p *plan) broadcastStep(v *val) step {
	m := mapOf(v.in[0].shape, v.shape)
	src, dst := strip(v.in[0]).slot, v.slot
	return &loop{plan: p, items: v.size(), cost: 1, body: func(w *worker, lo, hi int) {
		m.expand(p.exec.kern, p.mem[dst][lo:hi], p.mem[src], lo)
	}}
}

// operand is where a group reads an input: the elements of src, by a map if
// they are broadcast.
type operand struct {
	src *val
	m   indexMap // nil: element by element
}

// operand looks through reshapes and, if broadcasts are resolved by index,
// through one broadcast.
func (a *assembly) operand(in *val) operand {
	v := strip(in)
	if v.op != graph.OpBroadcast || !a.passes.has(passBroadcast) {
		return operand{src: v}
	}
	m := mapOf(v.in[0].shape, v.shape)
	if m.direct() {
		m = nil
	}
	return operand{strip(v.in[0]), m}
}
