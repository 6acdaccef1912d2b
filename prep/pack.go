package prep

import (
	"fmt"

	"github.com/surprisal-go/surprisal"
)

// ContinuousTwin returns the space with every field real: that of dequantised
// events.
func ContinuousTwin(space *surprisal.Space) *surprisal.Space {
	out := &surprisal.Space{Ragged: space.Ragged}
	for _, f := range space.Fields {
		out.Fields = append(out.Fields, surprisal.Field{Name: f.Name, Shape: f.Shape, Axes: f.Axes})
	}
	return out
}

// Pack returns a batch of the events in rows (N × D), values in raw units as
// Batch.Float64s writes them, each column in the narrowest type that holds its
// field exactly.
func Pack(space *surprisal.Space, rows []float64) *surprisal.Batch {
	d := space.Dims()
	if len(rows)%d != 0 {
		panic(fmt.Sprintf("prep: Pack of %d scalars, want a multiple of %d", len(rows), d))
	}
	out := &surprisal.Batch{Space: space}
	at := 0
	for _, f := range space.Fields {
		out.Columns = append(out.Columns, column(f, rows, at, d))
		at += f.Size()
	}
	return out
}

// column gathers the scalars at … at+Size−1 of every row.
func column(f surprisal.Field, rows []float64, at, d int) surprisal.Column {
	if !f.Discrete() {
		return gather[float64](rows, at, f.Size(), d)
	}
	low, step, levels := f.Grid()
	whole := low == float64(int32(low)) && step == float64(int32(step))
	switch {
	case whole && low >= 0 && levels > 0 && low+step*float64(levels-1) <= 255:
		return gather[uint8](rows, at, f.Size(), d)
	case whole && f.Kind != surprisal.Grid:
		return gather[int32](rows, at, f.Size(), d)
	}
	return gather[float64](rows, at, f.Size(), d)
}

func gather[T uint8 | int32 | float64](rows []float64, at, size, d int) surprisal.Values[T] {
	out := make(surprisal.Values[T], 0, len(rows)/d*size)
	for lo := at; lo < len(rows); lo += d {
		for _, v := range rows[lo : lo+size] {
			out = append(out, T(v))
		}
	}
	return out
}
