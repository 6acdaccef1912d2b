package eval

import (
	"fmt"
	"math"
	"strings"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/digits"
)

// The numbers of a comparison in words, for verdicts.

// saving says who saves how much, as in
// "B saves 1.832 ± 0.051 nats an event (0.0034 bits/dim)".
func (c Comparison) saving() string {
	if math.IsNaN(c.Nats) {
		return "nothing can be compared"
	}
	name, nats := c.B, c.Nats
	if nats < 0 {
		name, nats = c.A, -nats
	}
	return fmt.Sprintf("%s saves %s ± %s nats an event (%.2g bits/dim)", name, c.round(nats), c.round(c.StdErr), surprisal.Bits(nats)/c.Dims)
}

// sureness is how sure [Comparison.saving] is, as in
// "95% [1.70, 1.91] by bootstrap-t, p = 0.0042 by Holm over 3, n = 99". An
// interval is of its comparison alone, a p-value is corrected for all.
func (c Comparison) sureness() string {
	if math.IsNaN(c.P) {
		return "with an error that is not known, " + c.size()
	}
	low, high := c.Low, c.High
	if c.Nats < 0 { // what A saves
		low, high = -high, -low
	}
	s := fmt.Sprintf("95%% [%s, %s]", c.round(low), c.round(high))
	if c.Method == BootstrapT {
		s += " by " + string(c.Method)
	}
	if c.Noise() && low > 0 { // else the two would contradict each other
		s += " taken alone"
	}
	s += ", " + pText(c.P)
	if c.Tests > 1 {
		s += fmt.Sprintf(" by Holm over %d", c.Tests)
	}
	return s + ", " + c.size()
}

// size is the number of events, and of the groups or blocks that they stand in.
func (c Comparison) size() string {
	s := fmt.Sprintf("n = %d", c.N)
	if c.Clusters > 0 && c.Clusters < c.N && c.Unit != events.String() {
		s += " in " + plural(c.Clusters, strings.TrimSuffix(c.Unit, "s"))
	}
	return s
}

// pText formats a p-value to two digits; below 0.0001 it rests on tails that no
// sample shows.
func pText(p float64) string {
	if p < 1e-4 {
		return "p < 0.0001"
	}
	return fmt.Sprintf("p = %.2g", p)
}

// round formats nats to two digits of the standard error.
func (c Comparison) round(nats float64) string {
	if math.IsInf(nats, 0) {
		return "?"
	}
	decimals := 2
	if c.StdErr > 0 {
		decimals = min(9, max(2, 1-int(math.Floor(math.Log10(c.StdErr)))))
	}
	return digits.Fixed(nats, decimals)
}
