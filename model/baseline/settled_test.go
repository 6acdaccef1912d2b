package baseline

import (
	"context"
	"testing"

	"github.com/surprisal-go/surprisal"
)

// TestSettled: what a zero stood for is told once the model is fitted.
func TestSettled(t *testing.T) {
	const n = 400
	r := surprisal.Key(1).Rand()
	values := make(surprisal.Values[float64], 2*n)
	for i := range values {
		values[i] = float64(i/2%2)*20 + r.Float64()
	}
	space := &surprisal.Space{Fields: []surprisal.Field{{Name: "x", Kind: surprisal.Real, Shape: []int{2}}}}
	b := &surprisal.Batch{Space: space, Columns: []surprisal.Column{values}}
	m, err := NewMixture(space, &MixtureConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Fit(context.Background(), b.Slice(0, n/2), b.Slice(n/2, n), 1, nil); err != nil {
		t.Fatal(err)
	}
	got := m.(*Mixture).Settled(n / 2)
	if k := got["components"].(int); k < 2 || k > mostComponents {
		t.Errorf("components %d, want those that were chosen", k)
	}
	for key, want := range map[string]any{"covariance": Full, "restarts": 3, "iterations": 200, "prior": 4.0} {
		if got[key] != want {
			t.Errorf("%s is %v, want %v", key, got[key], want)
		}
	}
	if g := (&Gaussian{}).Settled(n); g["shrinkage"] != byValidation {
		t.Errorf("shrinkage is %v", g["shrinkage"])
	}
	if g := (&Gaussian{cfg: GaussianConfig{Shrinkage: 0.1}}).Settled(n); len(g) > 0 {
		t.Errorf("a shrinkage that was given is told again: %v", g)
	}
	if a := (&Marginals{}).Settled(n)["alpha"]; a != 0.5 {
		t.Errorf("alpha is %v, want 0.5", a)
	}
}
