package kern

// The coefficients of sin and cos come from gen/fit.
const (
	trigMax = 1 << 20

	twoOverPi = 0.636619772

	// π/2 = halfPi1 + halfPi2 + halfPi3, each the float32 nearest to the rest.
	// x - n·halfPi1 is exact: it is a multiple of the last place of one of the
	// two and below 1.
	halfPi1 = 1.57079637
	halfPi2 = -4.37113883e-08
	halfPi3 = -1.71512451e-15

	sinC0 = -0.166666672
	sinC1 = 0.0083333794
	sinC2 = -0.000198530717
	sinC3 = 2.83271743e-06

	cosC0 = 0.0416666456
	cosC1 = -0.00138873106
	cosC2 = 2.44325656e-05
)

// sin returns sin x, which for the smallest x is x with its sign.
func sin(x float32) float32 {
	y := sinQuadrant(x, 0)
	if abs(x) < 0x1p-12 {
		y = x
	}
	return y
}

// cos returns cos x = sin(x + π/2).
func cos(x float32) float32 { return sinQuadrant(x, 1) }

// sinQuadrant returns sin(x + shift·π/2): with x = n·π/2 + r and |r| ≤ π/4, the
// sine or the cosine of r as n+shift is even or odd, negative where its second
// bit is set.
func sinQuadrant(x float32, shift uint32) float32 {
	t := FMA(x, twoOverPi, rounder)
	n := bits(t) - rounderBits + shift
	f := t - rounder
	r := FMA(f, -halfPi1, x)
	r = FMA(f, -halfPi2, r)
	r = FMA(f, -halfPi3, r)
	z := r * r

	s := FMA(sinC3, z, sinC2)
	s = FMA(s, z, sinC1)
	s = FMA(s, z, sinC0)
	s = FMA(float32(s*z), r, r)

	c := FMA(cosC2, z, cosC1)
	c = FMA(c, z, cosC0)
	c = FMA(c, z, -0.5)
	c = FMA(c, z, 1)

	y := s
	if n&1 != 0 {
		y = c
	}
	y = fromBits(bits(y) ^ (n&2)<<30)
	if !(abs(x) <= trigMax) {
		y = nan()
	}
	return y
}
