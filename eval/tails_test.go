package eval_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal"
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

// TestOnlyDrawsHaveTails: of annealed chains no shape of weights is wanted, and
// fewer of the draws that were made are no evidence lower bound.
func TestOnlyDrawsHaveTails(t *testing.T) {
	p := newPPCA(0.6, 0.6)
	b, _ := p.draw(40, 23)
	for _, chains := range []int{2, 32} {
		got, err := eval.Anneal(t.Context(), onlyBound{p}, b, "ppca", "test", eval.Annealing{Steps: 2, Chains: chains}, eval.Options{Samples: 64})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range []surprisal.Likelihood{got.Given.Forward, got.Simulated.Forward, *got.Simulated.Reverse} {
			if w := strings.Join(l.Warnings, "; "); strings.Contains(w, "bound") {
				t.Errorf("%d chains, %s: warnings %q", chains, l, w)
			}
		}
	}
	tight, err := eval.Tighten(t.Context(), latent{}, normals(40, 21), "normals", "test", []int{32, 64}, eval.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if w := tight.IW[0].Warnings; len(w) > 0 {
		t.Errorf("32 of 64 draws: warnings %q", w)
	}
}
