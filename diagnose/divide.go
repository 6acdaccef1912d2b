package diagnose

import (
	"fmt"
	"slices"
	"sort"

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

// dividers are the ways to cut events into parts: by label, by cluster, by the
// values of a discrete feature with few of them, or by the quarters of another
// one.
type dividers struct {
	names    [][]string // of the parts, by way
	labels   int        // or 0
	clusters *Clusters
	least    [][]float64 // by column: part k begins at least[k]
}

// dividersOf are all ways to divide events like those of b.
func dividersOf(b *surprisal.Batch, clusters *Clusters) *dividers {
	d := &dividers{clusters: clusters}
	if k := len(b.LabelNames); b.Label != nil && k <= mostParts {
		d.labels = k
		names := make([]string, k)
		for code, name := range b.LabelNames {
			names[code] = "label = " + name
		}
		d.names = append(d.names, names)
	}
	if clusters != nil {
		d.names = append(d.names, clusters.Names)
	}
	fields := b.Space.Columns()
	rows := make([]float64, b.Len()*len(fields))
	b.Float64s(rows, 0)
	column := make([]float64, b.Len())
	for j, f := range fields {
		for i := range column {
			column[i] = rows[i*len(fields)+j]
		}
		names, least := cutsOf(f, column)
		d.names, d.least = append(d.names, names), append(d.least, least)
	}
	return d
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
		for j, least := range d.least {
			out[way+j][i] = uint8(max(0, sort.Search(len(least), func(k int) bool { return least[k] > row[j] })-1))
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

// cutsOf are the values of a feature of few levels, or its quarters: the names
// of the parts and the least value of each.
func cutsOf(f surprisal.Field, column []float64) (names []string, least []float64) {
	sorted := slices.Sorted(slices.Values(column))
	levels := slices.Compact(slices.Clone(sorted))
	if f.Discrete() && len(levels) <= mostLevels {
		for _, v := range levels {
			names = append(names, nameOf(f, v))
		}
		return names, levels
	}
	q := func(i int) float64 { return sorted[len(sorted)*i/4] }
	least = slices.Compact([]float64{sorted[0], q(1), q(2), q(3)})
	for k, lo := range least {
		switch {
		case k == 0 && len(least) == 1:
			names = append(names, f.Name)
		case k == 0:
			names = append(names, fmt.Sprintf("%s < %.4g", f.Name, least[1]))
		case k == len(least)-1:
			names = append(names, fmt.Sprintf("%s ≥ %.4g", f.Name, lo))
		default:
			names = append(names, fmt.Sprintf("%.4g ≤ %s < %.4g", lo, f.Name, least[k+1]))
		}
	}
	return names, least
}

// nameOf is the condition that a feature has a value.
func nameOf(f surprisal.Field, v float64) string {
	if f.Labels != nil && int(v) < len(f.Labels) {
		return f.Name + " = " + f.Labels[int(v)]
	}
	return fmt.Sprintf("%s = %g", f.Name, v)
}
