package eval_test

import (
	"math"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
)

// What may be concluded from fewer nats, by what is known of the winner's and
// the loser's.
func TestVerdictByKinds(t *testing.T) {
	const better, code, open = "B is better", "B has the shorter code", "decides nothing"
	want := map[[2]surprisal.Knowledge]string{ // loser, winner
		{surprisal.Exact, surprisal.Exact}:           "KL(p‖A) − KL(p‖B), the entropy of the data cancels",
		{surprisal.Exact, surprisal.LowerBound}:      better,
		{surprisal.Exact, surprisal.UpperBound}:      open,
		{surprisal.Exact, surprisal.Estimate}:        open,
		{surprisal.LowerBound, surprisal.Exact}:      code,
		{surprisal.LowerBound, surprisal.LowerBound}: code,
		{surprisal.LowerBound, surprisal.UpperBound}: open,
		{surprisal.LowerBound, surprisal.Estimate}:   open,
		{surprisal.UpperBound, surprisal.Exact}:      better,
		{surprisal.UpperBound, surprisal.LowerBound}: better,
		{surprisal.UpperBound, surprisal.UpperBound}: open,
		{surprisal.UpperBound, surprisal.Estimate}:   open,
		{surprisal.Estimate, surprisal.Exact}:        open,
		{surprisal.Estimate, surprisal.LowerBound}:   open,
		{surprisal.Estimate, surprisal.UpperBound}:   open,
		{surprisal.Estimate, surprisal.Estimate}:     open,
	}
	for kinds, part := range want {
		c := eval.Comparison{A: "A", B: "B", KindA: kinds[0], KindB: kinds[1], Nats: 1.832, StdErr: 0.051, Low: 1.73, High: 1.93, P: 1e-9, N: 100, Dims: 784}
		v := c.Verdict()
		if !strings.Contains(v, part) || !strings.Contains(v, "B saves 1.832 ± 0.051 nats an event (0.0034 bits/dim)") {
			t.Errorf("A %s, B %s: %q, want %q in it", kinds[0], kinds[1], v, part)
		}
		if !strings.HasSuffix(v, " (95% [1.730, 1.930], p < 0.0001, n = 100)") {
			t.Errorf("verdict %q, want its interval at the end", v)
		}
		c.A, c.B, c.KindA, c.KindB, c.Nats, c.Low, c.High = c.B, c.A, c.KindB, c.KindA, -c.Nats, -c.High, -c.Low
		if back := c.Verdict(); back != v {
			t.Errorf("the verdict depends on the order: %q and %q", v, back)
		}
	}
}

func TestNoiseIsMarked(t *testing.T) {
	c := eval.Comparison{A: "A", B: "B", Nats: -0.01, StdErr: 0.03, Low: -0.07, High: 0.05, P: 0.7, N: 100, Dims: 1}
	if want := "~ no clear difference: A saves 0.010 ± 0.030 nats an event (0.014 bits/dim), 95% [-0.050, 0.070], p = 0.7, n = 100"; c.Verdict() != want {
		t.Errorf("verdict %q, want %q", c.Verdict(), want)
	}
	c.A, c.B, c.Nats, c.Low, c.High = "B", "A", 0.01, -0.05, 0.07 // the same, the other way round
	if want := "A saves 0.010 ± 0.030 nats an event (0.014 bits/dim), 95% [-0.050, 0.070]"; !strings.Contains(c.Verdict(), want) {
		t.Errorf("verdict %q, want %q", c.Verdict(), want)
	}
	if c.P = math.NaN(); !c.Noise() {
		t.Error("an unknown p-value is taken for a difference")
	}
}

// An interval is of its comparison alone, and where Holm's correction makes noise
// of a difference that it would call clear, the text says so.
func TestVerdictSaysHowSure(t *testing.T) {
	c := eval.Comparison{A: "rv", B: "rgs", Nats: 0.073, StdErr: 0.028, Low: 0.008, High: 0.122, Method: eval.BootstrapT, P: 0.064, Tests: 2, N: 99, Dims: 3}
	want := "~ no clear difference: rgs saves 0.073 ± 0.028 nats an event (0.035 bits/dim), 95% [0.008, 0.122] by bootstrap-t taken alone, p = 0.064 by Holm over 2, n = 99"
	if v := c.Verdict(); v != want {
		t.Errorf("verdict %q, want %q", v, want)
	}
	c.P, c.Method = 0.02, eval.StudentT
	if v, want := c.Verdict(), " (95% [0.008, 0.122], p = 0.02 by Holm over 2, n = 99)"; !strings.HasSuffix(v, want) {
		t.Errorf("verdict %q, want %q at its end", v, want)
	}
	c.Nats, c.StdErr, c.Low, c.High = 1.4e59, 1.3e59, 1e58, 2.9e59
	if v, want := c.Verdict(), "rgs saves 1.4e+59 ± 1.3e+59 nats"; !strings.HasPrefix(v, want) {
		t.Errorf("verdict %q, want %q", v, want)
	}
	c = eval.Comparison{A: "A", B: "B", Nats: 0.5, StdErr: math.NaN(), P: math.NaN(), N: 1, Dims: 1}
	if v, want := c.Verdict(), "~ no clear difference: B saves 0.50 ± ? nats an event (0.72 bits/dim), with an error that is not known, n = 1"; v != want {
		t.Errorf("verdict %q, want %q", v, want)
	}
}

