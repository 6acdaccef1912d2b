package fmath

import "math"

// maxTrig bounds the arguments of Sin and Cos: up to here k·π/2 is exact in
// the parts below.
const maxTrig = 0x1p20

// π/2 in parts of 33 bits, so that k times a part is exact for k < 2²⁰.
const (
	halfPi1 = 0x1.921fb544p+0
	halfPi2 = 0x1.0b4611a6p-34
	halfPi3 = 0x1.3198a2ep-69
	halfPi4 = 0x1.b839a252049c1p-104
)

// Sin returns the sine of x radians, |x| ≤ 2²⁰; NaN beyond.
func Sin(x float64) float64 {
	if x == 0 {
		return x
	}
	q, r, ok := reduceTrig(x)
	if !ok {
		return math.NaN()
	}
	return quadrant(q, r)
}

// Cos returns the cosine of x radians, |x| ≤ 2²⁰; NaN beyond.
func Cos(x float64) float64 {
	q, r, ok := reduceTrig(x)
	if !ok {
		return math.NaN()
	}
	return quadrant(q+1, r)
}

func quadrant(q int, r dd) float64 {
	var v float64
	if q&1 == 0 {
		v = sinNear(r)
	} else {
		v = cosNear(r)
	}
	if q&2 != 0 {
		return -v
	}
	return v
}

// reduceTrig returns q and r with x = q·π/2 + r, |r| ≤ π/4 (Cody and Waite).
func reduceTrig(x float64) (q int, r dd, ok bool) {
	if !(math.Abs(x) <= maxTrig) {
		return 0, dd{}, false
	}
	n := math.RoundToEven(x * (2 / math.Pi))
	if n == 0 {
		return 0, dd{x, 0}, true
	}
	a := twoSum(x-float64(n*halfPi1), -float64(n*halfPi2)) // the first difference is exact
	b := twoSum(a.hi, -float64(n*halfPi3))
	lo := math.FMA(-n, halfPi4, b.lo+a.lo)
	return int(n), twoSum(b.hi, lo), true
}

var (
	// Taylor coefficients in r², remainders below 2⁻⁶⁰ of the whole at π/4
	sinTail = []float64{-1. / 6, 1. / 120, -1. / 5040, 1. / 362880, -1. / 39916800, 1. / 6227020800, -1. / 1307674368000, 1. / 355687428096000}
	cosTail = []float64{1. / 24, -1. / 720, 1. / 40320, -1. / 3628800, 1. / 479001600, -1. / 87178291200, 1. / 20922789888000, -1. / 6402373705728000}
)

func sinNear(r dd) float64 {
	z := r.hi * r.hi
	return r.hi + math.FMA(float64(r.hi*z), horner(z, sinTail), r.lo)
}

func cosNear(r dd) float64 {
	z := r.hi * r.hi
	half := float64(z / 2)
	w := 1 - half
	lost := (1 - w) - half
	return w + (lost + math.FMA(float64(z*z), horner(z, cosTail), -float64(r.hi*r.lo)))
}
