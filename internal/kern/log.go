package kern

// The coefficients of log come from gen/fit.
const (
	// sqrtHalfBits is √½: mantissas are taken from [√½, √2).
	sqrtHalfBits = 0x3f3504f3

	logC0 = 0.333333313
	logC1 = -0.250008196
	logC2 = 0.200012416
	logC3 = -0.166234091
	logC4 = 0.142015815
	logC5 = -0.131596133
	logC6 = 0.127621979
	logC7 = -0.0763639584
)

// logSplit writes a positive normal u as m·2^e with m in [√½, √2).
func logSplit(u float32) (m float32, e int32) {
	e = int32(bits(u)-sqrtHalfBits) >> 23
	return fromBits(bits(u) - uint32(e)<<23), e
}

// logTail returns ln(1+f) + e·ln 2 for 1+f in [√½, √2].
func logTail(f float32, e int32) float32 {
	p := FMA(logC7, f, logC6)
	p = FMA(p, f, logC5)
	p = FMA(p, f, logC4)
	p = FMA(p, f, logC3)
	p = FMA(p, f, logC2)
	p = FMA(p, f, logC1)
	p = FMA(p, f, logC0)
	p = FMA(p, f, -0.5)
	y := FMA(float32(p*f), f, f)
	y = FMA(float32(e), ln2Lo, y)
	return FMA(float32(e), ln2Hi, y)
}

// log returns ln x. Subnormals are scaled up by 2^23 first.
func log(x float32) float32 {
	u, shift := x, int32(0)
	if x < minNormal {
		u, shift = x*(1<<23), 23
	}
	m, e := logSplit(u)
	y := logTail(m-1, e-shift)
	if !(x > 0) {
		y = nan()
	}
	if x == 0 {
		y = -inf
	}
	if !(x < inf) {
		y = x
	}
	return y
}

// log1pSum returns ln(big + small) where one of the two is 1 and
// big ≥ |small|. The rounding error of the sum is carried in c.
func log1pSum(big, small float32) float32 {
	u := big + small
	c := small - (u - big)
	m, e := logSplit(u)
	scale := fromBits(uint32(max(127-e, 0)) << 23) // 2^-e, and 0 at the far end
	return logTail(FMA(c, scale, m-1), e)
}

// log1p returns ln(1+x), which has the sign of x.
func log1p(x float32) float32 {
	big, small := x, float32(1)
	if x < 1 {
		big, small = 1, x
	}
	y := log1pSum(big, small)
	y = fromBits(bits(y) | bits(x)&signBit)
	if x == -1 {
		y = -inf
	}
	if x < -1 {
		y = nan()
	}
	if !(x < inf) {
		y = x
	}
	return y
}

// softplus returns ln(1+e^x) = max(x, 0) + ln(1 + e^-|x|).
func softplus(x float32) float32 {
	return max(x, 0) + log1pSum(1, exp(withSign(abs(x), -1)))
}
