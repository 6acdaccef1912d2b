package eval_test

import (
	"math"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/internal/fmath"
)

// TestEventsFor takes as many events as it says and finds the difference about
// four times in five.
func TestEventsFor(t *testing.T) {
	const shift = 0.1
	a, b := gaussian{0, 1}, gaussian{shift, 1} // KL is shift²/2 on N(0, 1)
	pilot := normals(5000, 3)
	c, err := eval.Compare(entry(t, "a", a, pilot), entry(t, "b", b, pilot), 1)
	if err != nil {
		t.Fatal(err)
	}
	n, ok := c.EventsFor(shift * shift / 2)
	if !ok {
		t.Fatal("no number of events")
	}
	reps := 300
	if testing.Short() {
		reps = 60
	}
	found := 0
	for rep := range reps {
		x := normals(n.Events, surprisal.Key(1000+rep))
		c, err := eval.Compare(entry(t, "a", a, x), entry(t, "b", b, x), 1)
		if err != nil {
			t.Fatal(err)
		}
		if c.High < 0 {
			found++
		}
	}
	near(t, "share of tests that settle it", float64(found)/float64(reps), 0.8, 1.4/math.Sqrt(float64(reps)))
	if _, ok := c.EventsFor(0); ok {
		t.Error("no difference is settled by some number of events")
	}
}

// TestEventsForCounts in what is independent, and never asks for fewer than make
// a standard error certain.
func TestEventsForCounts(t *testing.T) {
	c := eval.Comparison{N: 180, StdErr: 0.1, Clusters: 6, Unit: "groups"}
	// The variance of a group is 6·0.1² = 0.06; (2.05 + 0.85)²·0.06/0.1² = 50.
	n, ok := c.EventsFor(0.1)
	if !ok || n.Unit != "groups" || n.Clusters < 49 || n.Clusters > 51 || n.Events != 30*n.Clusters {
		t.Errorf("%+v, want about 50 groups of 30", n)
	}
	if n, _ = c.EventsFor(1e12); n.Clusters != 20 || n.Events != 600 {
		t.Errorf("%+v, want 20 groups of 30", n)
	}
	c.Clusters, c.Unit = 180, "events"
	if n, _ = c.EventsFor(1e12); n.Events != 30 || n.Clusters != 30 {
		t.Errorf("%+v, want 30 events", n)
	}
	if n, ok = c.EventsFor(1e-6); !ok || math.Abs(float64(n.Events)/(7.8489*180*1e10)-1) > 1e-3 {
		t.Errorf("%+v, want 7.85·180·(0.1/1e-6)²", n)
	}
	if _, ok = c.EventsFor(1e-12); ok {
		t.Error("more events than there are numbers for")
	}
}

// TestSeedsFor trains as many seeds as it says, in a simulation, and finds the
// difference about four times in five or, as the interval is wide, more often.
func TestSeedsFor(t *testing.T) {
	x := normals(400, 7)
	family := func(name string, seeds int, shift float64, key surprisal.Key) eval.Family {
		r, f := key.Rand(), eval.Family{Name: name}
		for range seeds {
			f.Seeds = append(f.Seeds, entry(t, name, each(func(float64) float64 { return 0 }), x))
			e := &f.Seeds[len(f.Seeds)-1]
			v := shift + 0.1*fmath.Normal(r)
			for i := range e.Nats {
				e.Nats[i] = v
			}
			e.Likelihood.Nats = v
		}
		return f
	}
	compare := func(seeds int, key surprisal.Key) eval.FamilyComparison {
		c, err := eval.CompareFamilies(family("a", seeds, 0.2, key), family("b", seeds, 0, key+500))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	pilot := compare(60, 1)
	n, ok := pilot.SeedsFor(0.2)
	if !ok || n < 5 || n > 12 {
		t.Fatalf("%d seeds (%v), want a few", n, ok)
	}
	found := 0
	for rep := range 200 {
		if compare(n, surprisal.Key(1000+rep)).Low > 0 {
			found++
		}
	}
	if share := float64(found) / 200; share < 0.7 || share > 0.95 {
		t.Errorf("%d seeds settle it in %.2f of contests", n, share)
	}
	if _, ok := pilot.SeedsFor(0.001); ok {
		t.Error("some seeds settle a hundredth of their spread")
	}
	if _, ok := compare(1, 1).SeedsFor(0.2); ok {
		t.Error("one seed tells how many are needed")
	}
}
