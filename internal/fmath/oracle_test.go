package fmath

import (
	"math"
	"math/big"
)

// The oracle: textbook series in 400-bit arithmetic.

const bits = 400

func num(x float64) *big.Float { return new(big.Float).SetPrec(bits).SetFloat64(x) }
func add(x, y *big.Float) *big.Float {
	return new(big.Float).SetPrec(bits).Add(x, y)
}
func sub(x, y *big.Float) *big.Float { return new(big.Float).SetPrec(bits).Sub(x, y) }
func mul(x, y *big.Float) *big.Float { return new(big.Float).SetPrec(bits).Mul(x, y) }
func quo(x, y *big.Float) *big.Float { return new(big.Float).SetPrec(bits).Quo(x, y) }

// series sums first, first·ratio(1), first·ratio(1)·ratio(2), … until a term vanishes.
func series(first *big.Float, ratio func(n int) *big.Float) *big.Float {
	sum, term := first, first
	for n := 1; ; n++ {
		term = mul(term, ratio(n))
		if term.Sign() == 0 || term.MantExp(nil) < -2*bits || term.MantExp(nil) < sum.MantExp(nil)-bits {
			return sum
		}
		sum = add(sum, term)
	}
}

// bigExp returns eˣ = (e^(x/2ᵏ))^(2ᵏ).
func bigExp(x *big.Float) *big.Float {
	k := max(0, x.MantExp(nil)+8)
	y := new(big.Float).SetMantExp(x, -k)
	e := series(num(1), func(n int) *big.Float { return quo(y, num(float64(n))) })
	for range k {
		e = mul(e, e)
	}
	return e
}

// bigLog returns log x by Newton steps on bigExp.
func bigLog(x *big.Float) *big.Float {
	m := new(big.Float)
	k := x.MantExp(m)
	f, _ := m.Float64()
	y := num(math.Log(f) + float64(k)*math.Ln2)
	for range 5 {
		e := bigExp(y)
		y = add(y, mul(num(2), quo(sub(x, e), add(x, e))))
	}
	return y
}

// bigLog1p returns log(1 + x).
func bigLog1p(x *big.Float) *big.Float { return bigLog(add(num(1), x)) }

// bigSin returns sin x; the terms of arguments up to 60 cancel within the precision.
func bigSin(x *big.Float) *big.Float {
	z := mul(x, x)
	return series(x, func(n int) *big.Float { return quo(z, num(-float64(2*n)*float64(2*n+1))) })
}

func bigCos(x *big.Float) *big.Float {
	z := mul(x, x)
	return series(num(1), func(n int) *big.Float { return quo(z, num(-float64(2*n)*float64(2*n-1))) })
}

// bigPi is 16·atan(1/5) − 4·atan(1/239) (Machin).
func bigPi() *big.Float {
	atanInv := func(n float64) *big.Float {
		sum, p := num(0), quo(num(1), num(n))
		for k := 0; p.MantExp(nil) > -bits; k++ {
			t := quo(p, num(float64(2*k+1)))
			if k%2 == 1 {
				t.Neg(t)
			}
			sum = add(sum, t)
			p = quo(p, num(n*n))
		}
		return sum
	}
	return sub(mul(num(16), atanInv(5)), mul(num(4), atanInv(239)))
}

// bigErf is 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (2n+1)!!.
func bigErf(x *big.Float) *big.Float {
	z := mul(num(2), mul(x, x))
	s := series(x, func(n int) *big.Float { return quo(z, num(float64(2*n+1))) })
	c := quo(num(2), new(big.Float).SetPrec(bits).Sqrt(bigPi()))
	neg := mul(x, x)
	return mul(mul(c, s), bigExp(neg.Neg(neg)))
}

func bigErfc(x *big.Float) *big.Float { return sub(num(1), bigErf(x)) }

func bigNormCDF(x *big.Float) *big.Float {
	r := quo(x, new(big.Float).SetPrec(bits).Sqrt(num(2)))
	return quo(bigErfc(r.Neg(r)), num(2))
}

// ulps is the error of got in units in the last place of want.
func ulps(got float64, want *big.Float) float64 {
	w, _ := want.Float64()
	if got == w {
		return 0
	}
	unit := math.Nextafter(math.Abs(w), math.Inf(1)) - math.Abs(w)
	d, _ := quo(sub(num(got), want), num(unit)).Float64()
	return math.Abs(d)
}
