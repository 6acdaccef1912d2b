package eval

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/surprisal-go/surprisal"
)

// FamilyComparison is the difference of two families over seeds and test
// events: what B saves over A, whichever seed and whichever events are drawn,
// trained on the training events at hand: of others it does not speak. A
// [Comparison] speaks of the weights at hand alone.
//
// Nats are D = mean over A's seeds − mean over B's, of nats an event. Three
// things make it uncertain: A's seeds, B's seeds, which share nothing with A's,
// and the test events, which all seeds share:
//
//	V₁ = s²(A's seed means)/S(A)    with S(A)−1 degrees of freedom
//	V₂ = s²(B's seed means)/S(B)    with S(B)−1
//	V₃ = SE² over events of d       with G−1 for G clusters, as in the package comment
//
// where dᵢ is the difference of the two families' nats of event i, each averaged
// over its seeds. The 95% interval is D ± h,
//
//	h² = Σₖ tₖ²·Vₖ,  tₖ = Student's 97.5% quantile with the degrees of freedom of Vₖ
//
// (Banerjee, Sankhyā 22, 1960). Where D is normal and independent of the Vₖ, and
// its variance is Σ E V, it holds the truth, given the Vₖ, with probability
// F(Σ wₖ·tₖ²·uₖ), where F is the distribution of χ² with one degree of freedom,
// uₖ = Vₖ/E Vₖ and wₖ = E Vₖ/Σ E V. F is concave, so that this is at least
// Σ wₖ·F(tₖ²·uₖ), whose mean is 95%. So it holds for any number of seeds where
// seed means and event means are normal, and is wide where seeds are few (t is
// 12.7 for two). Welch's interval with as few degrees of freedom can be too
// short. The noise of one seed on one event counts twice, in V₁ or V₂ and in V₃:
// Σ E V is then more than the variance of D, which only widens the interval. Its
// coverage, simulated:
// go test -v -run FamilyCoverage ./eval
type FamilyComparison struct {
	A, B           string
	KindA, KindB   surprisal.Knowledge
	SeedsA, SeedsB int
	Nats           float64
	// SeedStdErr is √(V₁+V₂), EventStdErr is √V₃, StdErr √(V₁+V₂+V₃). NaN where
	// a family has one seed, of which the interval then says nothing either.
	SeedStdErr, EventStdErr, StdErr float64
	// Low and High are the 95% interval, P is the α at which it would end at 0,
	// or 1e-12 if it is less; [HolmFamilies] corrects it for Tests comparisons.
	Low, High, P float64
	Tests        int
	N            int
	Dims         float64
	// Clusters and Unit as in [Comparison].
	Clusters int
	Unit     string
	// InfiniteA, InfiniteB count the events that a seed of A or of B alone gives
	// probability zero, InfiniteBoth those of both; they are left out.
	InfiniteA, InfiniteB, InfiniteBoth int
	// Seen and Rounding as in [Comparison].
	Seen     Seen
	Rounding bool
	Warnings []string
	parts    []part // of the variance: A's seeds, B's seeds, events
}

// fewSeeds is the number of seeds below which the spread over them is a guess:
// the standard deviation of four normal numbers has an error of 40% itself.
const fewSeeds = 5

// CompareFamilies returns what family B saves over A. It refuses seeds on
// different events, measures or conditions with an error of kind
// surprisal.ErrNotComparable.
func CompareFamilies(a, b Family) (FamilyComparison, error) {
	x, err := a.Mean()
	if err != nil {
		return FamilyComparison{}, err
	}
	y, err := b.Mean()
	if err == nil {
		err = checkPair(x, y)
	}
	if err != nil {
		return FamilyComparison{}, fmt.Errorf("comparing %s with %s: %w", a.Name, b.Name, err)
	}
	c := Comparison{KindA: x.Likelihood.Kind, KindB: y.Likelihood.Kind} // and counts
	d := c.pair(x, y)
	m := meanOf(d.finite())
	parts := []part{a.seedPart(d.x), b.seedPart(d.x), {m.stdErr * m.stdErr, float64(m.clusters.len() - 1)}}
	f := FamilyComparison{
		A: a.Name, B: b.Name, KindA: c.KindA, KindB: c.KindB, SeedsA: len(a.Seeds), SeedsB: len(b.Seeds),
		Nats: m.value, SeedStdErr: math.Sqrt(parts[0].variance + parts[1].variance), EventStdErr: m.stdErr,
		N: len(x.Nats), Dims: x.Likelihood.Dims, Tests: 1,
		InfiniteA: c.InfiniteA, InfiniteB: c.InfiniteB, InfiniteBoth: c.InfiniteBoth, Warnings: append(m.warnings(), c.leftOut()...),
	}
	f.Seen, f.parts = seen(x, y), parts
	f.Clusters, f.Unit = m.clusters.len(), m.of.String()
	f.StdErr = math.Hypot(f.SeedStdErr, f.EventStdErr)
	h := half(parts, level)
	f.Low, f.High, f.P = f.Nats-h, f.Nats+h, pValue(parts, f.Nats)
	f.Rounding = rounding(f.Nats, f.P, x, y)
	if s := min(f.SeedsA, f.SeedsB); s > 1 && s < fewSeeds {
		f.Warnings = append(f.Warnings, fmt.Sprintf("only %d seeds: the spread over seeds is hardly known, and the interval is wide for it", s))
	}
	return f, nil
}

