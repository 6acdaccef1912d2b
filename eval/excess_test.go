package eval_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
)

var truth = gaussian{0, 1}

func excess(t *testing.T, s eval.Scores, b *surprisal.Batch) eval.Gap {
	t.Helper()
	g, err := eval.Excess(t.Context(), s, truth, b)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestExcessIsTheDivergence(t *testing.T) {
	b := normals(4000, 21)
	g := excess(t, score(t, gaussian{1, 1}, b, eval.Options{}), b)
	near(t, "KL(N(0,1) ‖ N(1,1))", g.Nats, 0.5, 3*g.StdErr)
	near(t, "Σ ln q/p", g.LogRatio, -4000*g.Nats, 1e-8)
	if g.Impossible || g.N != 4000 || len(g.Warnings) > 0 {
		t.Errorf("gap %+v", g)
	}
	same := excess(t, score(t, truth, b, eval.Options{}), b)
	if same.Nats != 0 || same.StdErr != 0 || same.Impossible {
		t.Errorf("the truth's own gap is %+v", same)
	}
	bound := excess(t, score(t, latent{}, b, eval.Options{Samples: 200, Key: 3}), b)
	if bound.Kind != surprisal.LowerBound || !strings.HasPrefix(bound.String(), "≤") {
		t.Errorf("gap of a bound %+v: %s", bound, bound)
	}
}

// A model whose density integrates to e^0.01 gains 40 nats over 4000 events.
func TestBetterThanTheTruthIsABug(t *testing.T) {
	b := normals(4000, 22)
	cheat := score(t, each(func(x float64) float64 { return truth.logProb(x) + 0.01 }), b, eval.Options{})
	g := excess(t, cheat, b)
	near(t, "Σ ln q/p", g.LogRatio, 40, 1e-8)
	if !g.Impossible || !strings.Contains(g.String(), "BUG") {
		t.Errorf("gap %+v: %s", g, g)
	}
	for kind, want := range map[surprisal.Knowledge]bool{
		surprisal.LowerBound: true, surprisal.UpperBound: false, surprisal.Estimate: false,
	} {
		cheat.Kind = kind
		if g := excess(t, cheat, b); g.Impossible != want {
			t.Errorf("%s: impossible is %v", kind, g.Impossible)
		}
	}
	few := b.Slice(0, 1300) // 13.0 nats
	if g := excess(t, score(t, each(func(x float64) float64 { return truth.logProb(x) + 0.01 }), few, eval.Options{}), few); g.Impossible {
		t.Errorf("Σ ln q/p = %v is taken for a bug", g.LogRatio)
	}
}

func TestExcessOfInfiniteScores(t *testing.T) {
	b := normals(100, 23)
	uniform := score(t, each(func(x float64) float64 {
		if math.Abs(x) > 1.5 {
			return math.Inf(-1)
		}
		return -math.Log(3)
	}), b, eval.Options{})
	g := excess(t, uniform, b)
	if g.Infinite == 0 || !math.IsInf(g.LogRatio, -1) || g.Impossible || !strings.Contains(g.String(), "infinitely") {
		t.Errorf("gap %+v: %s", g, g)
	}
	raw, err := json.Marshal(g)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"nats":null`, `"finite_nats":`, `"log_ratio":null`, `"impossible":false`} {
		if !strings.Contains(string(raw), part) {
			t.Errorf("JSON %s lacks %s", raw, part)
		}
	}
	_, err = eval.Excess(t.Context(), score(t, truth, b, eval.Options{}), each(func(float64) float64 { return math.Inf(-1) }), b)
	wantError(t, err, "event 0", "not drawn from it")
	_, err = eval.Excess(t.Context(), uniform, truth, normals(100, 24))
	wantError(t, err, "other events")
	if !errors.Is(err, surprisal.ErrNotComparable) {
		t.Errorf("%v is not ErrNotComparable", err)
	}
}
