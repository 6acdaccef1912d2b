package eval

import "math"

// exactSum adds float64s without rounding error: its partials are terms that
// do not overlap and whose sum is that of everything added (Shewchuk 1997). The
// value is rounded once, so it does not depend on the order of the terms.
type exactSum struct{ partials []float64 }

// add adds a finite x.
func (s *exactSum) add(x float64) {
	kept := 0
	for _, y := range s.partials {
		if math.Abs(x) < math.Abs(y) {
			x, y = y, x
		}
		high := x + y
		if low := y - (high - x); low != 0 {
			s.partials[kept] = low
			kept++
		}
		x = high
	}
	s.partials = append(s.partials[:kept], x)
}

// value is the sum, rounded to the nearest float64.
func (s *exactSum) value() float64 {
	n := len(s.partials) - 1
	if n < 0 {
		return 0
	}
	high, low := s.partials[n], 0.0
	for n > 0 && low == 0 {
		n--
		x, y := high, s.partials[n]
		high = x + y
		low = y - (high - x)
	}
	// high + low is exact, but what is below low decides a tie.
	if n > 0 && low != 0 && math.Signbit(low) == math.Signbit(s.partials[n-1]) {
		twice := 2 * low
		if x := high + twice; x-high == twice {
			high = x
		}
	}
	return high
}
