package eval

import (
	"cmp"
	"encoding/json"
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
}

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
		N: len(a.Nats), Dims: a.Likelihood.Dims, Tests: 1,
	}
	m := meanOf(c.pair(a, b).finite())
	c.Nats, c.StdErr = m.value, m.stdErr
	i := m.interval(key)
	c.Low, c.High, c.P, c.Method = i.low, i.high, i.p, i.method
	c.Warnings = append(m.warnings(), c.leftOut()...)
	return c, nil
}

// leftOut warns of events that are infinite under both.
func (c *Comparison) leftOut() []string {
	if c.InfiniteBoth == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%d events have probability zero under both and are left out", c.InfiniteBoth)}
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

// Holm corrects the p-values of comparisons that are read together, so that
// the chance of any false verdict among them stays below 5% (Holm 1979). Call
// it once, on comparisons fresh from [Compare]. Intervals stay those of single
// comparisons.
func Holm(cs []Comparison) {
	order := make([]int, len(cs))
	for i := range order {
		order[i] = i
	}
	p := func(i int) float64 {
		if math.IsNaN(cs[i].P) {
			return 1
		}
		return cs[i].P
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(p(i), p(j)) })
	least := 0.0
	for rank, i := range order {
		least = max(least, min(1, float64(len(cs)-rank)*p(i)))
		cs[i].P, cs[i].Tests = least, len(cs)
	}
}

// MarshalJSON writes numbers that are not finite as null. Where one side alone
// has infinite events, the difference nats is null and the mean over the other
// events is finite_nats.
func (c Comparison) MarshalJSON() ([]byte, error) {
	j := struct {
		A          string              `json:"a"`
		B          string              `json:"b"`
		KindA      surprisal.Knowledge `json:"kind_a"`
		KindB      surprisal.Knowledge `json:"kind_b"`
		Nats       *float64            `json:"nats"`
		FiniteNats *float64            `json:"finite_nats,omitempty"`
		StdErr     *float64            `json:"stderr"`
		Low        *float64            `json:"low"`
		High       *float64            `json:"high"`
		Method     Method              `json:"method"`
		P          *float64            `json:"p"`
		Tests      int                 `json:"tests"`
		BitsPerDim *float64            `json:"bits_per_dim"`
		N          int                 `json:"n"`
		Dims       float64             `json:"dims"`
		WonA       *float64            `json:"won_a"`
		WonB       *float64            `json:"won_b"`
		InfiniteA  int                 `json:"infinite_a"`
		InfiniteB  int                 `json:"infinite_b"`
		Both       int                 `json:"infinite_both"`
		Noise      bool                `json:"noise"`
		Verdict    string              `json:"verdict"`
		Warnings   []string            `json:"warnings"`
	}{
		A: c.A, B: c.B, KindA: c.KindA, KindB: c.KindB, StdErr: finite(c.StdErr), Low: finite(c.Low), High: finite(c.High),
		Method: c.Method, P: finite(c.P), Tests: c.Tests, N: c.N, Dims: c.Dims, WonA: finite(c.WonA), WonB: finite(c.WonB),
		InfiniteA: c.InfiniteA, InfiniteB: c.InfiniteB, Both: c.InfiniteBoth,
		Noise: c.Noise(), Verdict: c.Verdict(), Warnings: c.Warnings,
	}
	if c.InfiniteA+c.InfiniteB > 0 {
		j.FiniteNats = finite(c.Nats)
	} else {
		j.Nats, j.BitsPerDim = finite(c.Nats), finite(surprisal.Bits(c.Nats)/c.Dims)
	}
	if j.Warnings == nil {
		j.Warnings = []string{}
	}
	return json.Marshal(j)
}

func finite(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}
