package cpu

import (
	"cmp"
	"slices"

	"github.com/surprisal-go/surprisal/graph"
)

// takeSums lets sums along the last axes run in the cluster that computes what
// they add up, whose blocks are then whole rows: an instruction adds up the rows
// of a block while they are in the first cache, and what nothing else reads is
// never written out. A sum reads nothing but the cluster, so no cycle can come
// of it.
func (a *assembly) takeSums(groups []*group) []*group {
	if !a.passes.has(passSum) {
		return groups
	}
	taken := map[*group]bool{}
	for _, v := range a.vals {
		row := rowSum(v)
		if row == 0 || row > maxBlock {
			continue
		}
		src := a.operands(v)[0].src
		g := a.group[src]
		if g == nil || !a.member(src) || g.row != 0 && g.row != row {
			continue
		}
		taken[a.group[v]] = true
		a.group[v] = g
		g.row, g.vals = row, append(g.vals, v)
	}
	for _, g := range groups {
		if g.row > 0 {
			slices.SortFunc(g.vals, func(v, w *val) int { return cmp.Compare(v.id, w.id) })
		}
	}
	return slices.DeleteFunc(groups, func(g *group) bool { return taken[g] })
}

// rowSum is the number of elements that lie side by side and that v adds up for
// each of its own, or 0 if it is no such sum or one over everything.
func rowSum(v *val) int {
	if v.op != graph.OpSum || v.data != nil {
		return 0
	}
	x, lo, hi := v.in[0].shape, v.attr.Axes[0], v.attr.Axes[len(v.attr.Axes)-1]+1
	if lo == 0 || graph.RowSize(x[hi:]) != 1 {
		return 0
	}
	return graph.RowSize(x[lo:hi])
}
