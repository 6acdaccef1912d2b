package main

import (
	"slices"
	"testing"

	"github.com/surprisal-go/surprisal"
)

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
