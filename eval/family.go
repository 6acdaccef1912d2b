package eval

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"

	"github.com/surprisal-go/surprisal"
)

// Family is one way of making a model: a family with its settings, and the
// results of trainings that differ by seed alone, on the same events.
type Family struct {
	Name  string
	Seeds []Entry
}

// Spread is how well a family predicts, S seeds on n events:
//
//	Nats        = (1/S) Σₛ mₛ, the mean of the seeds' mean nats mₛ
//	SeedStdDev  = √(Σₛ (mₛ − Nats)² / (S−1)), how far trainings lie from each other
//	SeedStdErr  = SeedStdDev / √S, the error of Nats as other seeds would have it
//	EventStdErr = the standard error over events of (1/S) Σₛ xₛᵢ, for these weights
//
// The seeds' are NaN for a single seed: one training says nothing of others.
type Spread struct {
	Seeds       int
	Nats        float64
	SeedStdDev  float64
	SeedStdErr  float64
	EventStdErr float64
	Kind        surprisal.Knowledge
	// Infinite counts events that have infinite nats by a seed; they are left out
	// of the rest.
	Infinite int
}

// Spread returns the family's. It fails as [Family.Mean] does.
func (f Family) Spread() (Spread, error) {
	mean, err := f.Mean()
	if err != nil {
		return Spread{}, err
	}
	l := mean.Likelihood
	s := Spread{Seeds: len(f.Seeds), Nats: l.Nats, EventStdErr: l.StdErr, Kind: l.Kind, Infinite: l.Infinite}
	s.SeedStdDev = deviation(f.means(mean.Nats))
	s.SeedStdErr = s.SeedStdDev / math.Sqrt(float64(s.Seeds))
	return s, nil
}

// String formats nats with both errors, as in "≤ 6.01 nats over 3 seeds:
// ± 0.02 over seeds (sd 0.03), ± 0.05 over events", where sd is SeedStdDev.
func (s Spread) String() string {
	if s.Infinite > 0 {
		return fmt.Sprintf("∞ nats: %s under one of %d seeds or more", zero(s.Kind, plural(s.Infinite, "event")), s.Seeds)
	}
	digits, sign := 2, s.Kind.Sign()
	const shown = 0.00005 // less has no digit in four decimals
	for limit := 0.0095; digits < 4 && (s.EventStdErr < limit || s.SeedStdErr >= shown && s.SeedStdErr < limit); limit /= 10 {
		digits++
	}
	if sign != "" {
		sign += " "
	}
	if s.Seeds == 1 {
		return fmt.Sprintf("%s%.*f nats by one seed, ± %.*f over events", sign, digits, s.Nats, digits, s.EventStdErr)
	}
	return fmt.Sprintf("%s%.*f nats over %d seeds: ± %.*f over seeds (sd %.*f), ± %.*f over events",
		sign, digits, s.Nats, s.Seeds, digits, s.SeedStdErr, digits, s.SeedStdDev, digits, s.EventStdErr)
}

// Mean is the result of a family as one entry: of every event the mean over
// seeds of its nats, which is not the nats of any one model. An event that a
// seed gives probability zero is infinite. The standard error is over test
// events. It fails, by an error of kind surprisal.ErrNotComparable, where the
// seeds are not about the same events, or know their nats in different ways.
func (f Family) Mean() (Entry, error) {
	if len(f.Seeds) == 0 {
		return Entry{}, fmt.Errorf("family %s: no seeds", f.Name)
	}
	out := f.Seeds[0]
	out.Name, out.Nats = f.Name, make([]float64, len(out.Nats))
	for _, e := range f.Seeds {
		err := checkPair(f.Seeds[0], e)
		if l := e.Likelihood; err == nil && (l.Kind != out.Likelihood.Kind || l.Samples != out.Likelihood.Samples) {
			err = fmt.Errorf("%w: %s by %d draws and %s by %d; evaluate all seeds alike", surprisal.ErrNotComparable,
				out.Likelihood.Kind, out.Likelihood.Samples, l.Kind, l.Samples)
		}
		if err != nil {
			return Entry{}, fmt.Errorf("seeds of %s: %w", f.Name, err)
		}
		for i, x := range e.Nats {
			out.Nats[i] += x / float64(len(f.Seeds))
		}
		out.Ordered = out.Ordered || e.Ordered
	}
	s := Scores{Nats: out.Nats, Weight: out.Weight, Group: out.Group, Ordered: out.Ordered}
	l := s.Likelihood("", "")
	out.Likelihood.Nats, out.Likelihood.StdErr, out.Likelihood.Infinite = l.Nats, l.StdErr, l.Infinite
	out.Likelihood.Warnings = f.warnings()
	return out, nil
}

