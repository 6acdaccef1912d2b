package diagnose

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/digits"
)

// Verdict is one finding, from the fixed list of [Name].
type Verdict struct {
	Name Name `json:"name"`
	// Evidence are the numbers that it rests on, Try is what to do next.
	Evidence string `json:"evidence"`
	Try      string `json:"try"`
}

// Findings are what a diagnosis has measured; what was not measured is nil.
type Findings struct {
	Train, Test surprisal.Likelihood
	Valid       *surprisal.Likelihood
	// Floor of the training events; Train is about all of them or a sample.
	Floor *Floor
	Curve Curve
	// Patience is the number of validations without a gain at which the
	// training would have stopped; 0 is never.
	Patience int
	// Baseline is the test likelihood of independent marginals, ValidBaseline
	// that of the validation events.
	Baseline, ValidBaseline *surprisal.Likelihood
	Overlaps                []Overlap
	Drift                   *Drift
	Memory                  *Memory
	Health                  *Health
	Slices                  []Slice
	Shifts                  []Shift
}

// Memory is how well a fresh model learns a few events by heart, and how well a
// wider one and one trained longer do, where that was tried.
type Memory struct {
	Events int `json:"events"`
	// Way is the part of the way from independent marginals (0) to the floor
	// (1) that the model went; Wider and Longer those of the probes, nil where
	// not tried.
	Way    float64  `json:"way"`
	Wider  *float64 `json:"wider,omitempty"`
	Longer *float64 `json:"longer,omitempty"`
	// Cut is whether time was short for one of the trainings, so that nothing
	// follows; the way of a probe that was cut is not kept.
	Cut bool `json:"cut_short,omitempty"`
}

// Enough is the part of the way to the floor that counts as having memorised.
const Enough = 0.9

// Learned reports whether the model went that far.
func (m *Memory) Learned() bool { return m.Way >= Enough }

const (
	// patient is the greatest patience that is an early stop: one that waits
	// for longer lets a model overfit for most of its training.
	patient = 50
	// gains is the part of the way to the floor that a probe must go beyond
	// the model to say what limits it.
	gains = 0.05
	// lostOutside is the part of what a model saves over marginals in training
	// that may be missing outside.
	lostOutside = 0.2
	// mostDead is the share of a layer's units that may be dead: networks keep
	// what they have learned with a tenth of their units and less (Frankle and
	// Carbin 2019), so that only a layer that is all but shut is a fault.
	mostDead = 0.98
	// mostFlat is the share that may be saturated: past it most of a layer
	// learns by the few events that are between its ends.
	mostFlat = 0.5
	// steep is how much larger a layer's gradient may be than another's. Adam
	// makes up for a factor until rounding hides the smaller one: float32 has
	// seven digits.
	steep = 1e4
	// named is the most verdicts of one kind about slices.
	named = 3
)

// verdicts collects.
type verdicts []Verdict

func (v *verdicts) say(n Name, try, evidence string, args ...any) {
	*v = append(*v, Verdict{n, fmt.Sprintf(evidence, args...), try})
}

// Verdicts reads the findings. None means that nothing was found.
func (f Findings) Verdicts() []Verdict {
	var v verdicts
	f.readEvents(&v)
	if h := f.Health; h != nil && len(h.NotFinite) > 0 {
		v.say(NotFinite, "a lower learning rate, or clipping; look for extreme values in the data", "%s of %s training events", strings.Join(h.NotFinite[:min(4, len(h.NotFinite))], ", "), digits.Count(h.Events))
	}
	f.readCurve(&v)
	f.readHealth(&v)
	f.readMemory(&v)
	if few := f.tooFew(); few != "" {
		v.say(TooFewData, "more events, a smaller model, dropout or weight decay", "%s", few)
	}
	f.readBaseline(&v)
	f.readShifts(&v)
	if d := f.Drift; d != nil && d.Seen() {
		v.say(Drifting, "split by time (--time-column), or shuffle if the order means nothing", "rank correlation of nats with the order of test events %.3f, %.1f standard deviations of chance among %s", d.Rho, d.Z, digits.Count(d.Units))
	}
	return v
}

// stuck reports whether the model is as it was drawn, so that nothing else is
// worth saying of what it does.
func (f Findings) stuck() bool { return f.Curve.Trend == Still }

func (f Findings) readEvents(v *verdicts) {
	if l := f.Floor; l != nil && f.Train.Kind != surprisal.Estimate && f.Train.Nats < l.Nats-3*f.Train.StdErr-1e-6 {
		v.say(BelowFloor, "report it: the model's log p is no distribution over these events", "train nats %s, the empirical entropy of the %s is %.4g", f.Train, digits.Counted(l.Events, "event"), l.Nats)
	}
	for _, o := range f.Overlaps {
		if o.Leak() {
			v.say(Leaking, "split anew so that copies of an event stay together, train again and evaluate again", "%s", o)
		}
	}
	for _, o := range f.Overlaps {
		if o.Repeats() {
			v.say(Repeating, "find out where the copies come from, or what else this split is drawn from; drop them, or keep what belongs together by --group", "%s", o)
		}
	}
}

