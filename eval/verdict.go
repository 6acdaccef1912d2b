package eval

import (
	"fmt"

	"github.com/surprisal-go/surprisal"
)

// Noise reports whether the difference may be noise: its p-value is above 0.05
// or unknown, or it is of rounding, and no event is infinite under one side
// alone.
func (c Comparison) Noise() bool {
	return c.InfiniteA+c.InfiniteB == 0 && (c.Rounding || !(c.P <= level))
}

// side is one of the two models of a comparison.
type side struct {
	name     string
	kind     surprisal.Knowledge
	infinite int
}

// Verdict says in a sentence what follows from the comparison and what does
// not. It begins with ~ where the difference may be noise. What a number is
// known to be decides: an exact value or a lower bound of log p is a code
// length that is really reached, but a bound does not say how good a model is
// whose number is worse. A clear difference ends with its interval; how it was
// made is said where it is not Student's.
func (c Comparison) Verdict() string {
	a, b := side{c.A, c.KindA, c.InfiniteA}, side{c.B, c.KindB, c.InfiniteB}
	switch {
	case c.InfiniteA > 0 && c.InfiniteB > 0:
		each := "gives probability zero to events that the other allows"
		if k := worst(a.kind, b.kind); k == surprisal.LowerBound || k == surprisal.Estimate {
			each = "has infinite nats on events where the other has finite ones"
		}
		return fmt.Sprintf("no order: each %s (%s %d, %s %d of %d); on the rest %s",
			each, a.name, a.infinite, b.name, b.infinite, c.N, c.saving())
	case c.InfiniteA > 0:
		return c.ruledOut(b, a)
	case c.InfiniteB > 0:
		return c.ruledOut(a, b)
	case c.Rounding:
		return fmt.Sprintf("~ no difference beyond the rounding of float32: %s, %s", c.saving(), c.size())
	case c.Noise():
		return fmt.Sprintf("~ no clear difference: %s, %s", c.saving(), c.sureness())
	case c.Nats < 0:
		return fmt.Sprintf("%s%s (%s)", c.clear(a, b), c.caveat(), c.sureness())
	}
	return fmt.Sprintf("%s%s (%s)", c.clear(b, a), c.caveat(), c.sureness())
}

// caveat is what takes from a clear difference: events that had a part in
// making the models, or nats that nobody has checked.
func (c Comparison) caveat() (s string) {
	switch c.Seen {
	case Training:
		s = "; on training events what was memorised counts, so that is no difference of KL divergences"
	case Validation:
		s = "; validation events are there to choose what is kept, so that is no difference of KL divergences"
	}
	if c.Unverified {
		s += ", if the unverified nats are exact and about the same events"
	}
	return s
}

// clear is the verdict where w has fewer nats than l beyond noise.
func (c Comparison) clear(w, l side) string {
	switch {
	case w.kind == surprisal.Exact && l.kind == surprisal.Exact && c.Seen != "":
		return c.saving()
	case w.kind == surprisal.Exact && l.kind == surprisal.Exact:
		return fmt.Sprintf("%s: KL(p‖%s) − KL(p‖%s), the entropy of the data cancels", c.saving(), l.name, w.name)
	case surpasses(w.kind, l.kind):
		better := "is better"
		if c.Seen != "" {
			better = "is better on these events"
		}
		return fmt.Sprintf("%s %s: %s, at least, because %s", w.name, better, c.saving(), because(w, l))
	case isCode(w.kind) && isCode(l.kind):
		return fmt.Sprintf("%s has the shorter code: %s; which model is better stays open, because %s",
			w.name, c.saving(), onlyBounds(w, l))
	}
	return fmt.Sprintf("%s reports fewer nats, but that decides nothing: %s; %s's are %s and %s's %s",
		w.name, c.saving(), w.name, words(w.kind), l.name, words(l.kind))
}

// ruledOut is the verdict where l alone gives events probability zero.
func (c Comparison) ruledOut(w, l side) string {
	s := fmt.Sprintf("%s gives probability zero to %d of %d events that %s allows, so its nats are infinite", l.name, l.infinite, c.N, w.name)
	switch {
	case surpasses(w.kind, l.kind):
		s += fmt.Sprintf(" and %s is better", w.name)
	case isCode(w.kind) && isCode(l.kind):
		s = fmt.Sprintf("%s has no finite code for %d of %d events that %s codes", l.name, l.infinite, c.N, w.name)
	default:
		s = fmt.Sprintf("%s reports infinite nats on %d of %d events, but that decides nothing", l.name, l.infinite, c.N)
	}
	return s + c.caveat() + "; on the rest " + c.saving()
}

// surpasses reports whether fewer nats of a kind prove a better model than
// more nats of another: the first may only overstate the true nats, the second
// only understate them.
func surpasses(fewer, more surprisal.Knowledge) bool {
	return isCode(fewer) && (more == surprisal.Exact || more == surprisal.UpperBound)
}

// isCode reports whether nats of a kind are a length that some code reaches.
func isCode(k surprisal.Knowledge) bool { return k == surprisal.Exact || k == surprisal.LowerBound }

// onlyBounds says whose nats are bounds, where those of l are.
func onlyBounds(w, l side) string {
	if w.kind == surprisal.Exact {
		return l.name + "'s nats are only a bound"
	}
	return "both nats are only bounds"
}

func because(w, l side) string {
	if w.kind == surprisal.Exact {
		return l.name + "'s true nats can only be more"
	}
	if l.kind == surprisal.Exact {
		return w.name + "'s true nats can only be fewer"
	}
	return fmt.Sprintf("%s's true nats can only be fewer and %s's only more", w.name, l.name)
}

func words(k surprisal.Knowledge) string {
	switch k {
	case surprisal.Exact:
		return "exact"
	case surprisal.LowerBound:
		return "from above" // a lower bound of log p
	case surprisal.UpperBound:
		return "from below"
	}
	return "an estimate"
}
