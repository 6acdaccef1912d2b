package baseline

import (
	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/prep"
)

// cellSteps returns the grid step of every dim, 0 where real (D).
func cellSteps(space *surprisal.Space) []float64 {
	out := make([]float64, 0, space.Dims())
	for _, f := range space.Fields {
		step := 0.0
		if f.Discrete() {
			_, step, _ = f.Grid()
		}
		for range f.Size() {
			out = append(out, step)
		}
	}
	return out
}

// centres writes events lo, lo+1, … into rows (N × D), each discrete value as
// the centre of its cell, standardised by a.
func centres(rows []float64, b *surprisal.Batch, lo int, a *prep.Affine) {
	d := b.Space.Dims()
	b.Float64s(rows, lo)
	for j, s := range cellSteps(b.Space) {
		if s == 0 {
			continue
		}
		for i := j; i < len(rows); i += d {
			rows[i] += s / 2
		}
	}
	a.Forward(rows, make([]float64, len(rows)/d))
}

// standardize returns the map under which the dequantised training events have
// mean 0 and variance 1 (see prep.Standardize), and the part of that variance which centres does not
// show: that of uniform noise on the cells, step²/12, and all of it in a real
// column without spread, which has no scale of its own (D).
func standardize(train *surprisal.Batch) (a *prep.Affine, hidden []float64) {
	a = prep.Standardize(train)
	_, variance := prep.Moments(train)
	hidden = cellSteps(train.Space)
	for j, s := range hidden {
		s /= a.Scale[j]
		hidden[j] = float64(s*s) / 12
		if variance[j] == 0 {
			hidden[j] = 1
		}
	}
	return a, hidden
}

// values returns dim d of every event (N).
func values(b *surprisal.Batch, d int) []float64 {
	out := make([]float64, b.Len())
	for f, field := range b.Space.Fields {
		size := field.Size()
		if d >= size {
			d -= size
			continue
		}
		for i := range out {
			b.Columns[f].Float64s(out[i:i+1], i*size+d)
		}
		break
	}
	return out
}
