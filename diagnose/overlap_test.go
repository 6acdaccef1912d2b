package diagnose_test

import (
	"slices"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/data"
	"github.com/surprisal-go/surprisal/diagnose"
)

// tree are the splits of tree64 of 2,000, 900 and 1,000 events, by row.
func tree(t *testing.T) (train, valid, test [][]uint8) {
	t.Helper()
	set, err := data.Open("tree64", data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows := func(b *surprisal.Batch, n int) (out [][]uint8) {
		v := b.Columns[0].(surprisal.Values[uint8])
		for i := range n {
			out = append(out, slices.Clone(v[64*i:64*i+64]))
		}
		return out
	}
	return rows(set.Train, 2000), rows(set.Valid, 900), rows(set.Test, 1000)
}

func overlaps(train, valid, test [][]uint8) []diagnose.Overlap {
	return diagnose.OverlapsOf([]diagnose.Split{{Name: "train", Events: bits(train...)}, {Name: "valid", Events: bits(valid...)}, {Name: "test", Events: bits(test...)}}, 1)
}

// TestOverlaps copies events from split to split, and within one.
func TestOverlaps(t *testing.T) {
	train, valid, test := tree(t)
	twice := slices.Clone(train)
	for i := range twice {
		twice[i] = train[i%200]
	}
	for _, c := range []struct {
		name string
		got  []diagnose.Overlap
		want [2]string // the splits named, or none
		leak bool
	}{
		{"honest", overlaps(train, valid, test), [2]string{}, false},
		{"validation from train", overlaps(train, slices.Concat(train[:450], valid[450:]), test), [2]string{"train", "valid"}, true},
		{"test from train", overlaps(train, valid, slices.Concat(train[:100], test[100:])), [2]string{"train", "test"}, true},
		{"test from validation", overlaps(train, valid, slices.Concat(valid[:800], test[800:])), [2]string{"valid", "test"}, true},
		{"train ten times over", overlaps(twice, valid, test), [2]string{"train", "train"}, false},
	} {
		if len(c.got) != 6 {
			t.Fatalf("%s: %d comparisons, want three splits with themselves and three pairs", c.name, len(c.got))
		}
		for _, o := range c.got {
			named := c.want == [2]string{o.First, o.Second}
			if o.Leak() != (named && c.leak) || o.Repeats() != (named && !c.leak) {
				t.Errorf("%s: leak %v, repeats %v: %s", c.name, o.Leak(), o.Repeats(), o)
			}
		}
	}
}

// TestOverlapOfGroups: whole groups are alike, so that events of one repeat and
// hardly any occur in two splits; no copies are made of them.
func TestOverlapOfGroups(t *testing.T) {
	split := func(groups int, key surprisal.Key) *surprisal.Batch {
		r := key.Rand()
		var rows [][]uint8
		var group []int32
		for g := range groups {
			a, b := make([]uint8, 30), make([]uint8, 30)
			for j := range a {
				a[j], b[j] = uint8(r.IntN(2)), uint8(r.IntN(2))
			}
			for k := range 20 {
				rows, group = append(rows, [][]uint8{a, b}[k%2]), append(group, int32(g))
			}
		}
		b := bits(rows...)
		b.Group = group
		return b
	}
	for _, o := range diagnose.OverlapsOf([]diagnose.Split{{Name: "train", Events: split(100, 1)}, {Name: "test", Events: split(50, 2)}}, 1) {
		if o.Leak() || o.Repeats() {
			t.Errorf("%s", o)
		}
	}
}
