package eval

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/surprisal-go/surprisal"
)

// Entry is one of the results that [Compare] compares.
type Entry struct {
	// Name of the model, for verdicts.
	Name       string
	Likelihood surprisal.Likelihood
	// Nats event by event, of which Likelihood is the mean; Weight and Group of
	// the events, or nil.
	Nats   []float64
	Weight []float64
	Group  []int32
	// Ordered as in surprisal.Batch.
	Ordered bool
	// Seen is the part that the events had in making the model, Unverified is set
	// where nobody has checked that the nats are of these events.
	Seen       Seen
	Unverified bool
}

// Seen is a part that events had in making a model: on such events it needs
// fewer nats than on fresh ones.
type Seen string

const (
	// Training events were learnt from.
	Training Seen = "training"
	// Validation events chose when to stop and what to keep.
	Validation Seen = "validation"
)

// Comparison is the paired difference of two results: what B saves over A.
type Comparison struct {
	A, B         string
	KindA, KindB surprisal.Knowledge
	// Nats is the mean over events of nats(A) − nats(B), positive where B
	// predicts better, over the events that are finite under both. NaN if there
	// are none.
	Nats float64
	// StdErr is its standard error over test events, Low and High its 95%
	// interval, made by Method; NaN below two events or groups.
	StdErr    float64
	Low, High float64
	Method    Method
	// P is the two-sided p-value of no difference; [Holm] corrects it for the
	// number of comparisons Tests.
	P     float64
	Tests int
	// N is the number of events, Dims the scalars in one.
	N    int
	Dims float64
	// Clusters is the number of what the error takes as independent of each
	// other, and Unit what that is: events, groups or blocks.
	Clusters int
	Unit     string
	// Seen and Unverified are those of either side, training before validation.
	Seen       Seen
	Unverified bool
	// Rounding is set where a difference beyond noise is less than float32 can
	// tell of numbers as large as the two means: 2⁻²³ of them.
	Rounding bool
	// WonA, WonB are the shares of events that one predicts strictly better.
	WonA, WonB float64
	// InfiniteA, InfiniteB count the events that A or B alone gives probability
	// zero, InfiniteBoth those that both do.
	InfiniteA, InfiniteB, InfiniteBoth int
	Warnings                           []string
}

// Compare returns what B saves over A on the events that both are about. It
// refuses results on different events, measures or conditions with an error
// of kind surprisal.ErrNotComparable. The key is for resampling where the
// interval needs it.
func Compare(a, b Entry, key surprisal.Key) (Comparison, error) {
	if err := checkPair(a, b); err != nil {
		return Comparison{}, fmt.Errorf("comparing %s with %s: %w", a.Name, b.Name, err)
	}
	c := Comparison{
		A: a.Name, B: b.Name, KindA: a.Likelihood.Kind, KindB: b.Likelihood.Kind,
		N: len(a.Nats), Dims: a.Likelihood.Dims, Tests: 1, Seen: seen(a, b), Unverified: a.Unverified || b.Unverified,
	}
	m := meanOf(c.pair(a, b).finite())
	c.Nats, c.StdErr, c.Clusters, c.Unit = m.value, m.stdErr, m.clusters.len(), m.of.String()
	i := m.interval(key)
	c.Low, c.High, c.P, c.Method = i.low, i.high, i.p, i.method
	c.Rounding = rounding(c.Nats, c.P, a, b)
	c.Warnings = append(m.warnings(), c.leftOut()...)
	return c, nil
}

// rounding reports whether a difference that is no noise is one that float32
// makes.
func rounding(nats, p float64, a, b Entry) bool {
	return nats != 0 && p <= level && math.Abs(nats) <= 0x1p-23*max(math.Abs(a.Likelihood.Nats), math.Abs(b.Likelihood.Nats))
}

