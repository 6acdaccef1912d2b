package main

import (
	"math"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
)

// TestAgreement: what annealing says of a bound follows from the paired
// difference and its error.
func TestAgreement(t *testing.T) {
	for _, c := range []struct {
		saved, err float64
		events     int
		want       string
	}{
		{0.85, 0.05, 64, "annealing takes 0.850 ± 0.050 nats an event fewer than K = 64, paired: the bound is that loose at least"},
		{-0.85, 0.05, 64, "annealing takes 0.850 ± 0.050 nats an event more than K = 64, paired: the chains have not arrived"},
		{math.NaN(), math.NaN(), 0, "nothing to compare: no event has finite nats"},
		{0.5, math.NaN(), 1, "~ no clear difference: annealing takes 0.500 ± ? nats"},
		{-2.2, 1.5, 64, "~ no clear difference: annealing takes 2.200 ± 1.500 nats an event more than K = 64, paired"},
		{-0.319, 0.106, 4, "~ no clear difference: "}, // 3.0 errors, of which t with 3 degrees of freedom wants 3.18
		{-0.319, 0.106, 6, "annealing takes "},
	} {
		got := agreement(eval.Sandwich{Saved: eval.Mean{Nats: c.saved, StdErr: c.err, Clusters: c.events}, Bound: surprisal.Likelihood{Samples: 64}})
		if !strings.HasPrefix(got, c.want) {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
