package diagnose

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/surprisal-go/surprisal"
)

// Slice is a part of the events that a label or a feature's value marks out,
// and how the model does there beside a baseline.
type Slice struct {
	// Name says what marks it out, as in "label = 7" or "age ≥ 61".
	Name string
	// Events in it.
	Events int
	// Saving is the mean over its events of nats(baseline) − nats(model), and
	// StdErr its standard error.
	Saving, StdErr float64
	// Lost reports whether the baseline is better there beyond chance, among
	// all slices that were looked at.
	Lost bool
}

const (
	// leastSlice is the fewest events of a slice.
	leastSlice = 20
	// mostLevels is the most values of a feature that are slices each.
	mostLevels = 20
	// lostLevel is the chance of any false loss among all slices.
	lostLevel = 0.01
)

// SlicesOf looks at every label, every value of discrete features with few of
// them, and every quarter of the others, and returns all slices, those in which
// the model saves least in standard errors first. nats and baseline are those
// of the events of b under the model and under a baseline (N).
func SlicesOf(b *surprisal.Batch, nats, baseline []float64) []Slice {
	var out []Slice
	add := func(name string, in func(i int) bool) {
		if s, ok := sliceOf(name, nats, baseline, in); ok {
			out = append(out, s)
		}
	}
	for code, name := range b.LabelNames {
		add("label = "+name, func(i int) bool { return b.Label[i] == int32(code) })
	}
	fields := b.Space.Columns()
	rows := make([]float64, b.Len()*len(fields))
	b.Float64s(rows, 0)
	column := make([]float64, b.Len())
	for j, f := range fields {
		for i := range column {
			column[i] = rows[i*len(fields)+j]
		}
		for _, c := range cutsOf(f, column) {
			add(c.name, func(i int) bool { return c.holds(rows[i*len(fields)+j]) })
		}
	}
	markLost(out)
	slices.SortStableFunc(out, func(x, y Slice) int { return cmp.Compare(x.z(), y.z()) })
	return out
}

// z is the saving in standard errors.
func (s Slice) z() float64 { return s.Saving / max(s.StdErr, math.SmallestNonzeroFloat64) }

func sliceOf(name string, nats, baseline []float64, in func(i int) bool) (Slice, bool) {
	var sum, square float64
	n := 0
	for i, v := range nats {
		if d := baseline[i] - v; in(i) && !math.IsInf(d, 0) && !math.IsNaN(d) {
			n++
			sum += d
			square += d * d
		}
	}
	if n < leastSlice || n == len(nats) {
		return Slice{}, false
	}
	mean := sum / float64(n)
	variance := max(0, square/float64(n)-mean*mean) * float64(n) / float64(n-1)
	return Slice{Name: name, Events: n, Saving: mean, StdErr: math.Sqrt(variance / float64(n))}, true
}

// markLost marks the slices in which the baseline is better, by one-sided tests
// corrected for their number (Holm 1979).
func markLost(all []Slice) {
	order := make([]int, len(all))
	p := make([]float64, len(all))
	for i, s := range all {
		order[i] = i
		t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(s.Events - 1)}
		p[i] = t.CDF(s.z())
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(p[i], p[j]) })
	for rank, i := range order {
		if p[i]*float64(len(all)-rank) > lostLevel {
			return
		}
		all[i].Lost = true
	}
}

// cut is a condition on a feature.
type cut struct {
	name  string
	holds func(v float64) bool
}

// cutsOf are the values of a feature of few levels, or its quarters.
func cutsOf(f surprisal.Field, column []float64) []cut {
	sorted := slices.Sorted(slices.Values(column))
	levels := slices.Compact(slices.Clone(sorted))
	var out []cut
	if f.Discrete() && len(levels) <= mostLevels {
		for _, v := range levels {
			name := fmt.Sprintf("%s = %g", f.Name, v)
			if f.Labels != nil && int(v) < len(f.Labels) {
				name = f.Name + " = " + f.Labels[int(v)]
			}
			out = append(out, cut{name, func(x float64) bool { return x == v }})
		}
		return out
	}
	q := func(i int) float64 { return sorted[len(sorted)*i/4] }
	low, middle, high := q(1), q(2), q(3)
	return append(out,
		cut{fmt.Sprintf("%s < %.4g", f.Name, low), func(x float64) bool { return x < low }},
		cut{fmt.Sprintf("%.4g ≤ %s < %.4g", low, f.Name, middle), func(x float64) bool { return low <= x && x < middle }},
		cut{fmt.Sprintf("%.4g ≤ %s < %.4g", middle, f.Name, high), func(x float64) bool { return middle <= x && x < high }},
		cut{fmt.Sprintf("%s ≥ %.4g", f.Name, high), func(x float64) bool { return x >= high }})
}
