package cpu

import "slices"

// place gives every val that has elements a slot: a leaf's, a buffer that is
// free for as long as the val is needed, or, for an update that nothing stands
// against, the store's tensor itself.
func (a *assembly) place() {
	p := a.plan
	lastUse := a.lastUses()
	a.lastUse = lastUse
	for _, v := range a.vals {
		if v.leaf() {
			v.slot = p.addLeaf(v)
		}
	}
	for _, u := range a.updates {
		if param := a.inPlace(u); param != nil {
			v := strip(u.value)
			v.slot = param.slot
			a.group[v].writes = true
			lastUse[v.id] = inStore
		}
	}
	var pools freeList
	ending := make([][]*val, len(a.order))
	for i, g := range a.order {
		for _, v := range g.vals {
			at := lastUse[v.id]
			if at == inStore || at == unused {
				continue
			}
			if from := a.heir(v, ending[i]); from >= 0 {
				v.slot = ending[i][from].slot
				ending[i] = slices.Delete(ending[i], from, from+1)
			} else {
				v.slot = pools.take(p, v.size())
			}
			if at != kept {
				ending[at] = append(ending[at], v)
			}
		}
		if !a.passes.has(passReuse) {
			continue
		}
		for _, v := range ending[i] {
			pools.give(p, v.slot)
		}
	}
	p.firstWrite = len(a.order)
	for i := len(a.order) - 1; i >= 0; i-- {
		if a.order[i].writes {
			p.firstWrite = i
		}
	}
	a.placeRoots()
}

// Values of lastUse other than a place in the schedule.
const (
	unused  = -1 // only within its group
	kept    = -2 // to the end of the run
	inStore = -3
)

// lastUses returns, by val, the last group that reads it.
func (a *assembly) lastUses() []int {
	last := make([]int, a.maxID+1)
	for i := range last {
		last[i] = unused
	}
	for _, g := range a.order {
		for _, v := range g.vals {
			for _, o := range a.operands(v) {
				if a.group[o.src] != g {
					last[o.src.id] = max(last[o.src.id], g.at)
				}
			}
		}
	}
	for _, v := range a.outputs {
		last[strip(v).id] = kept
	}
	for _, u := range a.updates {
		last[strip(u.value).id] = kept
	}
	if a.plan.exec.opts.Check {
		for _, v := range a.vals {
			last[v.id] = kept
		}
	}
	return last
}

// heir returns which of the vals that are read last by v's group, and lie in
// buffers, leaves its buffer to v, or −1: one that v can overwrite as it is
// computed.
func (a *assembly) heir(v *val, ending []*val) int {
	if !a.passes.has(passHeir) || !a.member(v) {
		return -1
	}
	return slices.IndexFunc(ending, func(src *val) bool {
		return src.size() == v.size() && a.group[src] != a.group[v] && !a.readsAfter(a.group[v], src, v)
	})
}

// readsAfter reports whether a cluster needs elements of src once it has
// written those of its member v, in a block, into the same memory: members run
// in the order of their ids, and what is read by a map, or by a product that is
// joined, is needed by other blocks too.
func (a *assembly) readsAfter(g *group, src, v *val) bool {
	for _, w := range g.vals {
		for _, o := range a.operands(w) {
			if o.src == src && (o.m != nil || w.id > v.id || !a.member(w)) {
				return true
			}
		}
	}
	return false
}

// inPlace returns the parameter of an update whose value may be written into
// the store as it is computed, and nil otherwise. That is so if nothing reads
// the old value afterwards, and nothing that comes afterwards can fail.
func (a *assembly) inPlace(u update) *val {
	v := strip(u.value)
	g := a.group[v]
	if !a.passes.has(passInPlace) || g == nil || !a.member(v) {
		return nil
	}
	if slices.ContainsFunc(a.outputs, func(out *val) bool { return strip(out) == v }) {
		return nil // outputs last until the next run, the store may not
	}
	if a.readsAfter(g, u.param, v) {
		return nil
	}
	for _, later := range a.order[g.at+1:] {
		for _, w := range later.vals {
			if fallible(w) {
				return nil
			}
			for _, o := range a.operands(w) {
				if o.src == u.param {
					return nil
				}
			}
		}
	}
	return u.param
}

// placeRoots says how outputs and updates leave the run. Leaves among them are
// copied at its beginning, before an update can change them.
func (a *assembly) placeRoots() {
	p := a.plan
	copies := map[*val]int{}
	rootSlot := func(v *val) int {
		v = strip(v)
		if !v.leaf() {
			return v.slot
		}
		if _, ok := copies[v]; !ok {
			copies[v] = p.addBuffer(v.size())
			p.firsts = append(p.firsts, move{copies[v], v.slot})
		}
		return copies[v]
	}
	for _, v := range a.outputs {
		p.results = append(p.results, rootSlot(v))
	}
	for _, u := range a.updates {
		if from := rootSlot(u.value); from != u.param.slot {
			p.lasts = append(p.lasts, move{u.param.slot, from})
		}
	}
}

// freeList holds buffers that no val needs any more.
type freeList struct{ fixed, batched []int }

// take returns the smallest free buffer that is large enough, or makes the
// largest larger, or makes one.
func (f *freeList) take(p *plan, size extent) int {
	list := f.list(size)
	best := -1
	for i, slot := range *list {
		if best < 0 || better(p.slots[slot].size.n, p.slots[(*list)[best]].size.n, size.n) {
			best = i
		}
	}
	if best < 0 {
		return p.addBuffer(size)
	}
	slot := (*list)[best]
	*list = append((*list)[:best], (*list)[best+1:]...)
	p.slots[slot].size.n = max(p.slots[slot].size.n, size.n)
	return slot
}

// better reports whether a buffer of n elements serves a need better than one
// of m: enough and few, or else many.
func better(n, m, need int) bool {
	if n >= need {
		return m < need || n < m
	}
	return m < need && n > m
}

func (f *freeList) give(p *plan, slot int) {
	list := f.list(p.slots[slot].size)
	*list = append(*list, slot)
}

func (f *freeList) list(size extent) *[]int {
	if size.batched {
		return &f.batched
	}
	return &f.fixed
}
