package eval

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"github.com/surprisal-go/surprisal"
)

// Gap is how far a model is from the truth on events drawn from it.
type Gap struct {
	// Nats is the mean over events of log p − log q for the true p and the
	// model's q, an estimate of KL(p ‖ q) from which the entropy has cancelled;
	// for a lower bound of log q it is at least that in expectation. Events that
	// q gives probability zero are counted in Infinite and left out.
	Nats     float64
	StdErr   float64
	N        int
	Infinite int
	Kind     surprisal.Knowledge // of log q
	// LogRatio is Σ log q(xᵢ)/p(xᵢ) over all events.
	LogRatio float64
	// Impossible is set where LogRatio exceeds 13.8 = ln 10⁶ for an exact q or
	// a lower bound of it. For any q that sums to at most one, E[Π q/p] ≤ 1, so
	// by Markov's inequality that happens once in a million sets of fresh
	// events: the model does not normalise, has seen the events, or they are
	// not from p. It is a bug.
	Impossible bool
	Warnings   []string
}

// mostLogRatio is ln 10⁶.
const mostLogRatio = 13.815510557964274

// Excess measures scores s of the events b, which must be fresh draws from
// truth, against truth itself. It fails if s is not about b, or if truth gives
// an event probability zero.
func Excess(ctx context.Context, s Scores, truth surprisal.Density, b *surprisal.Batch) (Gap, error) {
	t, err := Score(ctx, truth, b, Options{})
	if err != nil {
		return Gap{}, fmt.Errorf("excess over the truth: %w", err)
	}
	if s.Checksum != t.Checksum || len(s.Nats) != len(t.Nats) {
		return Gap{}, fmt.Errorf("excess over the truth: %w: the scores are about other events; score the same batch", surprisal.ErrNotComparable)
	}
	g := Gap{N: len(s.Nats), Kind: s.Kind}
	diff := s.sample(make([]float64, g.N))
	var ratio exactSum
	for i, truthNats := range t.Nats {
		if math.IsInf(truthNats, 1) {
			return Gap{}, fmt.Errorf("excess over the truth: event %d (id %d) has probability zero under the truth: it was not drawn from it", i, b.ID(i))
		}
		diff.x[i] = s.Nats[i] - truthNats
		if math.IsInf(diff.x[i], 1) {
			g.Infinite++
			continue
		}
		ratio.add(-diff.x[i])
	}
	g.LogRatio = ratio.value()
	if g.Infinite > 0 {
		g.LogRatio = math.Inf(-1)
	}
	g.Impossible = isCode(s.Kind) && g.LogRatio > mostLogRatio
	m := meanOf(diff.finite())
	g.Nats, g.StdErr = m.value, m.stdErr
	g.Warnings = m.warnings()
	return g, nil
}

// String formats the gap, as in "0.213 ± 0.004 nats above the truth".
func (g Gap) String() string {
	s := fmt.Sprintf("%s%.4g ± %.2g nats above the truth", g.Kind.Sign(), g.Nats, g.StdErr)
	if g.Infinite > 0 {
		s = fmt.Sprintf("infinitely far above the truth (%s)", zero(g.Kind, fmt.Sprintf("%d of %d events", g.Infinite, g.N)))
		if sign := g.Kind.Sign(); sign != "" {
			s = sign + " " + s
		}
	}
	if g.Impossible {
		s += fmt.Sprintf("; BUG: Σ ln q/p = %.1f over %d events, above 13.8", g.LogRatio, g.N)
	}
	return s
}

// MarshalJSON writes numbers that are not finite as null; where q gives events
// probability zero, nats is null and the mean over the others is finite_nats.
func (g Gap) MarshalJSON() ([]byte, error) {
	j := struct {
		Nats       *float64            `json:"nats"`
		FiniteNats *float64            `json:"finite_nats,omitempty"`
		StdErr     *float64            `json:"stderr"`
		N          int                 `json:"n"`
		Infinite   int                 `json:"infinite,omitempty"`
		Kind       surprisal.Knowledge `json:"kind"`
		LogRatio   *float64            `json:"log_ratio"`
		Impossible bool                `json:"impossible"`
		Warnings   []string            `json:"warnings"`
	}{
		StdErr: finite(g.StdErr), N: g.N, Infinite: g.Infinite, Kind: g.Kind,
		LogRatio: finite(g.LogRatio), Impossible: g.Impossible, Warnings: g.Warnings,
	}
	if g.Infinite > 0 {
		j.FiniteNats = finite(g.Nats)
	} else {
		j.Nats = finite(g.Nats)
	}
	if j.Warnings == nil {
		j.Warnings = []string{}
	}
	return json.Marshal(j)
}
