package cpu

import (
	"math"
	"strings"

	"github.com/surprisal-go/surprisal/graph"
)

// group is what runs as one step: a cluster of elementwise vals of one size,
// or one val of another kind.
type group struct {
	vals   []*val // in topological order
	row    int    // elements of the rows that sums in a cluster add up, or 0
	at     int    // place in the schedule
	writes bool   // into the store
	instrs int    // of a cluster's code
}

// String lists the operations, as in "mul add relu (B, 500)".
func (g *group) String() string {
	var s strings.Builder
	for _, v := range g.vals {
		s.WriteString(v.op.String() + " ")
	}
	return s.String() + graph.ShapeString(g.vals[0].shape)
}

// member reports whether v is elementwise, and so may join a cluster. A
// broadcast that has to be written out counts: it copies by index.
func (a *assembly) member(v *val) bool {
	return v.op.Elementwise() && v.data == nil || a.written[v]
}

// transparent reports whether v has no elements of its own.
func (a *assembly) transparent(v *val) bool {
	return v.data == nil && (v.op == graph.OpReshape || a.passes.has(passBroadcast) && v.op == graph.OpBroadcast && !a.written[v])
}

// operands are the inputs of v as its group reads them.
func (a *assembly) operands(v *val) []operand {
	if a.reads[v.id] == nil {
		a.reads[v.id] = a.findOperands(v)
	}
	return a.reads[v.id]
}

func (a *assembly) findOperands(v *val) []operand {
	out := make([]operand, len(v.in))
	for i, in := range v.in {
		switch {
		case a.written[v]: // v copies its input by v's own map
			m := mapOf(in.shape, v.shape)
			if m.direct() {
				m = nil
			}
			out[i] = operand{strip(in), m}
		case a.member(v):
			out[i] = a.operand(in)
		default:
			out[i] = operand{src: strip(in)}
		}
	}
	return out
}

// findWritten marks the broadcasts that have to be written out because
// something other than an elementwise operation reads them, or they are roots.
func (a *assembly) findWritten(roots []*val) {
	a.written = map[*val]bool{}
	if !a.passes.has(passBroadcast) {
		return
	}
	mark := func(v *val) {
		if v = strip(v); v.op == graph.OpBroadcast && v.data == nil {
			a.written[v] = true
		}
	}
	for _, r := range roots {
		mark(r)
	}
	for _, v := range a.vals {
		if v.op == graph.OpReshape || v.op.Elementwise() {
			continue
		}
		for _, in := range v.in {
			mark(in)
		}
	}
}

// levels gives every val a level such that elementwise vals of one level and
// size have no path between them through anything else, and so can run
// together: crossing into a product, a reduction, a move or a cluster of
// another size costs a level. Elementwise vals then move to the latest level
// that their readers allow, so that what serves the gradient waits for it; of
// partners, both to the earlier one, for what they share.
func (a *assembly) levels() []int {
	level := make([]int, a.maxID+1)
	latest := make([]int, a.maxID+1)
	for i := range latest {
		latest[i] = math.MaxInt
	}
	for _, v := range a.vals {
		if v.leaf() || a.transparent(v) {
			continue
		}
		for _, o := range a.operands(v) {
			level[v.id] = max(level[v.id], level[o.src.id]+a.crossing(o, v))
		}
	}
	partners := a.partners()
	for i := len(a.vals) - 1; i >= 0; i-- {
		v := a.vals[i]
		if v.leaf() || a.transparent(v) {
			continue
		}
		if a.member(v) && latest[v.id] != math.MaxInt {
			level[v.id] = latest[v.id]
		}
		if w := partners[v]; w != nil {
			both := min(level[v.id], level[w.id])
			level[v.id], level[w.id] = both, both
		}
		for _, o := range a.operands(v) {
			latest[o.src.id] = min(latest[o.src.id], level[v.id]-a.crossing(o, v))
		}
	}
	return level
}

// crossing is 1 if v, which reads o, cannot run in the cluster of o's source.
func (a *assembly) crossing(o operand, v *val) int {
	if !a.member(o.src) || a.member(v) && o.m == nil && o.src.size() == v.size() {
		return 0
	}
	return 1
}

// makeGroups puts vals of one level and size that read each other, or the same
// operand, into one cluster.
func (a *assembly) makeGroups() []*group {
	level := a.levels()
	parent := make([]int, a.maxID+1)
	for i := range parent {
		parent[i] = i
	}
	var find func(i int) int
	find = func(i int) int {
		if parent[i] != i {
			parent[i] = find(parent[i])
		}
		return parent[i]
	}
	if a.passes.has(passCluster) {
		type shared struct {
			src, level int
			size       extent
		}
		first := map[shared]*val{}
		for _, v := range a.vals {
			if !a.member(v) {
				continue
			}
			for _, o := range a.operands(v) {
				if o.m != nil {
					continue
				}
				if a.member(o.src) && level[o.src.id] == level[v.id] {
					parent[find(v.id)] = find(o.src.id)
				}
				key := shared{o.src.id, level[v.id], v.size()}
				if w := first[key]; w != nil {
					parent[find(v.id)] = find(w.id)
				} else {
					first[key] = v
				}
			}
		}
	}
	byRoot := map[int]*group{}
	var groups []*group
	for _, v := range a.vals {
		if v.leaf() || a.transparent(v) {
			continue
		}
		root := find(v.id)
		g := byRoot[root]
		if g == nil {
			g = &group{}
			byRoot[root] = g
			groups = append(groups, g)
		}
		g.vals = append(g.vals, v)
		a.group[v] = g
	}
	return groups
}
