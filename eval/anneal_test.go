package eval_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
)

func (b onlyBound) LogJoint(dst, z []float64, x *surprisal.Batch) error {
	return b.ppca.LogJoint(dst, z, x)
}

func (b onlyBound) SampleJoint(n int, key surprisal.Key) ([]float64, *surprisal.Batch, error) {
	x, z := b.ppca.draw(n, key)
	return z, x, nil
}

// TestAnnealFindsALooseBound: of a model whose encoder is far off, annealing
// comes near the exact nats where the bound does not, and encloses them on events
// that the model has drawn.
func TestAnnealFindsALooseBound(t *testing.T) {
	n, steps, slack := 16, 800, 0.15
	if testing.Short() {
		n, steps, slack = 12, 500, 0.5
	}
	p := newPPCA(0.6, 0.6)
	b, _ := p.draw(n, 23)
	calls, last := 0, 0
	a := eval.Annealing{Steps: steps, Key: 4, Progress: func(done, total int) {
		if calls++; total != 3*n*steps || done <= last {
			t.Errorf("progress of %d to %d temperatures of %d, want %d", last, done, total, 3*n*steps)
		}
		last = done
	}}
	got, err := eval.Anneal(t.Context(), onlyBound{p}, b, "ppca", "test", a, eval.Options{Samples: 8, Key: 9})
	if err != nil {
		t.Fatal(err)
	}
	if calls != 3*n*steps || last != calls {
		t.Errorf("progress was told %d times, to %d temperatures", calls, last)
	}
	drawn, _ := p.draw(n, a.Key.Named("eval.Anneal"))
	truth := score(t, p, b, eval.Options{}).Likelihood("", "").Nats
	own := score(t, p, drawn, eval.Options{}).Likelihood("", "").Nats
	g, s := got.Given, got.Simulated
	t.Logf("given: exact %.3f, bound +%.3f, forward +%.3f; drawn: exact %.3f, bound +%.3f, forward +%.3f, reverse %+.3f", truth, g.Bound.Nats-truth,
		g.Forward.Nats-truth, own, s.Bound.Nats-own, s.Forward.Nats-own, s.Reverse.Nats-own)
	if g.Bound.Nats-truth < 1 || s.Bound.Nats-own < 1 {
		t.Errorf("the bound is %.2f and %.2f nats off: too tight to show anything", g.Bound.Nats-truth, s.Bound.Nats-own)
	}
	near(t, "forward on given events", g.Forward.Nats, truth, slack)
	near(t, "forward on drawn events", s.Forward.Nats, own, slack)
	// Inverse weights are heavier: the reverse is looser, on its side of the truth.
	near(t, "reverse on drawn events", s.Reverse.Nats, own-slack, 2*slack)
	near(t, "saved", g.Saved.Nats, g.Bound.Nats-g.Forward.Nats, 1e-9)
	near(t, "width", s.Width.Nats, s.Forward.Nats-s.Reverse.Nats, 1e-9)
	near(t, "off", s.Off.Nats, s.Bound.Nats-s.Reverse.Nats, 1e-9)
	if g.Reverse != nil || g.Forward.Kind != surprisal.LowerBound || s.Reverse.Kind != surprisal.UpperBound || g.Bound.Samples != 8 {
		t.Errorf("kinds: %+v", got)
	}
	raw, err := json.Marshal(got)
	if err != nil || strings.Count(string(raw), `"reverse"`) != 1 || !strings.Contains(string(raw), `"kind":"upper_bound"`) {
		t.Errorf("%s (%v)", raw, err)
	}
}

func TestAnnealRefuses(t *testing.T) {
	p := newPPCA(0, 1)
	b, _ := p.draw(3, 1)
	_, err := eval.Anneal(t.Context(), onlyBound{p}, b, "", "", eval.Annealing{Steps: -1}, eval.Options{})
	wantError(t, err, "annealing: ", "want at least 1")
	_, err = eval.Anneal(t.Context(), onlyBound{p}, b.Slice(0, 0), "", "", eval.Annealing{}, eval.Options{})
	wantError(t, err, "annealing: there are no events")
	_, err = eval.Anneal(t.Context(), onlyBound{p}, b, "", "", eval.Annealing{Chains: eval.MostChains + 1}, eval.Options{})
	wantError(t, err, "want at most 1000000 and 10000")
	b.Columns[0].(surprisal.Values[float64])[0] = math.NaN()
	_, err = eval.Anneal(t.Context(), onlyBound{p}, b, "", "", eval.Annealing{Steps: 2}, eval.Options{})
	wantError(t, err, "a fault of the model")
}
