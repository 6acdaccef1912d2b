package eval_test

import (
	"math"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
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
		x := normals(n, surprisal.Key(1000+rep))
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