// seedPart is the part of the variance that the family's seeds give, over the
// events that are finite in d.
func (f Family) seedPart(d []float64) part {
	n := float64(len(f.Seeds))
	s := deviation(f.means(d))
	return part{s * s / n, n - 1}
}

// HolmFamilies is [Holm] for families.
func HolmFamilies(fs []FamilyComparison) {
	cs := make([]Comparison, len(fs))
	for i, f := range fs {
		cs[i].P = f.P
	}
	Holm(cs)
	for i, c := range cs {
		fs[i].P, fs[i].Tests = c.P, c.Tests
	}
}

// Comparison is the comparison of families in the form of one of weights: its
// error, interval and p-value are those over seeds and events.
func (f FamilyComparison) Comparison() Comparison {
	return Comparison{
		A: f.A, B: f.B, KindA: f.KindA, KindB: f.KindB, Nats: f.Nats, StdErr: f.StdErr, Low: f.Low, High: f.High,
		Method: OverSeeds, P: f.P, Tests: f.Tests, N: f.N, Dims: f.Dims, Clusters: f.Clusters, Unit: f.Unit,
		InfiniteA: f.InfiniteA, InfiniteB: f.InfiniteB, InfiniteBoth: f.InfiniteBoth, Warnings: f.Warnings,
		Seen: f.Seen, Rounding: f.Rounding,
	}
}

// Noise reports whether the difference may be noise of seeds or of events.
func (f FamilyComparison) Noise() bool { return f.Comparison().Noise() }

// Verdict says in a sentence what follows for the families, with both errors; the
// interval of few seeds is far wider than twice their sum. It begins
// with ~ where the difference may be noise.
func (f FamilyComparison) Verdict() string {
	for _, side := range []struct {
		name  string
		seeds int
	}{{f.A, f.SeedsA}, {f.B, f.SeedsB}} {
		if side.seeds < 2 {
			return fmt.Sprintf("~ no claim about families: one seed of %s does not show how far another would be", side.name)
		}
	}
	c := f.Comparison()
	errors := fmt.Sprintf("standard error over seeds %s, over events %s; %d and %d seeds",
		c.round(f.SeedStdErr), c.round(f.EventStdErr), f.SeedsA, f.SeedsB)
	if v, ok := strings.CutSuffix(c.Verdict(), ")"); ok {
		return v + "; " + errors + ")"
	}
	return fmt.Sprintf("%s (%s)", c.Verdict(), errors)
}

// MarshalJSON writes numbers that are not finite as null.
func (f FamilyComparison) MarshalJSON() ([]byte, error) {
	warnings := f.Warnings
	if warnings == nil {
		warnings = []string{}
	}
	return json.Marshal(struct {
		A           string              `json:"a"`
		B           string              `json:"b"`
		KindA       surprisal.Knowledge `json:"kind_a"`
		KindB       surprisal.Knowledge `json:"kind_b"`
		SeedsA      int                 `json:"seeds_a"`
		SeedsB      int                 `json:"seeds_b"`
		Nats        *float64            `json:"nats"`
		SeedStdErr  *float64            `json:"stderr_over_seeds"`
		EventStdErr *float64            `json:"stderr_over_events"`
		StdErr      *float64            `json:"stderr"`
		Low         *float64            `json:"low"`
		High        *float64            `json:"high"`
		P           *float64            `json:"p"`
		Tests       int                 `json:"tests"`
		N           int                 `json:"n"`
		Clusters    int                 `json:"clusters"`
		Unit        string              `json:"unit"`
		InfiniteA   int                 `json:"infinite_a"`
		InfiniteB   int                 `json:"infinite_b"`
		Both        int                 `json:"infinite_both"`
		Seen        Seen                `json:"seen,omitempty"`
		Rounding    bool                `json:"rounding,omitempty"`
		Noise       bool                `json:"noise"`
		Verdict     string              `json:"verdict"`
		Warnings    []string            `json:"warnings"`
	}{f.A, f.B, f.KindA, f.KindB, f.SeedsA, f.SeedsB, f.finiteNats(), finite(f.SeedStdErr), finite(f.EventStdErr), finite(f.StdErr),
		finite(f.Low), finite(f.High), finite(f.P), f.Tests, f.N, f.Clusters, f.Unit, f.InfiniteA, f.InfiniteB, f.InfiniteBoth, f.Seen, f.Rounding, f.Noise(), f.Verdict(), warnings})
}

// finiteNats is null where one side alone has infinite events.
func (f FamilyComparison) finiteNats() *float64 {
	if f.InfiniteA+f.InfiniteB > 0 {
		return nil
	}
	return finite(f.Nats)
}
