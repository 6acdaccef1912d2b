package diagnose

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/digits"
	"github.com/surprisal-go/surprisal/internal/fmath"
)

// Slice is a part of the events that a label, a cluster or a feature's value
// marks out, and how the model does there beside a baseline.
type Slice struct {
	// Name says what marks it out, as in "label = 7" or "age ≥ 61"; By is
	// [ByLabel], [ByCluster] or [ByColumn].
	Name string `json:"name"`
	By   string `json:"by"`
	// Events in it.
	Events int `json:"events"`
	// Nats is the model's mean over them, Saving that of nats(baseline) −
	// nats(model), and StdErr the standard error of Saving.
	Nats   float64 `json:"nats"`
	Saving float64 `json:"saving"`
	StdErr float64 `json:"stderr"`
	// Allowed is what the truth itself may lose to the baseline there, in nats:
	// see [SlicesOf].
	Allowed float64 `json:"allowed"`
	// Lost reports whether the baseline is better there by more than Allowed,
	// beyond chance among all slices that were looked at, and by a hundredth of
	// a nat or more.
	Lost bool `json:"lost"`

	chance float64 // of losing as much, if the model were the truth
}

const (
	// leastSlice is the fewest events of a slice: an error needs some.
	leastSlice = 20
	// leastUnits is the fewest groups or blocks of a slice that are tested:
	// errors of fewer are too uncertain for chances as small as these.
	leastUnits = 10
	// chance is that of any false finding among all slices looked at.
	chance = 0.01
	// trifle is a difference in nats an event that nobody minds: 1% of its
	// probability.
	trifle = 0.01
)

// Scored are events with their nats under a model and under a baseline.
type Scored struct {
	Events         *surprisal.Batch
	Nats, Baseline []float64 // N each
	// Units number what is independent of each other (N): groups of the events
	// or blocks of neighbours; nil where each event is one of its own.
	Units []int32
}

// SlicesOf looks at every label, every cluster, every value of discrete
// features with few of them, and every quarter of the others, and returns all
// slices with events of two units or more, the weakest first: those where the
// upper end of a 95% interval of what the model saves is least. clusters may be
// nil.
//
// In a part A of the events that is marked out by their own values, the true p
// itself may lose to a baseline q: E[ln p/q | A] is ln p(A)/q(A) plus a
// divergence, which is never negative, and q may give A more mass than it has.
// So a slice is lost by what goes beyond that. q(A) is the share of A among
// drawn, events drawn from the baseline. Of labels, which are not drawn, and
// where drawn is nil, no more is known than q(A) ≤ 1.
func SlicesOf(s Scored, drawn *surprisal.Batch, clusters *Clusters) []Slice {
	d := dividersOf(s.Events, clusters)
	var mock [][]uint8
	if drawn != nil {
		mock = d.parts(drawn)
	}
	t := newTally(s)
	var out []Slice
	for way, parts := range d.parts(s.Events) {
		var in []int // drawn events, by part
		if d.by[way] != ByLabel && drawn != nil {
			in = counts(mock[way], len(d.names[way]))
		}
		for k, m := range t.of(parts, len(d.names[way])) {
			if m.units < 2 || m.n == t.n || d.by[way] == ByColumn && m.n < leastSlice {
				continue
			}
			one := m.slice(t, in, k, drawn)
			one.Name, one.By = d.names[way][k], d.by[way]
			out = append(out, one)
		}
	}
	markLost(out)
	slices.SortStableFunc(out, func(x, y Slice) int { return cmp.Compare(x.most(), y.most()) })
	return out
}

func counts(parts []uint8, n int) []int {
	out := make([]int, n)
	for _, k := range parts {
		if k != none {
			out[k]++
		}
	}
	return out
}

// slice is what the moments of a part say, beside the drawn events in each
// part.
func (m moments) slice(t *tally, in []int, k int, drawn *surprisal.Batch) Slice {
	n := float64(m.n)
	s := Slice{Events: m.n, Nats: m.nats / n, Saving: m.saved / n, StdErr: math.Sqrt(m.square) / n, chance: 1}
	if s.StdErr < 1e-9 { // rounding, of equal events
		s.StdErr = 0
	}
	share, mass, variance := n/float64(t.n), 1.0, m.both/(n*n)
	if in != nil {
		of := float64(drawn.Len())
		mass = float64(in[k]+1) / (of + 1)
		variance += (1 - mass) / (mass * of)
	}
	s.Allowed = max(0, fmath.Log(mass/share))
	if m.n >= leastSlice && m.units >= leastUnits {
		s.chance = below((s.Saving+s.Allowed)/math.Sqrt(variance), m.units-1)
	}
	return s
}

// String says how the model does there: nats, what it saves, and where it loses
// what the truth itself might.
func (s Slice) String() string {
	text := fmt.Sprintf("%s, %s: %.4g nats, saves %s", s.Name, digits.Counted(s.Events, "event"), s.Nats, measured(s.Saving, s.StdErr))
	if s.Saving < -trifle && s.Allowed > trifle {
		text += fmt.Sprintf(" (the truth might lose %.2g)", s.Allowed)
	}
	return text
}

// most is the upper end of a 95% interval of the saving.
func (s Slice) most() float64 { return s.Saving + float64(2*s.StdErr) }

// markLost marks the slices in which the baseline is better.
func markLost(all []Slice) {
	p := make([]float64, len(all))
	for i, s := range all {
		p[i] = s.chance
	}
	for _, i := range holm(p) {
		all[i].Lost = all[i].Saving+all[i].Allowed < -trifle
	}
}

// below is the chance that Student's t with so many degrees of freedom is at
// most z; 1 where z is not known.
func below(z float64, freedom int) float64 {
	if math.IsNaN(z) {
		return 1
	}
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(freedom)}.CDF(z)
}

// holm returns the tests that hold together, with that chance that
// any is false: those of the least p, corrected for the number of all (Holm
// 1979).
func holm(p []float64) []int {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(p[i], p[j]) })
	for rank, i := range order {
		if p[i]*float64(len(p)-rank) > chance {
			return order[:rank]
		}
	}
	return order
}
