package fmath

import "math"

// atanhTail are the coefficients of (2·atanh(s) − 2s) / s³ in s²: the
// remainder for |s| ≤ 0.1716 is below 2⁻⁵⁸ of the whole.
var atanhTail = [...]float64{2. / 3, 2. / 5, 2. / 7, 2. / 9, 2. / 11, 2. / 13, 2. / 15, 2. / 17, 2. / 19, 2. / 21, 2. / 23}

// Log returns the natural logarithm: −Inf at 0, NaN below.
func Log(x float64) float64 {
	switch {
	case x != x || x > math.MaxFloat64:
		return x
	case x < 0:
		return math.NaN()
	case x == 0:
		return math.Inf(-1)
	}
	m, k := split(x)
	return logNear(m-1, k, 0)
}

// split returns m in [√½, √2) and k with x = m·2ᵏ, for positive finite x.
func split(x float64) (m float64, k int) {
	if x < 0x1p-1022 {
		x *= 0x1p54
		k = -54
	}
	b := math.Float64bits(x)
	k += int(b>>52) - 1023
	m = math.Float64frombits(b&(1<<52-1) | 1023<<52)
	if m >= math.Sqrt2 {
		return m / 2, k + 1
	}
	return m, k
}

// logNear returns k·ln 2 + log(1 + f) + c for 1 + f in [√½, √2) and a small
// correction c. With s = f / (2 + f), log(1 + f) = 2·atanh(s) = f − s·(f − R),
// R = (2·atanh(s) − 2s) / s, and s·f is f²/2 but for a small remainder, so the
// form f − (f²/2 − s·(f²/2 + R)) loses nothing to rounding.
func logNear(f float64, k int, c float64) float64 {
	s := f / (2 + f)
	z := s * s
	w := z * z
	even := math.FMA(math.FMA(math.FMA(math.FMA(math.FMA(atanhTail[10], w, atanhTail[8]), w, atanhTail[6]), w, atanhTail[4]), w, atanhTail[2]), w, atanhTail[0])
	odd := math.FMA(math.FMA(math.FMA(math.FMA(atanhTail[9], w, atanhTail[7]), w, atanhTail[5]), w, atanhTail[3]), w, atanhTail[1])
	r := float64(z * math.FMA(odd, z, even))
	half := float64(0.5 * f * f)
	n := float64(k)
	if k == 0 {
		return f - (half - math.FMA(s, half+r, c))
	}
	tail := math.FMA(s, half+r, math.FMA(n, ln2Lo, c))
	return float64(n*ln2Hi) - ((half - tail) - f)
}

// Log1p returns log(1 + x), accurate near zero.
func Log1p(x float64) float64 {
	switch {
	case x != x || x > math.MaxFloat64 || x == 0:
		return x
	case x < -1:
		return math.NaN()
	case x == -1:
		return math.Inf(-1)
	case x > math.Sqrt2/2-1 && x < math.Sqrt2-1:
		return logNear(x, 0, 0)
	}
	u := twoSum(1, x)
	m, k := split(u.hi)
	return logNear(m-1, k, u.lo/u.hi)
}

// logDD returns log x for positive finite x to a relative error near 2⁻⁶⁴.
func logDD(x float64) dd {
	m, k := split(x)
	f := m - 1
	den := twoSum(m, 1)
	s := dd{hi: f / den.hi}
	s.lo = (math.FMA(-s.hi, den.hi, f) - float64(s.hi*den.lo)) / den.hi
	z := s.mul(s)
	// 2s·(1 + z·(1/3 + z·t)): only the last term is in plain double
	t := horner(z.hi, atanhTail[1:]) / 2
	u := fastTwoSum(1./3, float64(z.hi*t))
	u.lo += 0x1.5555555555555p-56 // 1/3 − float64(1/3)
	v := z.mul(u)
	w := fastTwoSum(1, v.hi)
	w.lo += v.lo
	l := s.mul(w)
	n := float64(k)
	sum := twoSum(float64(n*ln2Hi), 2*l.hi)
	sum.lo += math.FMA(n, ln2Lo, 2*l.lo)
	return fastTwoSum(sum.hi, sum.lo)
}

// Pow returns xʸ for x ≥ 0; a negative x gives NaN.
func Pow(x, y float64) float64 {
	switch {
	case y == 0 || x == 1:
		return 1
	case x != x || y != y || x < 0:
		return math.NaN()
	case x == 0 || x > math.MaxFloat64:
		if (x == 0) == (y > 0) {
			return 0
		}
		return math.Inf(1)
	}
	l := logDD(x)
	hi := float64(y * l.hi)
	if hi > 2*maxExp || hi < 2*minExp {
		return expSum(hi, 0)
	}
	return expSum(hi, math.FMA(y, l.lo, math.FMA(y, l.hi, -hi)))
}

// Softplus returns log(1 + eˣ).
func Softplus(x float64) float64 {
	return max(x, 0) + Log1p(Exp(-math.Abs(x)))
}

// LogSumExp returns log Σ exp(xᵢ), summed in order; −Inf for none.
func LogSumExp(xs []float64) float64 {
	top := math.Inf(-1)
	for _, x := range xs {
		if x != x {
			return x
		}
		top = max(top, x)
	}
	if math.IsInf(top, 0) {
		return top
	}
	sum := 0.0
	for _, x := range xs {
		sum += Exp(x - top)
	}
	return top + Log(sum)
}
