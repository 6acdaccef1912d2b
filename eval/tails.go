package eval

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Tails is how heavy the tails of the importance weights behind a bound are,
// over the events whose shape k̂ could be told (see [ParetoShape]).
type Tails struct {
	// Median of k̂ over events: −Inf where the largest weights of most are equal.
	Median float64
	// Heavy is the share of events whose k̂ is above 0.7.
	Heavy float64
}

// Tails summarises s.Shape. It is not ok where no shape could be told: of exact
// nats, of an evidence lower bound, or of fewer than 25 draws.
func (s Scores) Tails() (t Tails, ok bool) {
	var told []float64
	heavy := 0
	for _, k := range s.Shape {
		if math.IsNaN(k) {
			continue
		}
		told = append(told, k)
		if k > heavyShape {
			heavy++
		}
	}
	if len(told) == 0 {
		return Tails{math.NaN(), math.NaN()}, false
	}
	slices.Sort(told)
	return Tails{told[len(told)/2], float64(heavy) / float64(len(told))}, true
}

// tailWarnings are of bounds that rest on few draws.
func (s Scores) tailWarnings() []string {
	t, ok := s.Tails()
	switch {
	case s.Samples == 0 || s.NoTails:
		return nil
	case s.Samples < leastDraws:
		return []string{fmt.Sprintf("Pareto k̂ of the weights cannot be told below %d draws an event: the bound may lie far above the true nats", leastDraws)}
	case s.Shape == nil: // of an evidence lower bound
		return []string{"nothing tells how far an evidence lower bound lies above the true nats: the importance-weighted one is nearer, and has Pareto k̂"}
	case !ok || t.Heavy == 0:
		return nil
	}
	return []string{fmt.Sprintf("Pareto k̂ of the weights is above %g for %.3g%% of events: for them the bound rests on few draws and may lie far above their true nats", heavyShape, 100*t.Heavy)}
}

// heavyWarnings says what heavy tails do to the standard error.
func (m mean) heavyWarnings() []string {
	if !m.clusters.heavy() {
		return nil
	}
	who := "the largest 1% give"
	if m.clusters.len() <= 100 {
		who = "one " + strings.TrimSuffix(m.of.String(), "s") + " gives"
	}
	return []string{fmt.Sprintf("heavy tails: %s %.0f%% of the variance, and the standard error may be too small", who, 100*m.clusters.topShare())}
}
