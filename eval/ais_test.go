package eval_test

import (
	"math"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
)

// TestAISEnclosesPPCA: forward and reverse annealing enclose the exact log p,
// and both come near to it.
func TestAISEnclosesPPCA(t *testing.T) {
	n, steps, gap := 12, 1500, 0.12
	if testing.Short() {
		n, steps, gap = 4, 600, 0.4
	}
	p := newPPCA(0, 1)
	b, z := p.draw(n, 23)
	exact := score(t, p, b, eval.Options{})
	a := eval.Annealing{Latents: ppcaLatent, Steps: steps, Key: 4}
	lower, err := eval.AIS(t.Context(), p, b, a)
	if err != nil {
		t.Fatal(err)
	}
	a.From = z
	upper, err := eval.AIS(t.Context(), p, b, a)
	if err != nil {
		t.Fatal(err)
	}
	if lower.Kind != surprisal.LowerBound || upper.Kind != surprisal.UpperBound {
		t.Errorf("kinds %s and %s", lower.Kind, upper.Kind)
	}
	var below, above float64 // mean nats above and below the truth
	for i, nats := range exact.Nats {
		below += (lower.Nats[i] - nats) / float64(n)
		above += (nats - upper.Nats[i]) / float64(n)
		if d := math.Abs(lower.Nats[i] - nats); !testing.Short() && d > 0.5 {
			t.Errorf("event %d: annealing gives %.3f nats, the truth is %.3f", i, lower.Nats[i], nats)
		}
	}
	t.Logf("forward +%.4f nats, reverse −%.4f", below, above)
	near(t, "forward annealing above the truth", below, 0, gap)
	near(t, "reverse annealing below the truth", above, 0, gap)
	if below+above < -0.03 {
		t.Errorf("the bounds cross by %.3f nats", -below-above)
	}
}

func TestAISRefuses(t *testing.T) {
	p := newPPCA(0, 1)
	b, _ := p.draw(3, 1)
	_, err := eval.AIS(t.Context(), p, b, eval.Annealing{})
	wantError(t, err, "latents")
	_, err = eval.AIS(t.Context(), p, b, eval.Annealing{Latents: ppcaLatent, From: make([]float64, 5)})
	wantError(t, err, "starting latents")
}
