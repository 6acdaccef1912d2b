package eval_test

import (
	"math"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
)

// TestInfiniteByKind: an infinite bound of nats from above is no proof of
// probability zero.
func TestInfiniteByKind(t *testing.T) {
	for kind, want := range map[surprisal.Knowledge]string{
		surprisal.Exact:      "1 of 4 events has probability zero",
		surprisal.UpperBound: "1 of 4 events has probability zero",
		surprisal.LowerBound: "no finite code for 1 of 4 events",
		surprisal.Estimate:   "no finite estimate for 1 of 4 events",
	} {
		s := score(t, gaussian{0, 1}, normals(4, 1), eval.Options{})
		s.Kind, s.Nats[2] = kind, math.Inf(1)
		l := s.Likelihood("", "")
		if l.Warnings[0] != want {
			t.Errorf("%s: %q, want %q", kind, l.Warnings[0], want)
		}
		if strings.Contains(l.String(), "zero") {
			t.Errorf("%s: %q says it twice", kind, l)
		}
		e := eval.Entry{Name: "A", Likelihood: l, Nats: s.Nats}
		c, err := eval.Compare(e, e, 1)
		if err != nil {
			t.Fatal(err)
		}
		of := strings.Replace(want, " of 4 events", " event", 1) + " under both: left out"
		if w := c.Warnings[len(c.Warnings)-1]; w != of {
			t.Errorf("%s: %q, want %q", kind, w, of)
		}
		spread, err := eval.Family{Name: "A", Seeds: []eval.Entry{e}}.Spread()
		if err != nil || !strings.HasPrefix(spread.String(), "∞ nats: "+strings.Replace(want, " of 4 events", " event", 1)) {
			t.Errorf("%s: %q (%v)", kind, spread, err)
		}
		both := eval.Comparison{A: "A", B: "B", KindB: kind, InfiniteA: 1, InfiniteB: 2, N: 4, Dims: 1}.Verdict()
		if isZero := strings.Contains(both, "each gives probability zero"); isZero != strings.Contains(want, "zero") {
			t.Errorf("%s: %q", kind, both)
		}
	}
}

// TestHugeTerms: terms of events that cost more than can be written out.
func TestHugeTerms(t *testing.T) {
	if got := (eval.Mean{Nats: math.Inf(1), StdErr: math.NaN()}).String(); got != "∞" {
		t.Error(got)
	}
	if got := (eval.Mean{Nats: 1.23456e60, StdErr: 2e58}).String(); got != "1.235e+60 ± 2e+58" {
		t.Error(got)
	}
}
