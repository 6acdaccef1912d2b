package diagnose

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/surprisal-go/surprisal"
)

// Slice is a part of the events that a label, a cluster or a feature's value
// marks out, and how the model does there beside a baseline.
type Slice struct {
	// Name says what marks it out, as in "label = 7" or "age ≥ 61".
	Name string `json:"name"`
	// Events in it.
	Events int `json:"events"`
	// Nats is the model's mean over them, Saving that of nats(baseline) −
	// nats(model), and StdErr the standard error of Saving.
	Nats   float64 `json:"nats"`
	Saving float64 `json:"saving"`
	StdErr float64 `json:"std_err"`
	// Lost reports whether the baseline is better there beyond chance, among
	// all slices that were looked at, and by a hundredth of a nat or more.
	Lost bool `json:"lost"`
}

const (
	// leastSlice is the fewest events of a slice: an error needs some.
	leastSlice = 20
	// chance is that of any false finding among all slices looked at.
	chance = 0.01
	// trifle is a difference in nats an event that nobody minds: 1% of its
	// probability.
	trifle = 0.01
)

// SlicesOf looks at every label, every cluster, every value of discrete
// features with few of them, and every quarter of the others, and returns all
// slices, those in which the model saves least in standard errors first. nats
// and baseline are those of the events of b under the model and under a
// baseline (N); clusters may be nil.
func SlicesOf(b *surprisal.Batch, nats, baseline []float64, clusters *Clusters) []Slice {
	var out []Slice
	d := dividersOf(b, clusters)
	for way, parts := range d.parts(b) {
		sums := make([]moments, len(d.names[way]))
		for i, k := range parts {
			if saved := baseline[i] - nats[i]; k != none && !math.IsInf(saved, 0) && !math.IsNaN(saved) {
				sums[k].add(nats[i], saved)
			}
		}
		for k, m := range sums {
			if m.n >= leastSlice && m.n < len(nats) {
				out = append(out, m.slice(d.names[way][k]))
			}
		}
	}
	markLost(out)
	slices.SortStableFunc(out, func(x, y Slice) int { return cmp.Compare(x.z(), y.z()) })
	return out
}

// moments are sums over the events of a slice.
type moments struct {
	n                   int
	nats, saved, square float64
}

func (m *moments) add(nats, saved float64) {
	m.n++
	m.nats += nats
	m.saved += saved
	m.square += saved * saved
}

func (m moments) slice(name string) Slice {
	n := float64(m.n)
	mean := m.saved / n
	variance := max(0, m.square/n-mean*mean) * n / (n - 1)
	return Slice{Name: name, Events: m.n, Nats: m.nats / n, Saving: mean, StdErr: math.Sqrt(variance / n)}
}

// z is the saving in standard errors.
func (s Slice) z() float64 { return s.Saving / max(s.StdErr, math.SmallestNonzeroFloat64) }

// markLost marks the slices in which the baseline is better.
func markLost(all []Slice) {
	p := make([]float64, len(all))
	for i, s := range all {
		p[i] = below(s.z(), s.Events-1)
	}
	for _, i := range holm(p) {
		all[i].Lost = all[i].Saving < -trifle
	}
}

// below is the chance that Student's t with so many degrees of freedom is at
// most z.
func below(z float64, freedom int) float64 {
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
