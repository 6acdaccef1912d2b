package kern

// The coefficients of erf come from gen/fit.
const (
	erfSmall = 0.9375
	erfC0    = 0.128379166
	erfC1    = -0.376126289
	erfC2    = 0.112836257
	erfC3    = -0.026855737
	erfC4    = 0.00519243814
	erfC5    = -0.000805038435
	erfC6    = 8.00027919e-05

	erfMax = 4 // erf rounds to 1 from 3.92 on
	erfcC0 = 0.000223494309
	erfcC1 = 1.12756133
	erfcC2 = 0.637373686
	erfcC3 = 0.10376443
	erfcC4 = -0.0221467204
	erfcC5 = 0.00302318693
	erfcC6 = -0.000193903572
)

// erf returns x + x·p(x²) near zero and 1 - exp(-q(|x|)) beyond.
func erf(x float32) float32 {
	a := abs(x)
	c := a
	if a > erfMax {
		c = erfMax
	}
	q := FMA(erfcC6, c, erfcC5)
	q = FMA(q, c, erfcC4)
	q = FMA(q, c, erfcC3)
	q = FMA(q, c, erfcC2)
	q = FMA(q, c, erfcC1)
	q = FMA(q, c, erfcC0)
	y := 1 - exp(-q)
	if a < erfSmall {
		z := x * x
		p := FMA(erfC6, z, erfC5)
		p = FMA(p, z, erfC4)
		p = FMA(p, z, erfC3)
		p = FMA(p, z, erfC2)
		p = FMA(p, z, erfC1)
		p = FMA(p, z, erfC0)
		y = FMA(p, a, a)
	}
	return withSign(y, x)
}
