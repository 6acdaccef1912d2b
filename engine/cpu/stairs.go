package cpu

import (
	"slices"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
)

// newStairs returns how a product walks along a mask whose degrees ascend on
// both sides: the open weights of a row are those from a first column on, which
// ascends. It returns nil if there is no mask.
func newStairs(m *graph.Mask) *kern.Stairs {
	if m == nil {
		return nil
	}
	first := make([]int32, len(m.In))
	j := 0
	for i := range first {
		for j < len(m.Out) && !m.Open(i, j) {
			j++
		}
		first[i] = int32(j)
	}
	return kern.NewStairs(first, len(m.Out))
}

// masked turns a product under a mask that is no stairs, because its degrees do
// not ascend, into one without: it selects among the weights before a MatMul
// and among the gradients after an Outer.
func (l *lowering) masked(v val) *val {
	m := v.attr.Mask
	if m == nil || l.exec.opts.passes().has(passMask) && slices.IsSorted(m.In) && slices.IsSorted(m.Out) {
		return l.add(v)
	}
	shape := []int{len(m.In), len(m.Out)}
	open := val{op: graph.OpConst, dtype: graph.Bool, shape: shape, data: make([]float32, len(m.In)*len(m.Out)), node: v.node}
	words := uints(open.data)
	for i := range m.In {
		for j := range m.Out {
			if m.Open(i, j) {
				words[i*len(m.Out)+j] = ^uint32(0)
			}
		}
	}
	zero := l.broadcast(v, l.add(val{op: graph.OpConst, dtype: graph.F32, data: []float32{0}, node: v.node}), shape)
	choose := func(x *val) *val {
		return l.add(val{op: graph.OpWhere, dtype: graph.F32, shape: shape, in: []*val{l.add(open), x, zero}, node: v.node})
	}
	v.attr.Mask = nil
	if v.op == graph.OpOuter {
		return choose(l.add(v))
	}
	v.in = []*val{v.in[0], choose(v.in[1])}
	return l.add(v)
}
