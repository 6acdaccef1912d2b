package eval

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/surprisal-go/surprisal"
)

// Likelihood is the mean of the scores with its error, for a set of events of
// that name and the part of it that they are. It warns of what makes the
// standard error doubtful: fewer than 30 events, fewer than 20 groups, or heavy
// tails, which means that a hundredth of the events (or groups) gives more than
// half of the variance or, of fewer than 100, that one gives most of it.
func (s Scores) Likelihood(name, split string) surprisal.Likelihood {
	m := meanOf(s.sample(s.Nats).finite())
	l := surprisal.Likelihood{
		Nats: m.value, StdErr: m.stdErr, N: len(s.Nats), Dims: s.Dims, Kind: s.Kind, Samples: s.Samples,
		Measure: s.Measure, Scalar: s.Scalar, Given: s.Given, Data: surprisal.DataRef{Name: name, Checksum: s.Checksum}, Split: split,
	}
	for i, x := range s.Nats {
		if math.IsInf(x, 1) && (s.Weight == nil || s.Weight[i] > 0) {
			l.Infinite++
		}
	}
	if l.Infinite > 0 {
		l.Warnings = append(l.Warnings, zero(l.Kind, fmt.Sprintf("%d of %d events", l.Infinite, l.N)))
	}
	l.Warnings = slices.Concat(l.Warnings, m.warnings(), s.tailWarnings(), s.Warnings)
	return l
}

// zero says what is known of events whose nats are infinite: where those are
// an upper bound of the true ones, their probability need not be zero.
func zero(k surprisal.Knowledge, which string) string {
	switch {
	case k == surprisal.LowerBound:
		return "no finite code for " + which
	case k == surprisal.Estimate:
		return "no finite estimate for " + which
	case strings.HasPrefix(which, "1 "):
		return which + " has probability zero"
	}
	return which + " have probability zero"
}

// plural is a number of things, as in "1 event" and "3 events".
func plural(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// few warns of fewer clusters than an error can rest on. Of none, as where all
// events have probability zero, there is no error to doubt.
func few(n int, what string, least int) []string {
	switch n {
	case 0:
		return nil
	case 1:
		return []string{fmt.Sprintf("only 1 %s: of one there is no standard error", what)}
	}
	return []string{fmt.Sprintf("only %d %ss: the standard error is uncertain below %d", n, what, least)}
}

// warnings says what makes the standard error doubtful.
func (m mean) warnings() []string {
	n := m.clusters.len()
	switch {
	case m.of == blocks:
		return m.blockWarnings()
	case m.of == groups && n < 20:
		return few(n, "group", 20)
	case m.of == events && n < 30:
		return few(n, "event", 30)
	case m.clusters.heavy():
		return m.heavyWarnings()
	}
	return nil
}
