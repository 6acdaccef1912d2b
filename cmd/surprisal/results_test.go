package main

import (
	"math"
	"testing"

	"github.com/surprisal-go/surprisal"
)

// TestNature: what a likelihood is of, given and known is said.
func TestNature(t *testing.T) {
	for want, l := range map[string]surprisal.Likelihood{
		"mass, exact": {Measure: surprisal.Mass},
		"density given age,sex, lower bound of log p by 1 draw an event": {Measure: surprisal.Lebesgue, Given: "age,sex", Kind: surprisal.LowerBound, Samples: 1},
		"mass given label, lower bound of log p by 1,000 draws an event": {Measure: surprisal.Mass, Given: "label", Kind: surprisal.LowerBound, Samples: 1000},
	} {
		if got := nature(l); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestInUnits: each unit is printed where it means something.
func TestInUnits(t *testing.T) {
	l := surprisal.Likelihood{Nats: 64 * math.Ln2, N: 10, Dims: 32, Measure: surprisal.Mass}
	for _, c := range []struct {
		scalar surprisal.Scalar
		kind   surprisal.Knowledge
		want   string
	}{
		{"", surprisal.Exact, "64 bits an event"},
		{surprisal.PixelByte, surprisal.LowerBound, "≤ 64 bits an event, ≤ 2.0000 bits/byte"},
		{surprisal.TextByte, surprisal.Exact, "64 bits an event, 2.0000 bits/byte, perplexity 4 a byte"},
	} {
		l.Scalar, l.Kind = c.scalar, c.kind
		if got := inUnits(l); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	l.Kind, l.Infinite = surprisal.LowerBound, 1
	if got := inUnits(l); got != "≤ ∞ bits an event" {
		t.Errorf("infinite: %q", got)
	}
}
