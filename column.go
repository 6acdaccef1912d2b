package surprisal

// Column holds the values of one field for a number of events, event by event
// in row-major order, in raw data units. It is implemented by [Values] alone:
// choose the narrowest type that holds the values exactly (uint8 for pixels
// and bits, int32 for codes and counts, float64 for the rest).
type Column interface {
	// Len is the number of scalars: events × Field.Size.
	Len() int
	// Float64s writes scalars lo, lo+1, … as float64 into dst.
	Float64s(dst []float64, lo int)
	// Take returns the events of the given rows, each of size scalars.
	Take(rows []int, size int) Column
	// Slice returns scalars lo … hi−1 without copying.
	Slice(lo, hi int) Column
}

// Values is a column of one of the storage types.
type Values[T uint8 | int32 | float64] []T

// Len implements [Column].
func (v Values[T]) Len() int { return len(v) }

// Float64s implements [Column].
func (v Values[T]) Float64s(dst []float64, lo int) {
	for i, x := range v[lo : lo+len(dst)] {
		dst[i] = float64(x)
	}
}

// Take implements [Column].
func (v Values[T]) Take(rows []int, size int) Column {
	out := make(Values[T], len(rows)*size)
	for i, r := range rows {
		copy(out[i*size:(i+1)*size], v[r*size:(r+1)*size])
	}
	return out
}

// Slice implements [Column].
func (v Values[T]) Slice(lo, hi int) Column { return v[lo:hi:hi] }
