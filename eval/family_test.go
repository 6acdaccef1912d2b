package eval

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/fmath"
)

// lineage draws seeds of a family: each has mean nats of its own (spread
// seeds), and noise of its own on every event.
type lineage struct {
	mean, seeds, noise float64
	events             []float64 // what all its seeds have in common
}

func (l lineage) draw(r *rand.Rand, name string, s int) Family {
	f := Family{Name: name}
	for range s {
		shift := l.mean + l.seeds*fmath.Normal(r)
		x := make([]float64, len(l.events))
		for i := range x {
			x[i] = l.events[i] + shift + l.noise*fmath.Normal(r)
		}
		f.Seeds = append(f.Seeds, resultOf(x))
	}
	return f
}

// resultOf is an exact result of these nats.
func resultOf(x []float64) Entry {
	s := Scores{Nats: x, Dims: 1, Measure: surprisal.Mass, Checksum: "sha256:1"}
	return Entry{Name: "r", Likelihood: s.Likelihood("set", "test"), Nats: x}
}

// TestFamilyCoverage simulates seeds and test events, and asks how often the
// intervals hold the difference of two families: that over seeds and events, and
// for comparison that for weights, of one seed of each.
func TestFamilyCoverage(t *testing.T) {
	reps, slack := 1000, 2.1 // three standard errors
	if testing.Short() {
		reps, slack = 80, 7.5
	}
	const n, truth = 60, 0.3
	t.Logf("%-26s %9s %8s %16s %14s", "what differs", "seeds", "held", "width / normal", "one seed held")
	for _, w := range []struct {
		name          string
		events, noise float64 // of the difference
		a, b          float64 // spread over seeds
		sa, sb        int
	}{
		{"seeds", 0.01, 0.01, 0.1, 0.1, 2, 2},
		{"seeds", 0.01, 0.01, 0.1, 0.1, 5, 5},
		{"seeds of one family", 0.01, 0.01, 0.1, 0, 3, 3},
		{"seeds, unequal numbers", 0.01, 0.01, 0.1, 0.02, 2, 10},
		{"seeds and events alike", 0.8, 0.01, 0.1, 0.1, 2, 2},
		{"seeds and events alike", 0.8, 0.01, 0.1, 0.1, 3, 3},
		{"seeds and events alike", 0.8, 0.01, 0.1, 0.1, 10, 10},
		{"events", 0.8, 0.01, 0, 0, 3, 3},
		{"seeds on events", 0, 0.8, 0, 0, 5, 5},
	} {
		held, one, width := 0.0, 0.0, 0.0
		for rep := range reps {
			r := surprisal.Key(rep).Named(w.name).Rand()
			la, lb := lineage{truth, w.a, w.noise, make([]float64, n)}, lineage{0, w.b, w.noise, make([]float64, n)}
			for i := range n {
				hard := 5 + fmath.Normal(r) // for both
				la.events[i], lb.events[i] = hard+w.events*fmath.Normal(r), hard
			}
			a, b := la.draw(r, "A", w.sa), lb.draw(r, "B", w.sb)
			f, err := CompareFamilies(a, b)
			if err != nil {
				t.Fatal(err)
			}
			c := meanOf(sample{x: differences(a.Seeds[0].Nats, b.Seeds[0].Nats)}).studentT()
			width += (f.High - f.Low) / float64(reps)
			held += inside(f.Low, truth, f.High) * 100 / float64(reps)
			one += inside(c.low, truth, c.high) * 100 / float64(reps)
		}
		variance := w.a*w.a/float64(w.sa) + w.b*w.b/float64(w.sb) + w.events*w.events/n + w.noise*w.noise/n*(1/float64(w.sa)+1/float64(w.sb))
		ideal := 2 * 1.96 * math.Sqrt(variance)
		t.Logf("%-26s %4d %4d %7.1f%% %16.2f %13.1f%%", w.name, w.sa, w.sb, held, width/ideal, one)
		if held < 95-slack {
			t.Errorf("%s, %d and %d seeds: 95%% intervals hold the difference in %.1f%%", w.name, w.sa, w.sb, held)
		}
		if strings.HasPrefix(w.name, "seeds") && w.a > 0 && w.events < 0.1 && one > 60 {
			t.Errorf("%s: the interval for weights holds the difference of families in %.1f%%, and need not be another", w.name, one)
		}
	}
}

