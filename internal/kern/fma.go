package kern

import "math"

// minNormal is the smallest normal float32, 2^-126.
const minNormal = 0x1p-126

// FMA returns x·y + z rounded once to float32: what the hardware's
// single-precision fused multiply-add gives, in plain Go.
//
// The product of two float32 is exact in float64. The sum need not be, and
// rounding it twice goes wrong where the first rounding lands on a tie of the
// second. (For the same reason float32(math.FMA(x, y, z)) is not this
// function.) So where the float64 sum lies half-way between two float32, or
// where the result is subnormal and has fewer bits, the sum is first made odd
// in the direction of its error, which then decides the second rounding.
func FMA(x, y, z float32) float32 {
	s := float64(x)*float64(y) + float64(z)
	if math.Float64bits(s)&(1<<29-1) != 1<<28 && math.Abs(s) >= minNormal {
		return float32(s)
	}
	return fmaOdd(float64(x)*float64(y), float64(z))
}

// fmaOdd returns p + z rounded to float32 through round-to-odd. p and z are
// exact, and far from the ends of float64.
func fmaOdd(p, z float64) float32 {
	s := p + z
	if s == 0 || math.IsNaN(s) || math.IsInf(s, 0) {
		return float32(s)
	}
	// Knuth's two-sum: p + z = s + e exactly.
	v := s - p
	e := (p - (s - v)) + (z - v)
	w := math.Float64bits(s)
	if e != 0 && w&1 == 0 {
		if (e > 0) == (s > 0) {
			w++
		} else {
			w--
		}
	}
	return float32(math.Float64frombits(w))
}
