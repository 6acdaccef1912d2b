package eval_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal/eval"
)

// TestFewDrawsAreNoGoodDraws: what cannot be told of the weights is said, so
// that fewer draws do not look better than many.
func TestFewDrawsAreNoGoodDraws(t *testing.T) {
	b := normals(40, 21)
	for _, c := range []struct {
		o    eval.Options
		want string
	}{
		{eval.Options{Samples: 8}, "Pareto k̂ of the weights cannot be told below 25 draws an event"},
		{eval.Options{Samples: 24}, "cannot be told below 25 draws"},
		{eval.Options{Samples: 64, Bound: eval.ELBO}, "nothing tells how far an evidence lower bound lies above the true nats"},
	} {
		w := score(t, latent{}, b, c.o).Likelihood("normals", "test").Warnings
		if !slices.ContainsFunc(w, func(w string) bool { return strings.Contains(w, c.want) }) {
			t.Errorf("%+v: warnings %q, want %q", c.o, w, c.want)
		}
	}
	for _, model := range []any{gaussian{0, 1}, latent{}} {
		for _, w := range score(t, model, b, eval.Options{Samples: 25}).Likelihood("normals", "test").Warnings {
			if strings.Contains(w, "cannot be told") || strings.Contains(w, "nothing tells") {
				t.Errorf("%T: %q", model, w)
			}
		}
	}
}
