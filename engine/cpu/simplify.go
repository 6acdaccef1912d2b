package cpu

import (
	"math"
	"slices"

	"github.com/surprisal-go/surprisal/graph"
)

// simplify returns a val with the bits of v that is cheaper, or nil.
func (l *lowering) simplify(v val) *val {
	switch v.op {
	case graph.OpReshape:
		return l.simplifyReshape(v)
	case graph.OpBroadcast:
		return l.simplifyBroadcast(v)
	case graph.OpMul:
		if isConst(v.in[1], 1) {
			return v.in[0]
		}
		if isConst(v.in[0], 1) {
			return v.in[1]
		}
	case graph.OpDiv:
		if isConst(v.in[1], 1) {
			return v.in[0]
		}
	case graph.OpSub:
		if isConst(v.in[1], 0) { // x − 0 is x, also for −0; x + 0 is not
			return v.in[0]
		}
	}
	if v.op.Elementwise() {
		return l.hoist(v)
	}
	return nil
}

func isConst(v *val, want float32) bool {
	x, ok := scalarConst(v)
	return ok && math.Float32bits(x) == math.Float32bits(want)
}

func (l *lowering) simplifyReshape(v val) *val {
	x := v.in[0]
	switch {
	case slices.Equal(x.shape, v.shape):
		return x
	case x.data != nil:
		return l.add(val{op: graph.OpConst, dtype: x.dtype, shape: v.shape, data: x.data, node: v.node})
	case x.op == graph.OpReshape:
		v.in = x.in
		return l.add(v)
	case x.op == graph.OpBroadcast && x.in[0].size() == extent{n: 1}:
		return l.broadcast(v, l.scalar(x.in[0]), v.shape)
	}
	return nil
}

func (l *lowering) simplifyBroadcast(v val) *val {
	x := v.in[0]
	switch {
	case slices.Equal(x.shape, v.shape):
		return x
	case x.op == graph.OpBroadcast:
		return l.broadcast(v, x.in[0], v.shape)
	case x.size() == extent{n: 1} && len(x.shape) > 0:
		return l.broadcast(v, l.scalar(x), v.shape)
	}
	return nil
}

func (l *lowering) broadcast(v val, x *val, shape []int) *val {
	return l.add(val{op: graph.OpBroadcast, dtype: x.dtype, shape: shape, in: []*val{x}, node: v.node})
}

// scalar drops the axes of a val of one element.
func (l *lowering) scalar(x *val) *val {
	return l.add(val{op: graph.OpReshape, dtype: x.dtype, in: []*val{x}, node: x.node})
}

// hoist computes an operation on broadcasts before the broadcast, if all
// operands have the same shape there or are scalars.
func (l *lowering) hoist(v val) *val {
	var small []int
	for _, in := range v.in {
		if in.op != graph.OpBroadcast {
			return nil
		}
		if s := in.in[0].shape; len(s) > 0 {
			if small != nil && !slices.Equal(small, s) {
				return nil
			}
			small = s
		}
	}
	if extentOf(small) == extentOf(v.shape) {
		return nil
	}
	before := v
	before.shape = small
	before.in = make([]*val, len(v.in))
	for i, in := range v.in {
		before.in[i] = l.broadcast(v, in.in[0], small)
	}
	return l.broadcast(v, l.add(before), v.shape)
}