func inside(low, x, high float64) float64 {
	if low < x && x < high {
		return 1
	}
	return 0
}

// TestFamilyFormula is the doc comment's, by hand.
func TestFamilyFormula(t *testing.T) {
	a := Family{"A", []Entry{resultOf([]float64{4, 6, 8}), resultOf([]float64{5, 6, 10})}}
	b := Family{"B", []Entry{resultOf([]float64{1, 2, 3}), resultOf([]float64{1, 2, 3}), resultOf([]float64{1, 2, 6})}}
	f, err := CompareFamilies(a, b)
	if err != nil {
		t.Fatal(err)
	}
	// Seed means 6 and 7; 2, 2 and 3. Differences of means by event: 3.5, 4, 5.
	v1, v2 := 0.5/2, (1.0/3)/3
	v3 := (math.Pow(3.5-12.5/3, 2) + math.Pow(4-12.5/3, 2) + math.Pow(5-12.5/3, 2)) / 2 / 3
	t1, t2 := quantile(1), quantile(2)
	near := func(what string, got, want float64) {
		t.Helper()
		if !(math.Abs(got-want) <= 1e-9) {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	}
	near("difference", f.Nats, 6.5-7.0/3)
	near("error over seeds", f.SeedStdErr, math.Sqrt(v1+v2))
	near("error over events", f.EventStdErr, math.Sqrt(v3))
	near("error", f.StdErr, math.Sqrt(v1+v2+v3))
	near("half", (f.High-f.Low)/2, math.Sqrt(t1*t1*v1+t2*t2*(v2+v3)))
	parts := []part{{v1, 1}, {v2, 2}, {v3, 2}}
	if h := half(parts, f.P); !(math.Abs(h-f.Nats) <= 1e-6) {
		t.Errorf("half at p = %v is %v, want the difference %v", f.P, h, f.Nats)
	}
	far := f
	far.Nats, far.Low, far.High, far.P = -f.Nats, -5.5, -2.75, 0.01
	if v := far.Verdict(); !strings.HasPrefix(v, "A saves 4.17 ± ") || !strings.Contains(v, "(95% [2.75, 5.50], p = 0.01, n = 3; standard error over seeds 0.60, ") {
		t.Errorf("verdict %q", v)
	}
	s, err := a.Spread()
	if err != nil {
		t.Fatal(err)
	}
	near("nats", s.Nats, 6.5)
	near("deviation", s.SeedStdDev, math.Sqrt(0.5))
	near("its error", s.SeedStdErr, 0.5)
	near("over events", s.EventStdErr, math.Sqrt((2*2+0.5*0.5+2.5*2.5)/2/3))
	if want := "6.50 nats over 2 seeds: ± 0.50 over seeds (sd 0.71), ± 1.32 over events"; s.String() != want {
		t.Errorf("got %q, want %q", s, want)
	}
	s.SeedStdErr, s.SeedStdDev = 1e-7, 2e-7
	if want := "6.50 nats over 2 seeds: ± 0.00 over seeds (sd 0.00), ± 1.32 over events"; s.String() != want {
		t.Errorf("got %q, want %q", s, want)
	}
	if len(f.Warnings) != 2 || !strings.Contains(f.Warnings[1], "only 2 seeds") {
		t.Errorf("warnings %q", f.Warnings)
	}
}

func quantile(freedom float64) float64 {
	return distuv.StudentsT{Sigma: 1, Nu: freedom}.Quantile(0.975)
}