// means are the mean nats of every seed over the events that are finite in
// those given.
func (f Family) means(finite []float64) []float64 {
	out := make([]float64, len(f.Seeds))
	for s, e := range f.Seeds {
		x := slices.Clone(e.Nats)
		for i, v := range finite {
			if isInf(v) {
				x[i] = v
			}
		}
		out[s] = average(sample{x: x, w: e.Weight}.finite())
	}
	return out
}

// deviation is the standard deviation of a sample, NaN below two.
func deviation(x []float64) float64 {
	if len(x) < 2 {
		return math.NaN()
	}
	mean := average(sample{x: x})
	var square exactSum
	for _, v := range x {
		d := v - mean
		square.add(float64(d * d))
	}
	return math.Sqrt(square.value() / float64(len(x)-1))
}

var numbers = regexp.MustCompile(`[0-9][0-9.,]*`)

// warnings are those of the seeds, once each; those that differ by their
// numbers alone are one.
func (f Family) warnings() []string {
	var out []string
	count, at := map[string]int{}, map[string]int{}
	for _, e := range f.Seeds {
		for _, w := range e.Likelihood.Warnings {
			plain := numbers.ReplaceAllString(w, "#")
			if count[plain]++; count[plain] == 1 {
				at[plain], out = len(out), append(out, w)
			}
		}
	}
	if len(f.Seeds) == 1 {
		return out
	}
	for plain, i := range at {
		same := func(e Entry) bool { return slices.Contains(e.Likelihood.Warnings, out[i]) }
		if n := count[plain]; n < len(f.Seeds) || slices.ContainsFunc(f.Seeds, func(e Entry) bool { return !same(e) }) {
			out[i] = fmt.Sprintf("in %d of %d seeds, the first with: %s", n, len(f.Seeds), out[i])
		}
	}
	return out
}

// MarshalJSON writes numbers that are not finite as null.
func (s Spread) MarshalJSON() ([]byte, error) {
	nats := finite(s.Nats)
	if s.Infinite > 0 {
		nats = nil
	}
	return json.Marshal(spreadJSON{s.Seeds, nats, finite(s.SeedStdDev), finite(s.SeedStdErr), finite(s.EventStdErr), s.Kind, s.Infinite})
}

type spreadJSON struct {
	Seeds       int                 `json:"seeds"`
	Nats        *float64            `json:"nats"`
	SeedStdDev  *float64            `json:"stddev_over_seeds"`
	SeedStdErr  *float64            `json:"stderr_over_seeds"`
	EventStdErr *float64            `json:"stderr_over_events"`
	Kind        surprisal.Knowledge `json:"kind"`
	Infinite    int                 `json:"infinite,omitempty"`
}

// UnmarshalJSON reads null as NaN.
func (s *Spread) UnmarshalJSON(b []byte) error {
	var j spreadJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	value := func(p *float64) float64 {
		if p == nil {
			return math.NaN()
		}
		return *p
	}
	*s = Spread{j.Seeds, value(j.Nats), value(j.SeedStdDev), value(j.SeedStdErr), value(j.EventStdErr), j.Kind, j.Infinite}
	return nil
}
