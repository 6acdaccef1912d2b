package main

import (
	"slices"
	"testing"

	"github.com/surprisal-go/surprisal"
)

// TestSomeOfASortedSet: of a set that is sorted by class every class is shown as
// often as it occurs, and the same events each time.
func TestSomeOfASortedSet(t *testing.T) {
	const n, classes, most = 1000, 10, 50
	values := make(surprisal.Values[uint8], n)
	for i := range values {
		values[i] = uint8(i * classes / n)
	}
	b := &surprisal.Batch{
		Space:   &surprisal.Space{Fields: []surprisal.Field{{Name: "x", Kind: surprisal.Categorical, Levels: classes}}},
		Columns: []surprisal.Column{values},
	}
	some := someOf(b, most, 1)
	count, x := [classes]int{}, make([]float64, some.Len())
	some.Float64s(x, 0)
	for _, v := range x {
		count[int(v)]++
	}
	for c, got := range count {
		if got != most/classes {
			t.Errorf("%d events of class %d, want %d", got, c, most/classes)
		}
	}
	if !slices.IsSorted(some.IDs) || len(slices.Compact(slices.Clone(some.IDs))) != most {
		t.Errorf("the events are out of order or occur twice: %v", some.IDs)
	}
	if again := someOf(b, most, 1); !slices.Equal(again.IDs, some.IDs) {
		t.Error("the same key gives other events")
	}
	if other := someOf(b, most, 2); slices.Equal(other.IDs, some.IDs) {
		t.Error("another key gives the same events")
	}
	if all := someOf(b, n, 1); all != b {
		t.Error("not all events are taken where there is room")
	}
}

// TestDistinct: of equal events one is shown, and none at both ends.
func TestDistinct(t *testing.T) {
	r := &reporting{b: &surprisal.Batch{
		Space:   &surprisal.Space{Fields: []surprisal.Field{{Name: "x", Kind: surprisal.Count, Shape: []int{2}}}},
		Columns: []surprisal.Column{surprisal.Values[int32]{1, 1, 1, 1, 1, 2, 2, 1, 1, 2}},
	}}
	seen := map[string]bool{}
	if got := r.distinct([]int{0, 1, 2, 3, 4}, 2, seen); !slices.Equal(got, []int{0, 2}) {
		t.Errorf("first %v, want 0 and 2", got)
	}
	if got := r.distinct([]int{4, 3, 2, 1, 0}, 2, seen); !slices.Equal(got, []int{3}) {
		t.Errorf("last %v, want 3 alone", got)
	}
}
