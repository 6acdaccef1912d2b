package main

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/surprisal-go/surprisal/eval"
)

// The spread of events is what sorting them says, with equals and infinities.
func TestSpread(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 2, 3, 20, 999} {
		nats := make([]float64, n)
		for i := range nats {
			nats[i] = math.Round(10*r.NormFloat64()) / 4
			if r.IntN(30) == 0 {
				nats[i] = math.Inf(1)
			}
		}
		got, sorted := spread(eval.Scores{Nats: nats}), slices.Sorted(slices.Values(nats))
		for q, v := range map[float64]*float64{0.05: got.Q05, 0.5: got.Q50, 0.95: got.Q95} {
			want := sorted[n-1-int(math.Round((1-q)*float64(n-1)))]
			if math.IsInf(want, 1) != (v == nil) || v != nil && *v != want {
				t.Errorf("%d events: quantile %v is %v, want %v", n, q, v, want)
			}
		}
		want := bySurprise(nats)
		for i, w := range got.Worst {
			if w.Event != want[i] {
				t.Errorf("%d events: number %d of the most surprising is %d, want %d", n, i, w.Event, want[i])
			}
		}
		if len(got.Worst) != min(worstShown, n) {
			t.Errorf("%d events: %d most surprising", n, len(got.Worst))
		}
	}
}
