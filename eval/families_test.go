package eval

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal"
)

// TestOneSeedClaimsNothing of families, however large the difference is.
func TestOneSeedClaimsNothing(t *testing.T) {
	a := Family{"A", []Entry{resultOf([]float64{4, 6, 8})}}
	b := Family{"B", []Entry{resultOf([]float64{1, 2, 3}), resultOf([]float64{1, 2, 4})}}
	f, err := CompareFamilies(a, b)
	if err != nil {
		t.Fatal(err)
	}
	if !f.Noise() || !math.IsNaN(f.Low) || !math.IsNaN(f.P) || !strings.Contains(f.Verdict(), "no claim about families: one seed of A") {
		t.Errorf("%+v: %s", f, f.Verdict())
	}
	raw, err := json.Marshal(f)
	if err != nil || !strings.Contains(string(raw), `"stderr_over_seeds":null`) {
		t.Errorf("%s (%v)", raw, err)
	}
	s, err := a.Spread()
	if err != nil || !math.IsNaN(s.SeedStdDev) || s.String() != "6.00 nats by one seed, ± 1.15 over events" {
		t.Errorf("%+v (%v)", s, err)
	}
}

// TestSeedsThatDoNotDiffer, as of a model in closed form, leave the error over
// events.
func TestSeedsThatDoNotDiffer(t *testing.T) {
	x, y := make([]float64, 40), make([]float64, 40)
	for i := range x {
		x[i], y[i] = float64(i%7), float64(i%3)
	}
	f, err := CompareFamilies(Family{"A", []Entry{resultOf(x), resultOf(x)}}, Family{"B", []Entry{resultOf(y), resultOf(y)}})
	if err != nil {
		t.Fatal(err)
	}
	i := meanOf(sample{x: differences(x, y)}).studentT()
	if f.SeedStdErr != 0 || math.Abs(f.Low-i.low) > 1e-9 || math.Abs(f.P-i.p) > 1e-6 {
		t.Errorf("%+v, want the interval over events [%v, %v], p %v", f, i.low, i.high, i.p)
	}
}

func differences(x, y []float64) []float64 {
	d := make([]float64, len(x))
	for i := range x {
		d[i] = x[i] - y[i]
	}
	return d
}

func TestFamiliesRefuse(t *testing.T) {
	x := resultOf([]float64{4, 6, 8})
	other, bound := x, x
	other.Likelihood.Data.Checksum = "sha256:2"
	bound.Likelihood.Kind, bound.Likelihood.Samples = surprisal.LowerBound, 8
	for _, seeds := range [][]Entry{{x, other}, {x, bound}} {
		if _, err := (Family{"A", seeds}).Mean(); !errors.Is(err, surprisal.ErrNotComparable) || !strings.Contains(err.Error(), "seeds of A") {
			t.Errorf("got %v", err)
		}
	}
	if _, err := CompareFamilies(Family{"A", []Entry{x}}, Family{"B", []Entry{other}}); !errors.Is(err, surprisal.ErrNotComparable) {
		t.Errorf("got %v", err)
	}
	if _, err := (Family{Name: "A"}).Spread(); err == nil {
		t.Error("a family of no seeds is no error")
	}
}

// TestFamilyOfInfiniteEvents leaves them out for all seeds and says so.
func TestFamilyOfInfiniteEvents(t *testing.T) {
	inf := math.Inf(1)
	a := Family{"A", []Entry{resultOf([]float64{4, inf, 8}), resultOf([]float64{5, 1, 9})}}
	b := Family{"B", []Entry{resultOf([]float64{4, 4, 8}), resultOf([]float64{4, 4, 9})}}
	s, err := a.Spread()
	if err != nil || s.Infinite != 1 || s.Nats != 6.5 || math.Abs(s.SeedStdErr-0.5) > 1e-12 {
		t.Errorf("%+v (%v)", s, err)
	}
	f, err := CompareFamilies(a, b)
	if err != nil || f.InfiniteA != 1 || f.Noise() || !strings.HasPrefix(f.Verdict(), "A gives probability zero to 1 of 3 events") {
		t.Errorf("%+v (%v): %s", f, err, f.Verdict())
	}
}

func TestFamilyWarningsAreGivenOnce(t *testing.T) {
	var seeds []Entry
	for i := range 3 {
		e := resultOf([]float64{4, 6, 8})
		e.Likelihood.Warnings = []string{"all alike", fmt.Sprintf("tails of %d.5%%", i+1)}
		if i == 2 {
			e.Likelihood.Warnings = append(e.Likelihood.Warnings, "one alone")
		}
		seeds = append(seeds, e)
	}
	got := strings.Join(Family{"A", seeds}.warnings(), "; ")
	if want := "all alike; in 3 of 3 seeds, the first with: tails of 1.5%; in 1 of 3 seeds, the first with: one alone"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