func (f Findings) readCurve(v *verdicts) {
	switch f.Curve.Trend {
	case Diverged:
		v.say(Diverging, "a lower learning rate, or clipping", "%s", f.Curve.evidence())
	case Still:
		v.say(NotLearning, "a higher learning rate", "%s", f.Curve.evidence())
	case Overfitting:
		if f.Patience == 0 || f.Patience > patient {
			v.say(OverfittingSince, "stop early (--patience), more events, dropout or weight decay", "%s", f.Curve.evidence())
		}
	case Improving:
		v.say(StillImproving, "train longer", "%s", f.Curve.evidence())
	}
}

func (f Findings) readHealth(v *verdicts) {
	h := f.Health
	if h == nil || len(h.NotFinite) > 0 {
		return
	}
	for i, l := range h.Layers {
		for _, later := range h.Layers[i+1:] {
			evidence := fmt.Sprintf("root mean square gradient %.2g in %s, %.2g in %s", l.Gradient, l.Name, later.Gradient, later.Name)
			if l.Gradient > steep*later.Gradient && later.Gradient > 0 {
				v.say(ExplodingGradient, "fewer layers, smaller initial weights, or clipping", "%s", evidence)
				return
			}
			if l.Gradient < later.Gradient/steep {
				v.say(VanishingGradient, "fewer layers, or relu or silu in place of tanh or sigmoid", "%s", evidence)
				return
			}
		}
	}
	worst := func(share func(Layer) float64, limit float64) (at Layer, in int) {
		for _, l := range h.Layers {
			if share(l) > limit {
				in++
			}
			if share(l) > share(at) {
				at = l
			}
		}
		return at, in
	}
	if l, in := worst(func(l Layer) float64 { return l.Dead }, mostDead); in > 0 {
		v.say(DeadUnits, "a lower learning rate, less weight decay, or silu in place of relu", "%.0f%% of the %s units of %s pass nothing on, at any of %d training events; so in %d of %d layers", 100*l.Dead, digits.Count(l.Units), l.Name, h.Events, in, len(h.Layers))
	}
	if l, in := worst(func(l Layer) float64 { return l.Saturated }, mostFlat); in > 0 {
		v.say(SaturatedUnits, "a lower learning rate, weight decay, or relu or silu", "%.0f%% of the %s units of %s are on a flat end of their activation at nine of ten training events; so in %d of %d layers", 100*l.Saturated, digits.Count(l.Units), l.Name, in, len(h.Layers))
	}
}

func (f Findings) readMemory(v *verdicts) {
	m := f.Memory
	if m == nil || m.Cut || m.Learned() || f.stuck() {
		return
	}
	evidence := fmt.Sprintf("of %d events a fresh model learns %.0f%% of the way from marginals to the floor by heart", m.Events, 100*m.Way)
	wider, longer := math.Inf(-1), math.Inf(-1)
	if m.Wider != nil && m.Longer != nil {
		wider, longer = *m.Wider, *m.Longer
		evidence += fmt.Sprintf(", a wider one %.0f%%, one trained longer %.0f%%", 100*wider, 100*longer)
	}
	switch {
	case wider > m.Way+gains && wider >= longer:
		v.say(TooNarrow, "more hidden units, or more layers", "%s", evidence)
	case longer > m.Way+gains:
		v.say(HardToTrain, "train longer, with another learning rate or a schedule", "%s", evidence)
	default:
		v.say(CannotMemorise, "another family", "%s", evidence)
	}
}

// tooFew is the evidence that the gap between train and validation is what costs
// most; of test, where there is no validation. What test costs above validation
// is no want of data: see [ShiftsOf].
func (f Findings) tooFew() string {
	gaps, base := f.Gaps(), f.Baseline
	if f.Valid != nil {
		base = f.ValidBaseline
	}
	at := slices.IndexFunc(gaps, func(g Gap) bool { return strings.HasSuffix(g.Of, "train") })
	if f.Train.N == 0 || base == nil || at < 0 {
		return ""
	}
	gap := gaps[at]
	if !(gap.Nats > 3*gap.StdErr) {
		return ""
	}
	learned := base.Nats - f.Train.Nats
	if !(gap.Nats > lostOutside*learned) {
		return ""
	}
	return fmt.Sprintf("%s is %s nats, %.0f%% of what the model saves over marginals in training", gap.Of, measured(gap.Nats, gap.StdErr), 100*gap.Nats/learned)
}
