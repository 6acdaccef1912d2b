package fmath

import (
	"math"
	"math/rand/v2"
)

// NormCDF returns Φ(x), the distribution function of the standard normal,
// accurate in the lower tail.
func NormCDF(x float64) float64 {
	if x > -0.5 {
		return float64(0.5 * Erfc(float64(-x*(1/math.Sqrt2))))
	}
	if x < -39 { // below the least subnormal
		return 0
	}
	return float64(0.5 * expNegSquare(x, 1) * erfcx(float64(-x*(1/math.Sqrt2))))
}

// LogNormCDF returns log Φ(x), accurate in both tails.
func LogNormCDF(x float64) float64 {
	switch {
	case x > 0:
		return Log1p(-NormCDF(-x))
	case x > -1:
		return Log(NormCDF(x))
	case math.IsInf(x, -1):
		return x
	}
	return Log(float64(0.5*erfcx(float64(-x*(1/math.Sqrt2))))) - float64(0.5*x*x)
}

// NormQuantile returns x with Φ(x) = p: −Inf at 0, +Inf at 1, NaN outside
// [0, 1]. It is the rational approximation AS 241 PPND16 (Wichura 1988), of
// relative accuracy about 1e-16.
func NormQuantile(p float64) float64 {
	q := p - 0.5
	if math.Abs(q) <= 0.425 {
		r := 0.180625 - float64(q*q)
		return float64(q * ratio(r, &quantileMid))
	}
	tail := p
	if q > 0 {
		tail = 1 - p
	}
	switch {
	case p != p || p < 0 || p > 1:
		return math.NaN()
	case tail == 0:
		return math.Copysign(math.Inf(1), q)
	}
	r := math.Sqrt(-Log(tail))
	if r <= 5 {
		return math.Copysign(ratio(r-1.6, &quantileTail), q)
	}
	return math.Copysign(ratio(r-5, &quantileFar), q)
}

// rational is a quotient of two polynomials of degree 7, lowest power first.
type rational struct{ num, den [8]float64 }

func ratio(x float64, c *rational) float64 { return horner(x, c.num[:]) / horner(x, c.den[:]) }

// Wichura's coefficients a, b (|p − ½| ≤ 0.425), c, d (√−log p ≤ 5) and e, f.
var (
	quantileMid = rational{
		num: [8]float64{3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
			4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3},
		den: [8]float64{1, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
			2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3},
	}
	quantileTail = rational{
		num: [8]float64{1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
			1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4},
		den: [8]float64{1, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
			1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9},
	}
	quantileFar = rational{
		num: [8]float64{6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
			2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7},
		den: [8]float64{1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
			7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15},
	}
)

// Normal draws from the standard normal by the quantile of a uniform on 2⁵³
// cell centres: one draw of r each, |x| < 8.3. (NormFloat64 of package rand
// calls math.Exp and math.Log, so its bits depend on the machine.)
func Normal(r *rand.Rand) float64 {
	return NormQuantile((float64(r.Uint64()>>11) + 0.5) * 0x1p-53)
}
