package baseline

import (
	"context"
	"math"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/fmath"
)

// TestConditionals: that of a dim does not depend on later ones, is a density in
// that dim, and all sum to log p.
func TestConditionals(t *testing.T) {
	const n, d = 300, 3
	r := surprisal.Key(1).Rand()
	values := make(surprisal.Values[float64], n*d)
	for i := range n {
		shared := fmath.Normal(r) + 6*float64(i%2)
		for j := range d {
			values[i*d+j] = float64(3*shared) + fmath.Normal(r) + float64(j)
		}
	}
	space := &surprisal.Space{Fields: []surprisal.Field{{Name: "x", Kind: surprisal.Real, Shape: []int{d}}}}
	all := &surprisal.Batch{Space: space, Columns: []surprisal.Column{values}}
	for name, cfg := range map[string]*MixtureConfig{"full": {Components: 2, Covariance: Full}, "diagonal": {Components: 3, Covariance: Diagonal}} {
		m, err := NewMixture(space, cfg)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Fit(context.Background(), all.Slice(0, n/2), all.Slice(n/2, n), 1, nil); err != nil {
			t.Fatal(err)
		}
		of := func(v surprisal.Values[float64]) []float64 {
			out := make([]float64, len(v))
			if err := m.(surprisal.Autoregressive).Conditionals(out, &surprisal.Batch{Space: space, Columns: []surprisal.Column{v}}); err != nil {
				t.Fatal(err)
			}
			return out
		}
		terms, lp := of(values), make([]float64, n)
		if err := m.(surprisal.Density).LogProb(lp, all); err != nil {
			t.Fatal(err)
		}
		for i, want := range lp {
			if got := terms[i*d] + terms[i*d+1] + terms[i*d+2]; math.Abs(got-want) > 1e-9*(1+math.Abs(want)) {
				t.Fatalf("%s: event %d: the conditionals sum to %v, log p is %v", name, i, got, want)
			}
		}
		// Along the second dim, with another third one.
		const from, step, points = -60, 0.02, 8000
		line := make(surprisal.Values[float64], 0, points*d)
		for i := range points {
			line = append(line, values[0], from+step*float64(i), float64(i%7))
		}
		sum := 0.0
		for i, v := range of(line) {
			switch i % d {
			case 0:
				if v != terms[0] {
					t.Fatalf("%s: the first conditional is %v, and with other dims after it %v", name, terms[0], v)
				}
			case 1:
				sum += step * math.Exp(v)
			}
		}
		if math.Abs(sum-1) > 1e-6 {
			t.Errorf("%s: the second conditional integrates to %v", name, sum)
		}
		far := of(surprisal.Values[float64]{1, 1e300, 1})
		if !math.IsInf(far[0], -1) || math.IsNaN(far[1]+far[2]) {
			t.Errorf("%s: an impossible event has conditionals %v", name, far)
		}
	}
}
