package diagnose

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/surprisal-go/surprisal"
)

const (
	// clusters is the number of clusters: few enough that each holds many
	// events of a test set, and that their names say something.
	clusters = 8
	// clustered is the most events that centres are found from.
	clustered = 5000
	rounds    = 30
)

// Clusters are groups of like events, by k-means on standardised columns
// (Lloyd 1982) from centres drawn apart (Arthur and Vassilvitskii 2007).
// Categories count as a column of zeros and ones each.
type Clusters struct {
	// Names say what marks out the events that made each, as in "cluster 2 (in
	// training age high, city = Rome)": others that are nearest to its centre
	// may lack it.
	Names   []string
	columns []coordinate
	centres [][]float64
}

// coordinate is a standardised column, or whether it has a category.
type coordinate struct {
	at    int // column
	code  float64
	equal bool // whether the value is code
	shift float64
	scale float64
	above string // what a centre far above, or far below, is called
	below string
}

// ClustersOf finds clusters of training events; the key fixes them. It is nil
// for fewer than ten events a cluster, and where no column tells events apart.
func ClustersOf(b *surprisal.Batch, key surprisal.Key) *Clusters {
	if b.Len() < 10*clusters || b.Space.Ragged {
		return nil
	}
	b = Sample(b, clustered, key)
	c := &Clusters{columns: coordinates(b)}
	points := c.points(b)
	r := key.Named("diagnose.Clusters").Rand()
	if c.centres = seeds(points, r); len(c.centres) < 2 {
		return nil
	}
	for range rounds {
		if !c.move(points) {
			break
		}
	}
	c.name()
	return c
}

// Assign returns the cluster of every event (N).
func (c *Clusters) Assign(b *surprisal.Batch) []int32 {
	out := make([]int32, b.Len())
	row, p := make([]float64, b.Space.Dims()), make([]float64, len(c.columns))
	for i := range out {
		b.Float64s(row, i)
		c.standardize(p, row)
		out[i] = int32(c.nearest(p))
	}
	return out
}

func coordinates(b *surprisal.Batch) []coordinate {
	var out []coordinate
	for j, f := range b.Space.Columns() {
		switch {
		case f.Kind == surprisal.Categorical && f.Levels <= mostLevels:
			for code := range f.Levels {
				out = append(out, coordinate{at: j, code: float64(code), equal: true, above: nameOf(f, float64(code))})
			}
		case f.Kind == surprisal.Binary:
			out = append(out, coordinate{at: j, above: nameOf(f, 1), below: nameOf(f, 0)})
		case f.Kind != surprisal.Categorical:
			out = append(out, coordinate{at: j, above: f.Name + " high", below: f.Name + " low"})
		}
	}
	row := make([]float64, b.Space.Dims())
	n := float64(b.Len())
	for i := range b.Len() {
		b.Float64s(row, i)
		for k := range out {
			out[k].shift += out[k].of(row) / n
		}
	}
	for i := range b.Len() {
		b.Float64s(row, i)
		for k := range out {
			d := out[k].of(row) - out[k].shift
			out[k].scale += float64(d*d) / n
		}
	}
	return slices.DeleteFunc(out, func(c coordinate) bool { return !(c.scale > 0) })
}

func (c coordinate) of(row []float64) float64 {
	if !c.equal {
		return row[c.at]
	}
	if row[c.at] == c.code {
		return 1
	}
	return 0
}

// points are the standardised events.
func (c *Clusters) points(b *surprisal.Batch) [][]float64 {
	out := make([][]float64, b.Len())
	row := make([]float64, b.Space.Dims())
	for i := range out {
		b.Float64s(row, i)
		out[i] = make([]float64, len(c.columns))
		c.standardize(out[i], row)
	}
	return out
}

func (c *Clusters) standardize(dst, row []float64) {
	for k, col := range c.columns {
		dst[k] = (col.of(row) - col.shift) / math.Sqrt(col.scale)
	}
}

// seeds draws centres, each with a chance in the square of its distance to
// those before.
func seeds(points [][]float64, r *rand.Rand) [][]float64 {
	out := [][]float64{points[r.IntN(len(points))]}
	apart := make([]float64, len(points))
	for len(out) < clusters {
		total := 0.0
		for i, p := range points {
			if d := distance(p, out[len(out)-1]); len(out) == 1 || d < apart[i] {
				apart[i] = d
			}
			total += apart[i]
		}
		if total == 0 {
			break // fewer distinct events than clusters
		}
		left, at := total*r.Float64(), 0
		for ; at < len(points)-1 && left >= apart[at]; at++ {
			left -= apart[at]
		}
		out = append(out, points[at])
	}
	return out
}

// move puts every centre into the middle of its events and reports whether any
// has moved.
func (c *Clusters) move(points [][]float64) bool {
	sums, counts := make([][]float64, len(c.centres)), make([]float64, len(c.centres))
	for k := range sums {
		sums[k] = make([]float64, len(c.columns))
	}
	for _, p := range points {
		k := c.nearest(p)
		counts[k]++
		for j, v := range p {
			sums[k][j] += v
		}
	}
	moved := false
	for k, sum := range sums {
		if counts[k] == 0 {
			continue
		}
		for j := range sum {
			sum[j] /= counts[k]
		}
		moved = moved || !slices.Equal(sum, c.centres[k])
		c.centres[k] = sum
	}
	return moved
}

func (c *Clusters) nearest(p []float64) int {
	best, least := 0, math.Inf(1)
	for k, centre := range c.centres {
		if d := distance(p, centre); d < least {
			best, least = k, d
		}
	}
	return best
}

func distance(p, q []float64) float64 {
	d := 0.0
	for j, v := range p {
		d += float64((v - q[j]) * (v - q[j]))
	}
	return d
}
