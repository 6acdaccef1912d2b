package cpu

import (
	"slices"

	"github.com/surprisal-go/surprisal/graph"
)

// partner is the operation whose kernel has most in common with that of another
// one of the same operand: the exponential.
var partner = map[graph.Op]graph.Op{graph.OpSoftplus: graph.OpSigmoid, graph.OpSigmoid: graph.OpSoftplus}

// partners maps the earlier of two partners to the later.
func (a *assembly) partners() map[*val]*val {
	type half struct {
		op graph.Op
		x  *val
	}
	out, first := map[*val]*val{}, map[half]*val{}
	if !a.passes.has(passPattern) {
		return out
	}
	for _, v := range a.vals {
		if partner[v.op] == 0 || !a.member(v) || a.operands(v)[0].m != nil {
			continue
		}
		x := a.operands(v)[0].src
		if w := first[half{partner[v.op], x}]; w != nil {
			out[w] = v
		}
		first[half{v.op, x}] = v
	}
	return out
}

// pair joins v with the earlier member that is its partner. The two run in the
// place of that one.
func (c *compiler) pair(v *val, place map[*val]*val) (first *val, p piece) {
	if partner[v.op] == 0 || place[v] != nil {
		return nil, piece{}
	}
	x := c.arg(v, 0)
	for _, w := range c.group.vals {
		if w.id < v.id && w.op == partner[v.op] && place[w] == nil && c.arg(w, 0).key == x.key && c.apart(v, w, x, place) {
			both := []*val{v, w}
			if v.op == graph.OpSigmoid {
				both = []*val{w, v}
			}
			return w, piece{instr{do: doSoftplusSigmoid}, []arg{x}, both}
		}
	}
	return nil, piece{}
}

// apart reports whether no result is written over the operand x, which must
// last for both, nor that of v, which comes early, over another that is read
// after w.
func (c *compiler) apart(v, w *val, x arg, place map[*val]*val) bool {
	over := func(r *val, o operand) bool {
		return c.lastUse[r.id] != unused && c.assembly.group[o.src] != c.group && r.slot == o.src.slot
	}
	if over(v, x.operand) || over(w, x.operand) {
		return false
	}
	for _, u := range c.group.vals {
		at := u
		if place[u] != nil {
			at = place[u]
		}
		if at.id > w.id && slices.ContainsFunc(c.operands(u), func(o operand) bool { return over(v, o) }) {
			return false
		}
	}
	return true
}
