package fmath

import "math"

const (
	maxExp = 709.782712893384   // exp overflows above
	minExp = -745.1332191019412 // exp rounds to 0 below
)

// Exp returns eˣ.
func Exp(x float64) float64 { return expSum(x, 0) }

// expSum returns exp(x + lo) for a small correction lo. Reduction: x = k·ln 2 +
// r with |r| ≤ ln 2 / 2, and then the Taylor polynomial of eʳ, whose remainder
// after degree 13 is below 2⁻⁵⁷.
func expSum(x, lo float64) float64 {
	switch {
	case x != x || x > maxExp:
		return x * math.Inf(1)
	case x < minExp:
		return 0
	}
	k, r, c := reduceExp(x, lo)
	// 1 + (r + (c + r²·p)): each bracket is smaller than what it is added to.
	s := r + math.FMA(float64(r*r), expTail(r), c)
	return scale(1+s, k)
}

// reduceExp returns k, r and c with x + lo = k·ln 2 + r + c and c below half a
// unit in the last place of r.
func reduceExp(x, lo float64) (k int, r, c float64) {
	n := math.RoundToEven(x * (1 / math.Ln2))
	hi := x - float64(n*ln2Hi)
	lo = math.FMA(-n, ln2Lo, lo)
	s := fastTwoSum(hi, lo)
	if math.Abs(lo) > math.Abs(hi) {
		s = twoSum(hi, lo)
	}
	return int(n), s.hi, s.lo
}

// expTail returns (eʳ − 1 − r) / r² for |r| ≤ ln 2 / 2, even and odd powers
// apart so that the two chains overlap.
func expTail(r float64) float64 {
	z := r * r
	even := math.FMA(math.FMA(math.FMA(math.FMA(math.FMA(1./479001600, z, 1./3628800), z, 1./40320), z, 1./720), z, 1./24), z, 1./2)
	odd := math.FMA(math.FMA(math.FMA(math.FMA(math.FMA(1./6227020800, z, 1./39916800), z, 1./362880), z, 1./5040), z, 1./120), z, 1./6)
	return math.FMA(odd, r, even)
}

// scale returns y·2ᵏ with one rounding.
func scale(y float64, k int) float64 {
	if k >= -1021 && k <= 1023 {
		return float64(y * pow2(k))
	}
	half := k >> 1 // y·2^half is exact, whether k overflows or leads to a subnormal
	return float64(y * pow2(half) * pow2(k-half))
}

// pow2 returns 2ᵏ for −1022 ≤ k ≤ 1023.
func pow2(k int) float64 { return math.Float64frombits(uint64(k+1023) << 52) }

// Expm1 returns eˣ − 1, accurate near zero.
func Expm1(x float64) float64 {
	switch {
	case x != x || x > maxExp:
		return x * math.Inf(1)
	case x < -40:
		return -1
	case x == 0:
		return x
	}
	k, r, c := 0, x, 0.0
	if math.Abs(x) > math.Ln2/2 {
		k, r, c = reduceExp(x, 0)
	}
	s := math.FMA(float64(r*r), expTail(r), c) // eʳ − 1 = r + s
	if k == 0 {
		return r + s
	}
	if k == 1024 {
		return scale(1+(r+s), k)
	}
	// 2ᵏ(r + s + (1 − 2⁻ᵏ)), the large term first
	one := 1.0
	if k < 64 {
		one -= pow2(-k)
	}
	t := twoSum(one, r)
	return scale(t.hi+(t.lo+s), k)
}

// Tanh returns the hyperbolic tangent.
func Tanh(x float64) float64 {
	a := math.Abs(x)
	switch {
	case a > 20: // 1 − tanh is below 2⁻⁵⁶
		return math.Copysign(1, x)
	case a >= 0.5:
		return math.Copysign(1-2/(Exp(2*a)+1), x)
	}
	t := Expm1(2 * x)
	return t / (t + 2)
}

// Sigmoid returns 1 / (1 + e⁻ˣ).
func Sigmoid(x float64) float64 {
	if x < 0 {
		e := Exp(x)
		return e / (1 + e)
	}
	return 1 / (1 + Exp(-x))
}
