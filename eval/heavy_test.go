package eval

import (
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal"
)

// TestHeavyTailsAreFlagged: no interval is good where the variance is infinite;
// what counts is that the flag says so.
func TestHeavyTailsAreFlagged(t *testing.T) {
	reps := 2000
	if testing.Short() {
		reps = 40
	}
	for _, n := range []int{1000, 10_000} {
		if testing.Short() && n > 1000 {
			continue
		}
		if n > 1000 {
			reps /= 10
		}
		held, above, below, flagged := heavyWorld().coverage(n, reps)
		t.Logf("%s, n = %d: held %.1f%%, above %.1f%%, below %.1f%%, flagged %.1f%%", heavyWorld().name, n, held, above, below, flagged)
		if flagged < 95 {
			t.Errorf("n = %d: heavy tails are flagged in %.1f%% of sets, want 95%%", n, flagged)
		}
	}
	for _, n := range []int{20, 30, 49, 99, 1000} {
		some := 5 * reps
		if n == 1000 {
			some = reps
		}
		for _, w := range []world{bernoulliWorld(), gaussianWorld(64), gaussianWorld(2)} {
			flagged := w.flagged(n, some)
			t.Logf("%s, n = %d: flagged %.1f%%", w.name, n, flagged)
			if flagged > 3 {
				t.Errorf("%s, n = %d: light tails are flagged in %.1f%% of sets", w.name, n, flagged)
			}
		}
		t.Logf("%s, n = %d: flagged %.1f%%", heavyWorld().name, n, heavyWorld().flagged(n, some))
	}
}

// flagged is the share in percent of sets whose tails are called heavy.
func (w world) flagged(n, reps int) (share float64) {
	for rep := range reps {
		if meanOf(w.draw(surprisal.Key(rep).Named(w.name).Rand(), n)).clusters.heavy() {
			share += 100 / float64(reps)
		}
	}
	return share
}

// TestOneEventHoldsTheVariance: a mean that one of 49 events makes is flagged,
// and so is one of 49 groups, and a run of independent events in order.
func TestOneEventHoldsTheVariance(t *testing.T) {
	s := gaussianWorld(64).draw(surprisal.Key(1).Rand(), 49)
	if w := meanOf(s).warnings(); len(w) > 0 {
		t.Errorf("light tails: %q", w)
	}
	s.x[7] = 5.8e59
	for name, change := range map[string]func(){
		"events": func() {},
		"groups": func() { s.group = blockGroups(49, 1) },
		"order":  func() { s.group, s.ordered = nil, true }, // of blocks
	} {
		change()
		w := strings.Join(meanOf(s).warnings(), "; ")
		if want := "heavy tails: one " + strings.TrimSuffix(meanOf(s).of.String(), "s") + " gives 9"; !strings.Contains(w, want) {
			t.Errorf("%s: %q, want %q", name, w, want)
		}
		s.group, s.ordered = nil, false
	}
}

// TestManyHeavyDifferencesAreClear: Holm's correction over 45 comparisons leaves
// differences clear that are 25 and more standard errors.
func TestManyHeavyDifferencesAreClear(t *testing.T) {
	world := heavyWorld()
	cs := make([]Comparison, 45)
	for j := range cs {
		key := surprisal.Key(j).Named("many")
		s := world.draw(key.Rand(), 2500)
		for i := range s.x {
			s.x[i] += 20
		}
		m := meanOf(s)
		i := m.interval(key)
		if i.method != BootstrapT {
			t.Fatalf("method %s", i.method)
		}
		cs[j].P = i.p
	}
	Holm(cs)
	for _, c := range cs {
		if c.Noise() {
			t.Errorf("a mean above 20 with an error below 1: p = %g of %d", c.P, c.Tests)
		}
	}
}
