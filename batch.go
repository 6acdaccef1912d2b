package surprisal

import (
	"fmt"
	"math"
)

// Batch is N events from one space. The zero value of every optional part
// means that it is absent. Batches are read-only once built: Slice and Take
// share memory.
type Batch struct {
	Space *Space
	// Columns has one entry per field of Space, each of N × Field.Size scalars.
	Columns []Column

	// IDs identify the events across batches (N); random draws are keyed by
	// them, so that an event's noise does not depend on its batch. Nil means
	// 0 … N−1.
	IDs []uint64
	// Lengths of ragged events (N).
	Lengths []int32
	// Mask marks observed scalars, true where observed (N × Dims); nil means all.
	Mask []bool
	// Context is what the events are conditioned on: N events of another space.
	Context *Batch
	// Label is a class for reading results by, never seen by an unconditional
	// model (N); LabelNames are its names by code.
	Label      []int32
	LabelNames []string
	// Group marks events that are not independent of each other (N).
	Group []int32
	// Weight counts an event more or less than once (N); nil means 1.
	Weight []float64
	// Ordered is set where events follow each other in time or in a text, so
	// that neighbours depend on each other. Slice keeps it, Take drops it.
	Ordered bool
}

// Len is the number of events N.
func (b *Batch) Len() int {
	if len(b.Columns) == 0 {
		return 0
	}
	return b.Columns[0].Len() / b.Space.Fields[0].Size()
}

// ID returns the id of event i.
func (b *Batch) ID(i int) uint64 {
	if b.IDs == nil {
		return uint64(i)
	}
	return b.IDs[i]
}

// Float64s writes events lo, lo+1, … as rows of Dims scalars, fields in order,
// into dst. The length of dst must be a multiple of Dims.
func (b *Batch) Float64s(dst []float64, lo int) {
	d := b.Space.Dims()
	n := len(dst) / d
	if n*d != len(dst) {
		panic(fmt.Sprintf("surprisal: Float64s into %d scalars, want a multiple of %d", len(dst), d))
	}
	if len(b.Columns) == 1 {
		b.Columns[0].Float64s(dst, lo*d)
		return
	}
	tmp := []float64(nil)
	at := 0
	for f, c := range b.Columns {
		size := b.Space.Fields[f].Size()
		if cap(tmp) < n*size {
			tmp = make([]float64, n*size)
		}
		tmp = tmp[:n*size]
		c.Float64s(tmp, lo*size)
		for r := range n {
			copy(dst[r*d+at:r*d+at+size], tmp[r*size:(r+1)*size])
		}
		at += size
	}
}

// Slice returns events lo … hi−1 without copying the columns.
func (b *Batch) Slice(lo, hi int) *Batch {
	out := *b
	out.Columns = make([]Column, len(b.Columns))
	for f, c := range b.Columns {
		size := b.Space.Fields[f].Size()
		out.Columns[f] = c.Slice(lo*size, hi*size)
	}
	out.IDs = make([]uint64, hi-lo)
	for i := range out.IDs {
		out.IDs[i] = b.ID(lo + i)
	}
	out.Lengths = sub(b.Lengths, lo, hi, 1)
	out.Mask = sub(b.Mask, lo, hi, b.Space.Dims())
	out.Label = sub(b.Label, lo, hi, 1)
	out.Group = sub(b.Group, lo, hi, 1)
	out.Weight = sub(b.Weight, lo, hi, 1)
	if b.Context != nil {
		out.Context = b.Context.Slice(lo, hi)
	}
	return &out
}

func sub[T any](v []T, lo, hi, size int) []T {
	if v == nil {
		return nil
	}
	return v[lo*size : hi*size : hi*size]
}

// Take returns a copy of the events of the given rows, in that order, with
// their ids.
func (b *Batch) Take(rows []int) *Batch {
	out := *b
	out.Ordered = false
	out.Columns = make([]Column, len(b.Columns))
	for f, c := range b.Columns {
		out.Columns[f] = c.Take(rows, b.Space.Fields[f].Size())
	}
	out.IDs = make([]uint64, len(rows))
	for i, r := range rows {
		out.IDs[i] = b.ID(r)
	}
	out.Lengths = take(b.Lengths, rows, 1)
	out.Mask = take(b.Mask, rows, b.Space.Dims())
	out.Label = take(b.Label, rows, 1)
	out.Group = take(b.Group, rows, 1)
	out.Weight = take(b.Weight, rows, 1)
	if b.Context != nil {
		out.Context = b.Context.Take(rows)
	}
	return &out
}

func take[T any](v []T, rows []int, size int) []T {
	if v == nil {
		return nil
	}
	out := make([]T, 0, len(rows)*size)
	for _, r := range rows {
		out = append(out, v[r*size:(r+1)*size]...)
	}
	return out
}

// Validate reports the first fault of the batch: columns that do not fit the
// space, a NaN or infinite value, a value off its field's grid. It reads every
// value once.
func (b *Batch) Validate() error {
	if b.Space == nil {
		return fmt.Errorf("batch has no space")
	}
	if err := b.Space.Validate(); err != nil {
		return err
	}
	if len(b.Columns) != len(b.Space.Fields) {
		return fmt.Errorf("batch has %d columns for %d fields", len(b.Columns), len(b.Space.Fields))
	}
	n := b.Len()
	for f, c := range b.Columns {
		field := b.Space.Fields[f]
		if c.Len() != n*field.Size() {
			return fmt.Errorf("field %q has %d values, want %d events × %d", field.Name, c.Len(), n, field.Size())
		}
		if err := validateValues(field, c, n); err != nil {
			return err
		}
	}
	for _, part := range []struct {
		name      string
		got, want int
	}{
		{"ids", len(b.IDs), n}, {"lengths", len(b.Lengths), n}, {"mask", len(b.Mask), n * b.Space.Dims()},
		{"labels", len(b.Label), n}, {"groups", len(b.Group), n}, {"weights", len(b.Weight), n},
	} {
		if part.got != 0 && part.got != part.want {
			return fmt.Errorf("batch of %d events has %d %s, want %d", n, part.got, part.name, part.want)
		}
	}
	if b.Context != nil {
		if m := b.Context.Len(); m != n {
			return fmt.Errorf("batch of %d events has context for %d", n, m)
		}
		if err := b.Context.Validate(); err != nil {
			return fmt.Errorf("context: %w", err)
		}
	}
	return nil
}

func validateValues(f Field, c Column, n int) error {
	size := f.Size()
	row := make([]float64, size)
	for i := range n {
		c.Float64s(row, i*size)
		for j, v := range row {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("event %d, field %q: value %g is not a number to model: drop the event or fix the source", i, f.Name, v)
			}
			if !f.Discrete() {
				continue
			}
			if _, ok := f.Index(v); !ok {
				return fmt.Errorf("event %d, field %q: value %g (scalar %d) does not lie on its %s", i, f.Name, v, j, f)
			}
		}
	}
	return nil
}
