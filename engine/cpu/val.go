package cpu

import (
	"slices"

	"github.com/surprisal-go/surprisal/graph"
)

// val is one value in the form that passes work on: a graph node, or a part of
// one that was cut in several operations. Vals are made in topological order.
type val struct {
	id    int
	op    graph.Op
	dtype graph.DType
	shape []int
	in    []*val
	attr  graph.Attr
	node  *graph.Node // what it came from
	data  []float32   // constants: the elements
	slot  int         // where its elements lie when a plan runs
}

// extent is a number of elements, per event if batched.
type extent struct {
	n       int
	batched bool
}

func extentOf(shape []int) extent { return extent{graph.RowSize(shape), graph.Batched(shape)} }

func (e extent) at(batch int) int {
	if e.batched {
		return e.n * batch
	}
	return e.n
}

func (v *val) size() extent { return extentOf(v.shape) }

// leaf reports whether v is there before a run computes anything.
func (v *val) leaf() bool {
	return v.data != nil || v.op == graph.OpInput || v.op == graph.OpParam || v.op == graph.OpConst || v.op == graph.OpBatchSize
}

// strip returns the val whose elements v shows in another shape.
func strip(v *val) *val {
	for v.op == graph.OpReshape && v.data == nil {
		v = v.in[0]
	}
	return v
}

// scalarConst returns the value of a constant of one element, seen through
// broadcasts.
func scalarConst(v *val) (x float32, ok bool) {
	for v.data == nil && (v.op == graph.OpBroadcast || v.op == graph.OpReshape) {
		v = v.in[0]
	}
	if len(v.data) != 1 {
		return 0, false
	}
	return v.data[0], true
}

// reachable returns what the roots depend on, in topological order.
func reachable(roots []*val) []*val {
	seen := map[*val]bool{}
	var out []*val
	var visit func(v *val)
	visit = func(v *val) {
		if seen[v] {
			return
		}
		seen[v] = true
		out = append(out, v)
		for _, in := range v.in {
			visit(in)
		}
	}
	for _, r := range roots {
		visit(r)
	}
	slices.SortFunc(out, func(a, b *val) int { return a.id - b.id })
	return out
}
