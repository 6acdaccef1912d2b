package diagnose

import (
	"fmt"
	"math"

	"github.com/surprisal-go/surprisal"
)

// Verdict is one finding, from a fixed list of names.
type Verdict struct {
	Name Name `json:"name"`
	// Evidence are the numbers that it rests on, Try is what to do next.
	Evidence string `json:"evidence"`
	Try      string `json:"try"`
}

// Name of a verdict.
type Name string

// The verdicts, in the order in which they are given.
const (
	// BelowFloor: train nats below the empirical entropy of the training
	// events. No distribution can do that: a bug.
	BelowFloor Name = "below the floor"
	// Leaking: test events occur in training beyond chance.
	Leaking Name = "leak between splits"
	// Diverging: the loss ended far above its least.
	Diverging Name = "diverged"
	// NotLearning: validation did not move.
	NotLearning Name = "not learning"
	// TooNarrow: the model cannot learn a few events by heart, and a wider one
	// can: what it can express is the limit.
	TooNarrow Name = "too narrow"
	// HardToTrain: it cannot, a wider one cannot either or no better, and
	// longer training can: optimisation is the limit.
	HardToTrain Name = "hard to train"
	// CannotMemorise: neither helps.
	CannotMemorise Name = "cannot memorise"
	// OverfittingSince: validation rose while training loss fell.
	OverfittingSince Name = "overfitting"
	// TooFewData: test nats far above train nats at the best weights.
	TooFewData Name = "too few data"
	// StillImproving: validation was falling when training ended.
	StillImproving Name = "still improving"
	// WorseThanBaseline: independent marginals predict the test events better.
	WorseThanBaseline Name = "worse than the baseline"
	// MissedSlice: they do on a part of the events.
	MissedSlice Name = "missed slice"
	// Drifting: nats change along the order of the test events.
	Drifting Name = "drift"
)

// Findings are what a diagnosis has measured; what was not measured is nil.
type Findings struct {
	Train, Test surprisal.Likelihood
	// Floor of the training events, which Train is about.
	Floor *Floor
	Curve Curve
	// Baseline is the test likelihood of independent marginals.
	Baseline *surprisal.Likelihood
	Overlap  *Overlap
	Drift    *Drift
	Memory   *Memory
	Slices   []Slice
}

// Memory is how well a fresh model learns a few events by heart, and how well a
// wider one and one trained longer do, where that was tried.
type Memory struct {
	Events int `json:"events"`
	// Way is the part of the way from independent marginals (0) to the floor
	// (1) that the model went; Wider and Longer those of the probes, NaN where
	// not tried.
	Way, Wider, Longer float64
}

// Learned reports whether the model went far enough to count as having
// memorised: nine tenths of the way.
func (m *Memory) Learned() bool { return m.Way >= 0.9 }

// Verdicts reads the findings. None means that nothing was found.
func (f Findings) Verdicts() []Verdict {
	var out []Verdict
	say := func(n Name, try, evidence string, args ...any) {
		out = append(out, Verdict{n, fmt.Sprintf(evidence, args...), try})
	}
	if l := f.Floor; l != nil && f.Train.Kind != surprisal.Estimate && f.Train.Nats < l.Nats-3*f.Train.StdErr-1e-6 && f.Train.N == l.Events {
		say(BelowFloor, "report it: the model's log p is no distribution over these events", "train nats %s, the empirical entropy of the %d events is %.4g", f.Train, l.Events, l.Nats)
	}
	if o := f.Overlap; o != nil && o.Leak() {
		say(Leaking, "split anew so that copies of an event stay together, and evaluate again", "%d of %d test events occur in training; a random split gives %.0f ± %.0f", o.Shared, o.Events, o.Expected, o.StdDev)
	}
	f.readCurve(say)
	f.readMemory(say)
	if few := f.tooFew(); few != "" {
		say(TooFewData, "more events, a smaller model, dropout or weight decay", "%s", few)
	}
	if b := f.Baseline; b != nil && f.Test.Nats-b.Nats > 3*math.Hypot(f.Test.StdErr, b.StdErr) {
		say(WorseThanBaseline, "train longer or with another learning rate; if it stays, use the marginals", "test nats %s, independent marginals %s", f.Test, b)
	}
	shown := 0
	for _, s := range f.Slices {
		if s.Lost && shown < 3 {
			shown++
			say(MissedSlice, "look at these events: errors in the data, or a pattern that the training events lack", "%s (%d events): independent marginals save %.3g ± %.2g nats over the model there", s.Name, s.Events, -s.Saving, s.StdErr)
		}
	}
	if d := f.Drift; d != nil && d.Seen() {
		say(Drifting, "split by time (--time-column), or shuffle if the order means nothing", "rank correlation of nats with the order of test events %.3f, %.1f standard deviations", d.Rho, d.Z)
	}
	return out
}

func (f Findings) readCurve(say func(Name, string, string, ...any)) {
	switch f.Curve.Trend {
	case Diverged:
		say(Diverging, "a lower learning rate, or clipping", "%s", f.Curve)
	case Still:
		say(NotLearning, "a higher learning rate", "%s", f.Curve)
	case Overfitting:
		say(OverfittingSince, "stop early (--patience), more events, dropout or weight decay", "%s", f.Curve)
	case Improving:
		say(StillImproving, "train longer", "%s", f.Curve)
	}
}

func (f Findings) readMemory(say func(Name, string, string, ...any)) {
	m := f.Memory
	if m == nil || m.Learned() || f.Curve.Trend == Still {
		return
	}
	evidence := fmt.Sprintf("of %d events a fresh model learns %.0f%% of the way from marginals to the floor by heart", m.Events, 100*m.Way)
	if !math.IsNaN(m.Wider) {
		evidence += fmt.Sprintf(", a wider one %.0f%%, one trained longer %.0f%%", 100*m.Wider, 100*m.Longer)
	}
	switch {
	case m.Wider > m.Way+0.05 && m.Wider >= m.Longer:
		say(TooNarrow, "more hidden units, or more layers", "%s", evidence)
	case m.Longer > m.Way+0.05:
		say(HardToTrain, "train longer, with another learning rate or a schedule", "%s", evidence)
	default:
		say(CannotMemorise, "another family", "%s", evidence)
	}
}

// tooFew is the evidence that the gap between test and train is what costs
// most: more than a fifth of what the model has learned at all.
func (f Findings) tooFew() string {
	gap := f.Test.Nats - f.Train.Nats
	if f.Baseline == nil || f.Train.N == 0 || !(gap > 3*math.Hypot(f.Test.StdErr, f.Train.StdErr)) {
		return ""
	}
	learned := f.Baseline.Nats - f.Train.Nats
	if !(gap > 0.2*learned) {
		return ""
	}
	return fmt.Sprintf("test nats are %.4g ± %.2g above train nats, %.0f%% of what the model saves over marginals in training", gap, math.Hypot(f.Test.StdErr, f.Train.StdErr), 100*gap/learned)
}
