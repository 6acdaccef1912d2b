package cpu

import "github.com/surprisal-go/surprisal/graph"

// movePart says which elements of a value are those of one operand.
type movePart struct {
	operand int
	index   []int32 // by element: the operand's, or −1 if it is none of them
}

// moveParts resolves an operation that only places elements of an event's row,
// and reports whether v is one.
func moveParts(v *val) ([]movePart, bool) {
	shape := v.shape[1:]
	switch v.op {
	case graph.OpBroadcast:
		return []movePart{{0, broadcastIndex(v.in[0].shape, v.shape)}}, true
	case graph.OpTranspose:
		stride := make([]int, len(shape))
		for i, a := range v.attr.Axes[1:] {
			stride[i] = graph.RowSize(v.in[0].shape[a+1:])
		}
		return []movePart{{0, strided(shape, stride)}}, true
	case graph.OpSlice, graph.OpPad, graph.OpConcat, graph.OpTake:
		return alongAxis(v), true
	}
	return nil, false
}

// broadcastIndex says which element of a row of src each element of a row of
// dst repeats; src need not have a batch axis.
func broadcastIndex(src, dst []int) []int32 {
	dst = dst[1:]
	if len(src) > len(dst) {
		src = src[1:]
	}
	stride := make([]int, len(dst))
	at := 1
	for i := len(src) - 1; i >= 0; i-- {
		if src[i] != 1 {
			stride[len(dst)-len(src)+i] = at
		}
		at *= src[i]
	}
	return strided(dst, stride)
}

// strided lists where the elements of a shape lie, in row-major order.
func strided(shape, stride []int) []int32 {
	out := make([]int32, graph.RowSize(shape))
	for i := range out {
		at, rest := 0, i
		for a := len(shape) - 1; a >= 0; a-- {
			at += rest % shape[a] * stride[a]
			rest /= shape[a]
		}
		out[i] = int32(at)
	}
	return out
}

// alongAxis resolves the operations that pick or join along an axis.
func alongAxis(v *val) []movePart {
	axis := v.attr.Axis
	length, inner := v.shape[axis], graph.RowSize(v.shape[axis+1:])
	parts := make([]movePart, len(v.in))
	offset := 0
	for k, in := range v.in {
		have := in.shape[axis]
		index := make([]int32, v.size().n)
		for i := range index {
			outer, a, q := i/(length*inner), i/inner%length, i%inner
			switch v.op {
			case graph.OpSlice:
				a += v.attr.Lo
			case graph.OpPad:
				a -= v.attr.Lo
			case graph.OpConcat:
				a -= offset
			case graph.OpTake:
				a = v.attr.Index[a]
			}
			index[i] = -1
			if a >= 0 && a < have {
				index[i] = int32((outer*have+a)*inner + q)
			}
		}
		parts[k] = movePart{k, index}
		offset += have
	}
	return parts
}

// stepMove copies elements of one operand to their places.
type stepMove struct {
	src, dst int
	spans    []span // without the elements of other operands
	index    []int32
}

func (b *stepBuilder) move(v *val) {
	parts, _ := moveParts(v)
	dst := b.newSlot(v.size().n)
	b.slot[v] = dst
	b.plan.slots[dst].zero = v.op == graph.OpPad
	for _, part := range parts {
		level := b.level[v]
		mine := make([]int32, len(level)) // others go to a level that never comes
		for i, at := range part.index {
			mine[i] = int32(b.top) + 1
			if at >= 0 {
				mine[i] = level[i]
			}
		}
		s := spansOf(mine, b.top+1)
		b.add(&stepMove{b.operand(v.in[part.operand]), dst, s.list, part.index}, s.start)
	}
}

func (m *stepMove) run(p *stepPlan, lo, hi int) error {
	dst, src, n := p.mem[m.dst], p.mem[m.src], p.lanes
	for _, s := range m.spans[lo:hi] {
		for i := int(s.lo); i < int(s.hi); {
			from := int(m.index[i])
			run := 1 // elements that lie side by side in both
			for i+run < int(s.hi) && int(m.index[i+run]) == from+run {
				run++
			}
			copy(dst[i*n:(i+run)*n], src[from*n:])
			i += run
		}
	}
	return nil
}
