package cpu

import (
	"math"

	"github.com/surprisal-go/surprisal/internal/kern"
)

const (
	// shortRow is the length up to which rows are turned into columns: kernel
	// calls by row cost more than the row itself.
	shortRow = 15
	minRows  = 8  // below which that does not pay
	lanes    = 16 // of kern.Impl.Sum, at least shortRow
)

// columns computes n short rows at once, element after element of all rows,
// with the bits of along.
func (s *softmax) columns(out, x []float32, n int, buf []float32) {
	d := s.d
	shift, sum, cols := buf[:n], buf[n:(1+lanes)*n], buf[(1+lanes)*n:][:d*n]
	col := func(i int) []float32 { return cols[i*n : (i+1)*n] }
	s.Transpose(cols, n, x, d, n, d)
	s.MaxRows(shift, cols, d, n, n)
	for r, m := range shift {
		if !(m >= -math.MaxFloat32 && m <= math.MaxFloat32) {
			shift[r] = 0
		}
	}
	for i := range d {
		s.Binary(kern.Sub, col(i), col(i), shift)
	}
	s.Unary(kern.Exp, cols, cols)
	s.sumColumns(sum, cols, n)
	sum = sum[:n]
	if s.logSum {
		s.Unary(kern.Log, sum, sum)
		s.Binary(kern.Add, out, sum, shift)
		return
	}
	for i := range d {
		s.Binary(kern.Div, col(i), col(i), sum)
	}
	s.Transpose(out, d, cols, n, d, n)
}

// sumColumns leaves the sums of rows, in the order of kern.Impl.Sum, in the
// first n elements of l, whose lanes of n begin as the first columns. Absent
// lanes would add +0, which exponentials do not notice.
func (s *softmax) sumColumns(l, cols []float32, n int) {
	have := s.d
	copy(l, cols)
	for half := lanes / 2; half > 0; half /= 2 {
		if more := have - half; more > 0 {
			s.Binary(kern.Add, l[:more*n], l, l[half*n:])
			have = half
		}
	}
}
