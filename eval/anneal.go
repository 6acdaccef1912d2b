package eval

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/surprisal-go/surprisal"
)

// Annealable is a model whose bound [Anneal] can check.
type Annealable interface {
	surprisal.Bounded
	surprisal.Joint
	surprisal.Ancestral
}

// Annealed is a bound of log p beside what annealing finds, on a few events:
// given ones, of which annealing gives a second lower bound of log p, and
// simulated ones, whose log p it encloses.
type Annealed struct {
	// Steps, Moves and Chains are those of the [Annealing].
	Steps, Moves, Chains int
	Given, Simulated     Sandwich
}

// Sandwich is what is known of the nats of some events, all in expectation.
type Sandwich struct {
	// Bound is the importance-weighted bound by Samples draws, Forward that of
	// annealing: both print ≤. Reverse prints ≥; nil for given events.
	Bound, Forward surprisal.Likelihood
	Reverse        *surprisal.Likelihood
	// Saved is nats(Bound) − nats(Forward), paired event by event: what the bound
	// is off at least, up to its error.
	Saved Mean
	// Width is nats(Forward) − nats(Reverse), Off is nats(Bound) − nats(Reverse),
	// paired: the most, in expectation, that either is above the true nats.
	Width, Off Mean
}

// Anneal checks the importance-weighted bound of a model by annealing ([AIS]),
// on the events of b and on as many that the model draws itself. On these the
// reverse direction starts from the latents that they were made from, and encloses
// the truth (bidirectional Monte Carlo: Grosse, Ghahramani and Adams 2015). They
// are the model's events and not the data's: that the bound is tight on them does
// not prove it on data. name and split are those of the likelihoods of b; a.Latents
// and a.From are not used. It fails as [Score] and AIS do.
func Anneal(ctx context.Context, model Annealable, b *surprisal.Batch, name, split string, a Annealing, o Options) (Annealed, error) {
	if err := checkEvents(model, b); err != nil {
		return Annealed{}, fmt.Errorf("annealing: %w", err)
	}
	z, drawn, err := model.SampleJoint(b.Len(), a.Key.Named("eval.Anneal"))
	if err != nil {
		return Annealed{}, fmt.Errorf("annealing: %w", err)
	}
	a.Latents, a.From = len(z)/b.Len(), nil
	if a, err = a.withDefaults(b.Len()); err != nil {
		return Annealed{}, fmt.Errorf("annealing: %w", err)
	}
	out := Annealed{Steps: a.Steps, Moves: a.Moves, Chains: a.Chains}
	told := a.Progress
	pass := func(i int) func(done, total int) {
		return func(done, total int) {
			if told != nil {
				told(i*total+done, 3*total)
			}
		}
	}
	a.Progress = pass(0)
	if err := out.Given.measure(ctx, model, b, nil, name, split, a, o); err != nil {
		return out, err
	}
	a.Progress = pass(1)
	back := a
	back.From, back.Progress = z, pass(2)
	return out, out.Simulated.measure(ctx, model, drawn, &back, "events drawn by the model", "", a, o)
}

// measure fills in the sandwich; back is the reverse direction, if there is one.
func (s *Sandwich) measure(ctx context.Context, model Annealable, b *surprisal.Batch, back *Annealing, name, split string, a Annealing, o Options) error {
	o.Bound, o.Progress, o.Each = IW, nil, nil
	bound, err := Score(ctx, model, b, o)
	if err != nil {
		return err
	}
	forward, err := AIS(ctx, model, b, a)
	if err != nil {
		return err
	}
	s.Bound, s.Forward = bound.Likelihood(name, split), forward.Likelihood(name, split)
	s.Saved = saved(bound, forward)
	if back == nil {
		return nil
	}
	reverse, err := AIS(ctx, model, b, *back)
	if err != nil {
		return err
	}
	l := reverse.Likelihood(name, split)
	s.Reverse, s.Width, s.Off = &l, saved(forward, reverse), saved(bound, reverse)
	return nil
}

// saved is the mean of nats(a) − nats(b) over the events that are finite in both.
func saved(a, b Scores) Mean {
	var c Comparison // counts
	d := c.pair(Entry{Nats: a.Nats, Weight: a.Weight, Group: a.Group, Ordered: a.Ordered}, Entry{Nats: b.Nats})
	return meanOf(d.finite()).mean()
}

// MarshalJSON leaves out what given events do not have.
func (s Sandwich) MarshalJSON() ([]byte, error) {
	type all struct {
		Bound   surprisal.Likelihood  `json:"bound"`
		Forward surprisal.Likelihood  `json:"forward"`
		Saved   *float64              `json:"saved"`
		SavedBy *float64              `json:"saved_stderr"`
		Reverse *surprisal.Likelihood `json:"reverse,omitempty"`
		Width   *float64              `json:"width,omitempty"`
		WidthBy *float64              `json:"width_stderr,omitempty"`
		Off     *float64              `json:"bound_above_reverse,omitempty"`
		OffBy   *float64              `json:"bound_above_reverse_stderr,omitempty"`
	}
	j := all{Bound: s.Bound, Forward: s.Forward, Saved: finite(s.Saved.Nats), SavedBy: finite(s.Saved.StdErr), Reverse: s.Reverse}
	if s.Reverse != nil {
		j.Width, j.WidthBy = finite(s.Width.Nats), finite(s.Width.StdErr)
		j.Off, j.OffBy = finite(s.Off.Nats), finite(s.Off.StdErr)
	}
	return json.Marshal(j)
}

// MarshalJSON names what scripts rely on.
func (a Annealed) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Steps     int      `json:"temperatures"`
		Moves     int      `json:"moves"`
		Chains    int      `json:"chains"`
		Given     Sandwich `json:"events"`
		Simulated Sandwich `json:"drawn_by_the_model"`
	}{a.Steps, a.Moves, a.Chains, a.Given, a.Simulated})
}
