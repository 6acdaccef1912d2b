package fmath

import "math"

// dd is an unevaluated sum hi + lo with |lo| at most half a unit in the last
// place of hi: about 106 bits (Dekker 1971).
type dd struct{ hi, lo float64 }

// twoSum returns a + b exactly (Knuth).
func twoSum(a, b float64) dd {
	s := a + b
	t := s - a
	return dd{s, (a - (s - t)) + (b - t)}
}

// mul returns x·y to about 104 bits.
func (x dd) mul(y dd) dd {
	p := float64(x.hi * y.hi)
	e := math.FMA(x.hi, y.hi, -p)
	e = math.FMA(x.hi, y.lo, math.FMA(x.lo, y.hi, e))
	return fastTwoSum(p, e)
}

// fastTwoSum returns a + b exactly, given |a| ≥ |b|.
func fastTwoSum(a, b float64) dd {
	s := a + b
	return dd{s, b - (s - a)}
}

// ln 2 in two parts: k·ln2Hi is exact for |k| < 2²¹.
const (
	ln2Hi = 0x1.62e42feep-1
	ln2Lo = 0x1.a39ef35793c76p-33
)

// horner evaluates c[0] + c[1]·x + c[2]·x² + …
func horner(x float64, c []float64) float64 {
	p := c[len(c)-1]
	for i := len(c) - 2; i >= 0; i-- {
		p = math.FMA(p, x, c[i])
	}
	return p
}
