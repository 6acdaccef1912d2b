package main

import (
	"slices"
	"testing"
)

func TestShortNames(t *testing.T) {
	for _, c := range []struct{ dirs, want []string }{
		{[]string{"runs/made", "runs/flow/"}, []string{"made", "flow"}},
		{[]string{"a/made", "b/made", "b/flow"}, []string{"a/made", "b/made", "b/flow"}},
		{[]string{"runs/made", "runs/made/", "runs/flow", "runs/made"}, []string{"made", "made (2)", "flow", "made (3)"}},
		{[]string{"a/made", "b/made", "a/made"}, []string{"a/made", "b/made", "a/made (2)"}},
	} {
		if got := shortNames(c.dirs); !slices.Equal(got, c.want) {
			t.Errorf("%q are named %q, want %q", c.dirs, got, c.want)
		}
	}
}
