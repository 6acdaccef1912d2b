package diagnose

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/surprisal-go/surprisal"
)

// mostLevels is the most values of a feature that are parts each.
const mostLevels = 20

// mostParts is the most parts of one way to divide; none is the part of events
// that fall into no part.
const (
	mostParts = 250
	none      = 255
)

// Marks of a part of the events: what tells it from the others.
const (
	ByLabel   = "label"
	ByCluster = "cluster"
	ByColumn  = "column"
)

// dividers are the ways to cut events into parts: by label, by cluster, and by
// every column.
type dividers struct {
	names    [][]string // of the parts, by way
	by       []string   // marks, by way
	labels   int        // or 0
	clusters *Clusters
	cuts     []cut // by column
}

// dividersOf are all ways to divide events like those of b. The windows of one
// long text have no columns to divide by: their places mean nothing.
func dividersOf(b *surprisal.Batch, clusters *Clusters) *dividers {
	d := &dividers{clusters: clusters}
	add := func(by string, names []string) { d.by, d.names = append(d.by, by), append(d.names, names) }
	if k := len(b.LabelNames); b.Label != nil && k <= mostParts {
		d.labels = k
		names := make([]string, k)
		for code, name := range b.LabelNames {
			names[code] = "label = " + name
		}
		add(ByLabel, names)
	}
	if clusters != nil {
		add(ByCluster, clusters.Names)
	}
	if OneText(b) {
		return d
	}
	fields := b.Space.Columns()
	for j, column := range columnsOf(b) {
		c := cutOf(fields[j], column)
		d.cuts = append(d.cuts, c)
		add(ByColumn, c.names)
	}
	return d
}

// columnsOf are the values of every column (D × N).
func columnsOf(b *surprisal.Batch) [][]float64 {
	out := make([][]float64, b.Space.Dims())
	for j := range out {
		out[j] = make([]float64, b.Len())
	}
	row := make([]float64, len(out))
	for i := range b.Len() {
		b.Float64s(row, i)
		for j, v := range row {
			out[j][i] = v
		}
	}
	return out
}

// parts are the parts of every event of b, by way (N each).
func (d *dividers) parts(b *surprisal.Batch) [][]uint8 {
	out := make([][]uint8, len(d.names))
	for way := range out {
		out[way] = make([]uint8, b.Len())
	}
	way := 0
	for _, codes := range d.codes(b) {
		for i := range out[way] {
			out[way][i] = none
			if codes != nil && codes[i] >= 0 && int(codes[i]) < len(d.names[way]) {
				out[way][i] = uint8(codes[i])
			}
		}
		way++
	}
	row := make([]float64, b.Space.Dims())
	for i := range b.Len() {
		b.Float64s(row, i)
		for j, c := range d.cuts {
			out[way+j][i] = c.part(row[j])
		}
	}
	return out
}

// codes are the labels and the clusters of events, as far as they divide.
func (d *dividers) codes(b *surprisal.Batch) (out [][]int32) {
	if d.labels > 0 {
		out = append(out, b.Label)
	}
	if d.clusters != nil {
		out = append(out, d.clusters.Assign(b))
	}
	return out
}

// cut divides by a column: by its values, or into ranges.
type cut struct {
	names  []string
	from   []float64 // ascending: part k is the value from[k], or begins there
	ranges bool
}

func (c cut) part(v float64) uint8 {
	k, found := slices.BinarySearch(c.from, v)
	switch {
	case found:
		return uint8(k)
	case c.ranges:
		return uint8(max(0, k-1))
	}
	return none
}

// cutOf divides a discrete column of few values by each of them, categories by
// the most frequent ones, and any other column into quarters.
func cutOf(f surprisal.Field, column []float64) (c cut) {
	sorted := slices.Sorted(slices.Values(column))
	levels := slices.Compact(slices.Clone(sorted))
	if f.Kind == surprisal.Categorical {
		levels = frequent(column, mostLevels)
	}
	if f.Discrete() && len(levels) <= mostLevels {
		for _, v := range levels {
			c.names = append(c.names, nameOf(f, v))
		}
		c.from = levels
		return c
	}
	q := func(i int) float64 { return sorted[len(sorted)*i/4] }
	c.from, c.ranges = slices.Compact([]float64{sorted[0], q(1), q(2), q(3)}), true
	for k, lo := range c.from {
		switch {
		case len(c.from) == 1:
			c.names = append(c.names, f.Name)
		case k == 0:
			c.names = append(c.names, fmt.Sprintf("%s < %.4g", f.Name, c.from[1]))
		case k == len(c.from)-1:
			c.names = append(c.names, fmt.Sprintf("%s ≥ %.4g", f.Name, lo))
		default:
			c.names = append(c.names, fmt.Sprintf("%.4g ≤ %s < %.4g", lo, f.Name, c.from[k+1]))
		}
	}
	return c
}

// frequent are the n most frequent values, ascending.
func frequent(column []float64, n int) []float64 {
	counts := map[float64]int{}
	for _, v := range column {
		counts[v]++
	}
	var all []float64
	for v := range counts {
		all = append(all, v)
	}
	slices.SortFunc(all, func(x, y float64) int { return cmp.Or(cmp.Compare(counts[y], counts[x]), cmp.Compare(x, y)) })
	all = all[:min(n, len(all))]
	slices.Sort(all)
	return all
}

// nameOf is the condition that a feature has a value.
func nameOf(f surprisal.Field, v float64) string {
	if f.Labels != nil && int(v) < len(f.Labels) {
		return f.Name + " = " + f.Labels[int(v)]
	}
	return fmt.Sprintf("%s = %g", f.Name, v)
}
