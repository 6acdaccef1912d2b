package cpu

import (
	"cmp"
	"slices"
)

// schedule orders the groups by their last val, what they read before them,
// and updates as early as they can be written in place.
func (a *assembly) schedule(groups []*group) {
	last := func(g *group) int { return g.vals[len(g.vals)-1].id }
	slices.SortFunc(groups, func(x, y *group) int { return cmp.Compare(last(x), last(y)) })
	seen := map[*group]bool{}
	var visit func(g *group)
	visit = func(g *group) {
		if seen[g] {
			return
		}
		seen[g] = true
		for _, from := range a.sources(g) {
			visit(from)
		}
		a.order = append(a.order, g)
	}
	for _, g := range groups {
		visit(g)
	}
	if a.passes.has(passJoin) {
		a.join()
	}
	if a.passes.has(passEarly) {
		a.updateEarly()
	}
	for i, g := range a.order {
		g.at = i
	}
}

// sources are the groups that g reads from.
func (a *assembly) sources(g *group) []*group {
	var out []*group
	for _, v := range g.vals {
		for _, o := range a.operands(v) {
			if from := a.group[o.src]; from != nil && from != g && !slices.Contains(out, from) {
				out = append(out, from)
			}
		}
	}
	return out
}

// updateEarly moves every group that only computes updates to where nothing
// needs the old values any more: its gradient is still in the cache then, and
// leaves its buffer to the next.
func (a *assembly) updateEarly() {
	before := a.waits()
	if len(before) == 0 {
		return
	}
	var updates, rest []*group
	for _, g := range a.order {
		if before[g] == nil {
			rest = append(rest, g)
		} else {
			updates = append(updates, g)
		}
	}
	a.order = a.order[:0]
	done := map[*group]bool{}
	put := func(g *group) {
		done[g] = true
		a.order = append(a.order, g)
	}
	for _, g := range rest {
		put(g)
		updates = slices.DeleteFunc(updates, func(u *group) bool {
			if slices.ContainsFunc(before[u], func(g *group) bool { return !done[g] }) {
				return false
			}
			put(u)
			return true
		})
	}
	a.order = append(a.order, updates...)
}

// waits maps each group that computes updates, and nothing that others read, to
// the groups that must come before it: what it reads, whatever reads a
// parameter that it writes, and whatever can fail.
func (a *assembly) waits() map[*group][]*group {
	readers := map[*val][]*group{} // of parameters
	read := map[*group]bool{}      // groups that others read from
	var failing []*group
	for _, g := range a.order {
		for _, from := range a.sources(g) {
			read[from] = true
		}
		for _, v := range g.vals {
			for _, o := range a.operands(v) {
				if o.src.leaf() {
					readers[o.src] = append(readers[o.src], g)
				}
			}
			if fallible(v) {
				failing = append(failing, g)
			}
		}
	}
	for _, v := range a.outputs {
		if g := a.group[strip(v)]; g != nil {
			read[g] = true
		}
	}
	out := map[*group][]*group{}
	for _, u := range a.updates {
		g := a.group[strip(u.value)]
		if g == nil || read[g] {
			continue
		}
		if out[g] == nil {
			out[g] = append(a.sources(g), failing...)
		}
		for _, r := range readers[u.param] {
			if r != g {
				out[g] = append(out[g], r)
			}
		}
	}
	return out
}
