package data

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/surprisal-go/surprisal"
)

// shareOf the training rows that is cut for each missing split.
const shareOf = 10

// split fills the splits of set with the rows of all.
func (r *raw) split(set *Set, all *surprisal.Batch, opts Options) error {
	rows := map[string][]int{}
	for _, s := range r.spans {
		for i := s.lo; i < s.hi; i++ {
			rows[s.split] = append(rows[s.split], i)
		}
	}
	given := len(rows) > 1 || rows[""] == nil
	if given && rows[""] != nil {
		return fmt.Errorf("some files say by their name which split they are and others do not: name them alike")
	}
	if !given {
		rows["train"] = rows[""]
	}
	if rows["train"] == nil {
		return fmt.Errorf("there is no training split among the files")
	}
	if err := r.cutMissing(rows, opts); err != nil {
		return err
	}
	if given && r.group != nil {
		r.noteSharedGroups(rows)
	}
	for name, into := range map[string]**surprisal.Batch{"train": &set.Train, "valid": &set.Valid, "test": &set.Test} {
		if r.time != nil {
			slices.SortStableFunc(rows[name], func(a, b int) int { return cmp.Compare(r.time[a], r.time[b]) })
		}
		*into = pick(all, rows[name])
		(*into).Ordered = r.ordered()
	}
	return nil
}

// cutMissing takes the splits that are not given from the training rows.
func (r *raw) cutMissing(rows map[string][]int, opts Options) error {
	train := rows["train"]
	order, together, how := r.order(train, opts)
	want := max(1, len(train)/shareOf)
	for _, name := range []string{"test", "valid"} {
		if rows[name] != nil {
			continue
		}
		cut := boundary(order, len(order)-want, together)
		if cut <= 0 || cut >= len(order) {
			return fmt.Errorf("%d training rows are too few to cut a %s split from them %s: want at least 3, and more than one group or time", len(train), name, how)
		}
		rows[name], order = slices.Sorted(slices.Values(order[cut:])), order[:cut]
		r.note("%s: %d events, cut from the training rows %s", name, len(rows[name]), how)
	}
	if len(order) == 0 {
		return fmt.Errorf("no training row is left after the cuts")
	}
	rows["train"] = slices.Sorted(slices.Values(order))
	return nil
}

// order puts rows in the order whose end is cut off, and says which
// neighbours may not be parted.
func (r *raw) order(rows []int, opts Options) (order []int, together func(a, b int) bool, how string) {
	order = slices.Clone(rows)
	key := opts.Seed.Named("split")
	switch {
	case r.group != nil:
		g := r.group.codes
		slices.SortStableFunc(order, func(a, b int) int {
			return cmp.Or(cmp.Compare(key.Fold(uint64(g[a])), key.Fold(uint64(g[b]))), cmp.Compare(g[a], g[b]))
		})
		return order, func(a, b int) bool { return g[a] == g[b] }, "by whole groups at random"
	case r.time != nil:
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(r.time[a], r.time[b]) })
		return order, func(a, b int) bool { return r.time[a] == r.time[b] }, "from the end in time"
	case r.inOrder:
		return order, func(_, _ int) bool { return false }, "from the end"
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(key.Fold(uint64(a)), key.Fold(uint64(b))), cmp.Compare(a, b))
	})
	return order, func(_, _ int) bool { return false }, "at random"
}

// boundary moves cut to the nearest place that parts no neighbours which
// belong together.
func boundary(order []int, cut int, together func(a, b int) bool) int {
	down, up := cut, cut
	for down > 0 && down < len(order) && together(order[down-1], order[down]) {
		down--
	}
	for up > 0 && up < len(order) && together(order[up-1], order[up]) {
		up++
	}
	if down > 0 && cut-down <= up-cut || up >= len(order) {
		return down
	}
	return up
}

// ordered reports whether the events of a split follow each other in time or
// in a text.
func (r *raw) ordered() bool { return r.inOrder || r.time != nil }

func (r *raw) noteSharedGroups(rows map[string][]int) {
	in := map[int32]string{}
	shared := map[int32]bool{}
	for _, name := range splitNames {
		for _, i := range rows[name] {
			g := r.group.codes[i]
			if s, ok := in[g]; ok && s != name {
				shared[g] = true
			}
			in[g] = name
		}
	}
	if len(shared) > 0 {
		r.note("%d groups have events in more than one of the splits that the files give", len(shared))
	}
}

// pick returns the given ascending rows, without copying where they are a run.
func pick(all *surprisal.Batch, rows []int) *surprisal.Batch {
	if n := len(rows); rows[n-1]-rows[0] == n-1 && slices.IsSorted(rows) {
		return all.Slice(rows[0], rows[n-1]+1)
	}
	return all.Take(rows)
}
