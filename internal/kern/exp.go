package kern

// The constants of exp and its relatives. Coefficients come from gen/fit.
const (
	log2e = 1.44269504

	// rounder is 1.5·2^23. Adding it to a float32 below 2^22 leaves the nearest
	// integer in the low bits of the sum.
	rounder     = 12582912
	rounderBits = 0x4b400000

	// ln 2 = ln2Hi + ln2Lo. The high part needs no trailing zeros, because
	// n·ln2Hi is exact inside a fused multiply-add.
	ln2Hi = 0.693147182
	ln2Lo = -1.9046543e-09

	// expMin is the least x with e^x ≥ 2^-126, expMax the largest with a finite
	// e^x.
	expMin = -87.33654022216797
	expMax = 88.72283172607422

	expC0 = 0.49999994
	expC1 = 0.166665211
	expC2 = 0.0416682959
	expC3 = 0.00836871564
	expC4 = 0.0013818359
)

// expReduce splits x = n·ln 2 + r with |r| ≤ (ln 2)/2, for x in the range of
// exp; outside, the values mean nothing.
func expReduce(x float32) (r float32, n uint32) {
	t := FMA(x, log2e, rounder)
	n = bits(t) - rounderBits
	f := t - rounder
	r = FMA(f, -ln2Hi, x)
	return FMA(f, -ln2Lo, r), n
}

// expPoly returns (e^r - 1 - r)/r² for |r| ≤ (ln 2)/2.
func expPoly(r float32) float32 {
	p := FMA(expC4, r, expC3)
	p = FMA(p, r, expC2)
	p = FMA(p, r, expC1)
	return FMA(p, r, expC0)
}

// exp returns e^x = 2^n·e^r, the power of two added to the exponent's bits.
func exp(x float32) float32 {
	r, n := expReduce(x)
	p := FMA(FMA(expPoly(r), r, 1), r, 1)
	y := fromBits(bits(p) + n<<23)
	if !(x >= expMin) {
		y = 0
	}
	if !(x <= expMax) {
		y = x * inf
	}
	return y
}

// expm1 returns e^x - 1 = 2·(s·(e^r - 1) + (s - 1/2)) with s = 2^(n-1), so that
// s stays finite up to the end of the range.
func expm1(x float32) float32 {
	c := x
	if x < -20 {
		c = -20
	}
	r, n := expReduce(c)
	p := FMA(float32(expPoly(r)*r), r, r)
	s := fromBits((n + 126) << 23)
	y := FMA(s, p, s-0.5)
	y += y
	if !(x <= expMax) {
		y = x * inf
	}
	if abs(x) < 0x1p-25 {
		y = x
	}
	return y
}

// sigmoid returns 1/(1+e^-x), through e = e^-|x| so that nothing overflows and
// the lower tail keeps its digits. With n = e below zero and n = 1 above it is
// n/(1+e), written n - e·(n/(1+e)) so that the rounding of the quotient counts
// e times only.
func sigmoid(x float32) float32 {
	e := exp(withSign(abs(x), -1))
	n := float32(1)
	if bits(x)&signBit != 0 {
		n = e
	}
	return FMA(-e, n/(1+e), n)
}

const (
	tanhSmall = 0.625
	tanhC0    = -0.333332807
	tanhC1    = 0.133314103
	tanhC2    = -0.0537372679
	tanhC3    = 0.0206317231
	tanhC4    = -0.00569734583
)

// tanh returns an odd polynomial near zero and 1 - 2/(e^2|x| + 1) beyond.
func tanh(x float32) float32 {
	a := abs(x)
	y := 1 - 2/(exp(a+a)+1)
	if a < tanhSmall {
		z := x * x
		p := FMA(tanhC4, z, tanhC3)
		p = FMA(p, z, tanhC2)
		p = FMA(p, z, tanhC1)
		p = FMA(p, z, tanhC0)
		y = FMA(float32(p*z), a, a)
	}
	return withSign(y, x)
}
