package cpu

import (
	"slices"

	"github.com/surprisal-go/surprisal/graph"
)

// join lets the update of a weight run with the Outer that is its gradient, if
// nothing else reads that: every tile of the gradient goes through the update's
// program while it is in the cache, and no gradient is ever written out. The
// group takes the place of the update, so that the old value is still there for
// whatever reads it.
func (a *assembly) join() {
	updates := a.waits()
	readers := a.readers()
	joined := map[*group]bool{} // groups of Outers
	for i, u := range a.order {
		if updates[u] == nil || u.row > 0 {
			continue
		}
		v := a.gradientOf(u, readers)
		if v == nil || a.failsBetween(a.group[v], i) {
			continue
		}
		joined[a.group[v]] = true
		u.vals = slices.Insert(u.vals, 0, v)
		a.group[v] = u
	}
	a.order = slices.DeleteFunc(a.order, func(g *group) bool { return joined[g] })
}

// readers lists the groups that read each val; nil among them is the caller.
func (a *assembly) readers() map[*val][]*group {
	out := map[*val][]*group{}
	for _, g := range a.order {
		for _, o := range a.outside(g) {
			out[o.src] = append(out[o.src], g)
		}
	}
	for _, v := range a.outputs {
		out[strip(v)] = append(out[strip(v)], nil)
	}
	for _, u := range a.updates {
		out[strip(u.value)] = append(out[strip(u.value)], nil)
	}
	return out
}

// gradientOf returns the last Outer that only u reads. Of one size, the two are
// read element by element.
func (a *assembly) gradientOf(u *group, readers map[*val][]*group) (last *val) {
	for _, o := range a.outside(u) {
		v := o.src
		if v.op != graph.OpOuter || v.size() != u.vals[0].size() || len(readers[v]) != 1 {
			continue
		}
		if last == nil || v.id > last.id {
			last = v
		}
	}
	return last
}

// failsBetween reports whether something fallible comes after a group and
// before place end. An update waits for it, and an Outer that did so too would
// hold its operands, which may be much larger than the gradient.
func (a *assembly) failsBetween(g *group, end int) bool {
	begin := slices.Index(a.order, g)
	return slices.ContainsFunc(a.order[begin:end], func(g *group) bool { return slices.ContainsFunc(g.vals, fallible) })
}

// joined reports whether the first val of a group of several is a product.
func (a *assembly) joined(g *group) bool { return len(g.vals) > 1 && !a.member(g.vals[0]) }

// maxTile is the number of elements of a gradient that are kept in the second
// cache until their update.
const maxTile = 1 << 16

// updateTile runs the update on a tile of the gradient: row by row, or at once
// if the rows are whole.
func (t *outer) updateTile(w *worker, i0, i1, j0, j1 int, tile, regs []float32) {
	if j1-j0 == t.n {
		t.update.run(w, i0*t.n, i1*t.n, tile, regs)
		return
	}
	for i := i0; i < i1; i++ {
		t.update.run(w, i*t.n+j0, i*t.n+j1, tile[(i-i0)*(j1-j0):], regs)
	}
}