// On events that had a part in making the models, and of nats that nobody has
// checked, a difference is not one of KL divergences as a fact.
func TestVerdictOfSeenOrUnverified(t *testing.T) {
	b := normals(400, 19)
	good, bad := entry(t, "good", gaussian{0, 1}, b), entry(t, "bad", gaussian{1, 1}, b)
	for _, c := range []struct {
		seen       eval.Seen
		unverified bool
		want       string
		kl         bool
	}{
		{"", false, "the entropy of the data cancels (95%", true},
		{eval.Training, false, "bits/dim); on training events what was memorised counts, so that is no difference of KL divergences (95%", false},
		{eval.Validation, false, "bits/dim); validation events are there to choose what is kept, so that is no difference of KL divergences (95%", false},
		{"", true, "the entropy of the data cancels, if the unverified nats are exact and about the same events (95%", true},
	} {
		a := bad
		a.Seen, a.Unverified = c.seen, c.unverified
		got := compare(t, a, good)
		if got.Seen != c.seen || got.Unverified != c.unverified {
			t.Errorf("%q, %v became %q, %v", c.seen, c.unverified, got.Seen, got.Unverified)
		}
		if v := got.Verdict(); !strings.Contains(v, c.want) || strings.Contains(v, "KL(p") != c.kl {
			t.Errorf("verdict %q, want %q", v, c.want)
		}
	}
	both := good
	both.Seen, bad.Seen = eval.Validation, eval.Training
	if c := compare(t, both, bad); c.Seen != eval.Training {
		t.Errorf("validation and training events are %q", c.Seen)
	}
	c := eval.Comparison{A: "A", B: "B", KindB: surprisal.LowerBound, Nats: 1, StdErr: 0.1, Seen: eval.Training}
	if v := c.Verdict(); !strings.HasPrefix(v, "B is better on these events: ") || !strings.Contains(v, "; on training events what was memorised counts") {
		t.Errorf("verdict %q", v)
	}
}

// The same nats, rounded to float32, are no other model's.
func TestRoundingIsNoDifference(t *testing.T) {
	b := normals(3000, 20)
	a := entry(t, "A", each(func(x float64) float64 { return -6 - 0.0003*x*x }), b)
	r := a
	r.Name, r.Nats = "B", append([]float64{}, a.Nats...)
	sum := 0.0
	for i, x := range r.Nats {
		r.Nats[i] = float64(float32(x)) - 1e-7 // float32 rounds to 5e-7 there
		sum += r.Nats[i]
	}
	r.Likelihood.Nats = sum / float64(len(r.Nats))
	c := compare(t, a, r)
	if !(c.P < 0.05) || !c.Rounding || !c.Noise() || !strings.HasPrefix(c.Verdict(), "~ no difference beyond the rounding of float32: B saves 0.00000010") {
		t.Errorf("p = %g: %s", c.P, c.Verdict())
	}
	for i := range r.Nats {
		r.Nats[i] -= 1e-5
	}
	r.Likelihood.Nats -= 1e-5
	if c := compare(t, a, r); c.Rounding || c.Noise() {
		t.Errorf("a difference of 1e-5 is rounding: %s", c.Verdict())
	}
}

// A file that rules events out does so if its nats are what they are taken for.
func TestVerdictOfUnverifiedInfinity(t *testing.T) {
	c := eval.Comparison{A: "A", B: "B", Nats: 1, StdErr: 0.1, N: 9, Dims: 1, InfiniteB: 2, Unverified: true}
	want := "so its nats are infinite and A is better, if the unverified nats are exact and about the same events; on the rest "
	if v := c.Verdict(); !strings.Contains(v, want) {
		t.Errorf("verdict %q, want %q", v, want)
	}
}