// seen is the greater part of either side's events.
func seen(a, b Entry) Seen {
	if a.Seen == Training || b.Seen == Training {
		return Training
	}
	return cmp.Or(a.Seen, b.Seen)
}

// leftOut warns of events that are infinite under both.
func (c *Comparison) leftOut() []string {
	if c.InfiniteBoth == 0 {
		return nil
	}
	return []string{zero(worst(c.KindA, c.KindB), plural(c.InfiniteBoth, "event")) + " under both: left out"}
}

// worst is what is known of two numbers together, for events that are infinite
// under both.
func worst(a, b surprisal.Knowledge) surprisal.Knowledge {
	for _, k := range []surprisal.Knowledge{surprisal.Estimate, surprisal.LowerBound, surprisal.UpperBound} {
		if a == k || b == k {
			return k
		}
	}
	return surprisal.Exact
}

// pair returns the differences and counts infinite events and those won.
// A difference with an infinite side is infinite.
func (c *Comparison) pair(a, b Entry) sample {
	s := sample{x: make([]float64, len(a.Nats)), w: a.Weight, group: a.Group, ordered: a.Ordered || b.Ordered}
	if s.w == nil {
		s.w = b.Weight
	}
	if s.group == nil {
		s.group = b.Group
	}
	total := 0.0
	for i, x := range a.Nats {
		y := b.Nats[i]
		infA, infB := math.IsInf(x, 1), math.IsInf(y, 1)
		s.x[i] = x - y
		w := s.weight(i)
		total += w
		switch {
		case infA && infB:
			s.x[i] = math.Inf(1) // Inf − Inf is NaN
			c.InfiniteBoth += positive(w)
		case infA:
			c.InfiniteA += positive(w)
		case infB:
			c.InfiniteB += positive(w)
		}
		switch {
		case x < y:
			c.WonA += w
		case y < x:
			c.WonB += w
		}
	}
	c.WonA /= total
	c.WonB /= total
	return s
}

func positive(w float64) int {
	if w > 0 {
		return 1
	}
	return 0
}

func checkPair(a, b Entry) error {
	if err := a.Likelihood.Comparable(b.Likelihood); err != nil {
		return err
	}
	for _, e := range []Entry{a, b} {
		if err := e.check(); err != nil {
			return fmt.Errorf("%w: %s: %w", surprisal.ErrNotComparable, e.Name, err)
		}
	}
	if a.Weight != nil && b.Weight != nil && !slices.Equal(a.Weight, b.Weight) {
		return fmt.Errorf("%w: the weights of their events differ; evaluate both on the same data and split", surprisal.ErrNotComparable)
	}
	if a.Group != nil && b.Group != nil && !slices.Equal(a.Group, b.Group) {
		return fmt.Errorf("%w: the groups of their events differ; evaluate both with the same group column", surprisal.ErrNotComparable)
	}
	return nil
}

// check finds an entry whose parts are not of one result.
func (e Entry) check() error {
	n := len(e.Nats)
	if n != e.Likelihood.N {
		return fmt.Errorf("it has the nats of %d events, want %d; evaluate it again", n, e.Likelihood.N)
	}
	if e.Weight != nil && len(e.Weight) != n || e.Group != nil && len(e.Group) != n {
		return fmt.Errorf("it has %d weights and %d groups for %d events; evaluate it again", len(e.Weight), len(e.Group), n)
	}
	for i, x := range e.Nats {
		if math.IsNaN(x) || math.IsInf(x, -1) {
			return fmt.Errorf("event %d has %g nats; evaluate it again", i, x)
		}
	}
	got, want := average(sample{x: e.Nats, w: e.Weight}.finite()), e.Likelihood.Nats
	if (got == got || want == want) && !(math.Abs(got-want) <= 1e-9*max(1, math.Abs(want))) { // both are NaN if all are infinite
		return fmt.Errorf("the nats of its events average to %g, its result says %g; evaluate it again", got, want)
	}
	return nil
}
