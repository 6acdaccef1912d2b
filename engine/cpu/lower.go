package cpu

import (
	"slices"

	"github.com/surprisal-go/surprisal/graph"
)

// lowering turns graph nodes into vals. Reductions over scattered axes become
// several, operations along an inner axis are transposed to the last one, and
// gradient stops disappear. Unless passes are off, every val is simplified,
// merged with an equal one, and folded if it is constant.
type lowering struct {
	exec *Executor
	vals int
	seen map[string]*val
	mask map[*graph.Mask]int // masks by order of appearance, for keys
}

func newLowering(e *Executor) *lowering {
	return &lowering{exec: e, seen: map[string]*val{}, mask: map[*graph.Mask]int{}}
}

func (l *lowering) lower(nodes []*graph.Node) map[*graph.Node]*val {
	of := make(map[*graph.Node]*val, len(nodes))
	for _, n := range nodes {
		in := make([]*val, len(n.Inputs()))
		for i, x := range n.Inputs() {
			in[i] = of[x]
		}
		of[n] = l.node(n, in)
	}
	return of
}

func (l *lowering) node(n *graph.Node, in []*val) *val {
	v := val{op: n.Op(), dtype: n.DType(), shape: n.Shape(), in: in, attr: *n.Attr(), node: n}
	switch v.op {
	case graph.OpConst:
		v.data = make([]float32, len(v.attr.Value))
		for i, x := range v.attr.Value {
			v.data[i] = float32(x)
		}
	case graph.OpStopGradient:
		return in[0]
	case graph.OpMatMul, graph.OpOuter:
		return l.masked(v)
	case graph.OpSum, graph.OpReduceMax:
		return l.reduction(v)
	case graph.OpLogSumExp, graph.OpSoftmax:
		return l.lastAxis(v)
	}
	return l.add(v)
}

// reduction cuts the reduced axes into runs of adjacent ones and reduces the
// last run first. An axis of size 1 keeps nothing apart.
func (l *lowering) reduction(v val) *val {
	x, axes := v.in[0], v.attr.Axes
	start := 0
	for i := 1; i < len(axes); i++ {
		for a := axes[i-1] + 1; a < axes[i]; a++ {
			if x.shape[a] != 1 {
				start = i
			}
		}
	}
	if start == 0 {
		return l.add(v)
	}
	inner := v
	inner.attr.Axes = axes[start:]
	inner.shape = nil
	for a, d := range x.shape {
		if !slices.Contains(inner.attr.Axes, a) {
			inner.shape = append(inner.shape, d)
		}
	}
	v.in = []*val{l.add(inner)}
	v.attr.Axes = axes[:start]
	return l.reduction(v)
}

// lastAxis lets an operation along one axis run along the last.
func (l *lowering) lastAxis(v val) *val {
	x, axis := v.in[0], v.attr.Axis
	last := len(x.shape) - 1
	if axis == last {
		return l.add(v)
	}
	perm := make([]int, len(x.shape)) // axis moves to the end
	back := make([]int, len(x.shape))
	for i := range perm {
		switch {
		case i < axis:
			perm[i] = i
		case i < last:
			perm[i] = i + 1
		default:
			perm[i] = axis
		}
		back[perm[i]] = i
	}
	final := v.shape
	v.in = []*val{l.transpose(v, x, perm)}
	v.attr.Axis = last
	if v.op == graph.OpLogSumExp {
		return l.add(v)
	}
	v.shape = v.in[0].shape
	y := l.transpose(v, l.add(v), back)
	y.shape = final
	return y
}

func (l *lowering) transpose(v val, x *val, perm []int) *val {
	shape := make([]int, len(perm))
	for i, p := range perm {
		shape[i] = x.shape[p]
	}
	return l.add(val{op: graph.OpTranspose, dtype: x.dtype, shape: shape, in: []*val{x}, attr: graph.Attr{Axes: perm}, node: v.node})
}

// add makes v a val, or returns one that has the same bits.
func (l *lowering) add(v val) *val {
	passes := l.exec.opts.passes()
	if passes.has(passSimplify) {
		if same := l.simplify(v); same != nil {
			return same
		}
	}
	if passes.has(passMerge) {
		key := l.key(v)
		if same := l.seen[key]; same != nil {
			return same
		}
		l.seen[key] = &v
	}
	l.put(&v)
	if passes.has(passFold) {
		l.fold(&v)
	}
	return &v
}

func (l *lowering) put(v *val) *val {
	v.id = l.vals
	l.vals++
	return v
}
