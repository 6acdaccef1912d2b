package fmath

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

var inf = math.Inf(1)

// functions is the table that every test below runs over: the function, its
// oracle, the range of arguments that the oracle serves, and the error allowed.
var functions = []struct {
	name   string
	f      func(float64) float64
	oracle func(*big.Float) *big.Float
	lo, hi float64
	logX   bool // arguments spread over their logarithm
	ulps   float64
}{
	{"Exp", Exp, bigExp, -700, 709, false, 1},
	{"Exp/near", Exp, bigExp, -1, 1, false, 1},
	{"Exp/subnormal", Exp, bigExp, -745, -708, false, 1},
	{"Log", Log, bigLog, 1e-320, 1e300, true, 1},
	{"Log/near", Log, bigLog, 0.5, 2, false, 1},
	{"Log1p", Log1p, bigLog1p, -0.999, 3, false, 2},
	{"Log1p/small", Log1p, bigLog1p, 1e-30, 1e10, true, 2},
	{"Expm1", Expm1, bigExpm1, -45, 50, false, 2},
	{"Expm1/small", Expm1, bigExpm1, 1e-30, 1, true, 2},
	{"Expm1/near", Expm1, bigExpm1, -1, 1, false, 2},
	{"Sin", Sin, bigSin, -50, 50, false, 1},
	{"Cos", Cos, bigCos, -50, 50, false, 1},
	{"Tanh", Tanh, bigTanh, -22, 22, false, 2},
	{"Tanh/small", Tanh, bigTanh, 1e-20, 1, true, 2},
	{"Sigmoid", Sigmoid, bigSigmoid, -700, 40, false, 2},
	{"Softplus", Softplus, bigSoftplus, -40, 40, false, 2},
	{"Erf", Erf, bigErf, -7, 7, false, 2},
	{"Erf/small", Erf, bigErf, 1e-20, 1, true, 2},
	{"Erfc", Erfc, bigErfc, -7, 9, false, 4},
	{"NormCDF", NormCDF, bigNormCDF, -12, 9, false, 4},
	{"LogNormCDF", LogNormCDF, bigLogNormCDF, -12, 9, false, 4},
}

func bigExpm1(x *big.Float) *big.Float      { return sub(bigExp(x), num(1)) }
func bigLogNormCDF(x *big.Float) *big.Float { return bigLog(bigNormCDF(x)) }
func bigSoftplus(x *big.Float) *big.Float   { return bigLog(add(num(1), bigExp(x))) }
func bigTanh(x *big.Float) *big.Float {
	e := bigExp(mul(num(2), x))
	return quo(sub(e, num(1)), add(e, num(1)))
}
func bigSigmoid(x *big.Float) *big.Float {
	e := bigExp(x)
	return quo(e, add(num(1), e))
}

func TestAccuracy(t *testing.T) {
	n := 1000
	if testing.Short() {
		n = 60
	}
	for _, c := range functions {
		t.Run(c.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			worst, at := 0.0, 0.0
			for range n {
				x := c.lo + r.Float64()*(c.hi-c.lo)
				if c.logX {
					x = math.Exp(math.Log(c.lo) + r.Float64()*(math.Log(c.hi)-math.Log(c.lo)))
				}
				if u := ulps(c.f(x), c.oracle(num(x))); u > worst || u != u {
					worst, at = u, x
				}
			}
			t.Logf("worst error %.2f ulp at %g", worst, at)
			if !(worst <= c.ulps) {
				t.Errorf("error %.2f ulp at %g, want at most %g", worst, at, c.ulps)
			}
		})
	}
}

func TestSinNearMultiplesOfPi(t *testing.T) {
	pi := bigPi()
	for _, k := range []float64{1, 2, 3, 22, 355 / 2, 1 << 15, 333772} {
		multiple, _ := mul(pi, num(k)).Float64()
		if multiple > maxTrig {
			t.Fatalf("%g is out of range", multiple)
		}
		// sin(x) for x near kπ is ±(x − kπ) to first order in an error below 1e-9
		d := sub(num(multiple), mul(pi, num(k)))
		want := bigSin(d)
		if math.Mod(k, 2) == 1 {
			want.Neg(want)
		}
		if u := ulps(Sin(multiple), want); u > 1 {
			t.Errorf("Sin(%g) is off by %.2f ulp", multiple, u)
		}
	}
	if !math.IsNaN(Sin(2*maxTrig)) || !math.IsNaN(Cos(inf)) {
		t.Error("arguments out of range should give NaN")
	}
}

func TestPow(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	worst := 0.0
	for range 200 {
		x := math.Exp(20 * (r.Float64() - 0.5))
		y := 60 * (r.Float64() - 0.5)
		worst = max(worst, ulps(Pow(x, y), bigExp(mul(num(y), bigLog(num(x))))))
	}
	t.Logf("worst error %.2f ulp", worst)
	if worst > 1 {
		t.Errorf("error %.2f ulp, want at most 1", worst)
	}
	for _, c := range []struct{ x, y, want float64 }{
		{2, 10, 1024}, {2, -1074, 0x1p-1074}, {2, 1023, 0x1p1023}, {2, 1024, inf}, {2, -1080, 0}, {9, 0.5, 3},
		{0, 2, 0}, {0, -2, inf}, {0, 0, 1}, {inf, 2, inf}, {inf, -2, 0}, {1, inf, 1}, {2, inf, inf}, {2, -inf, 0}, {0.5, inf, 0}, {5, 0, 1},
	} {
		if got := Pow(c.x, c.y); got != c.want {
			t.Errorf("Pow(%g, %g) = %g, want %g", c.x, c.y, got, c.want)
		}
	}
	if !math.IsNaN(Pow(-1, 2)) {
		t.Error("Pow of a negative number should be NaN")
	}
}

func TestQuantile(t *testing.T) {
	for _, p := range []float64{1e-300, 1e-100, 1e-20, 1e-8, 0.001, 0.07, 0.0751, 0.3, 0.49, 0.5, 0.77, 0.99, 1 - 1e-12} {
		x := NormQuantile(p)
		// the error of x, judged by Φ(x) at 400 bits and Φ′(x)
		cdf := bigNormCDF(num(x))
		if x < -12 { // the oracle's series cancels there
			cdf = num(NormCDF(x))
		}
		d, _ := sub(cdf, num(p)).Float64()
		density := math.Exp(-x*x/2) / math.Sqrt(2*math.Pi)
		if err := math.Abs(d / density); err > 1e-15*max(1, math.Abs(x)) {
			t.Errorf("NormQuantile(%g) = %g is off by %g", p, x, err)
		}
	}
	for _, c := range []struct{ p, want float64 }{{0, -inf}, {1, inf}, {0.5, 0}} {
		if got := NormQuantile(c.p); got != c.want {
			t.Errorf("NormQuantile(%g) = %g, want %g", c.p, got, c.want)
		}
	}
	if !math.IsNaN(NormQuantile(-0.1)) || !math.IsNaN(NormQuantile(1.1)) {
		t.Error("NormQuantile outside [0, 1] should be NaN")
	}
}

func TestNormalTails(t *testing.T) {
	// asymptotic: log Φ(x) = −x²/2 − log(−x√(2π)) + log(1 − 1/x² + 3/x⁴ − …)
	for _, x := range []float64{-30, -37.5, -100, -1e5} {
		want := -x*x/2 - math.Log(-x*math.Sqrt(2*math.Pi)) + math.Log1p(-1/(x*x)+3/math.Pow(x, 4)-15/math.Pow(x, 6))
		if got := LogNormCDF(x); math.Abs(got-want) > 1e-9+1e-15*math.Abs(want) {
			t.Errorf("LogNormCDF(%g) = %.17g, want %.17g", x, got, want)
		}
	}
	if got := LogNormCDF(-inf); got != -inf {
		t.Errorf("LogNormCDF(-Inf) = %g", got)
	}
	if got := Log(NormCDF(-38)); math.Abs(got-LogNormCDF(-38)) > 1e-3 {
		t.Errorf("log of NormCDF(-38) = %g, LogNormCDF %g", got, LogNormCDF(-38))
	}
}

func TestSpecialValues(t *testing.T) {
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"Exp(+Inf)", Exp(inf), inf}, {"Exp(-Inf)", Exp(-inf), 0}, {"Exp(0)", Exp(0), 1}, {"Exp(710)", Exp(710), inf}, {"Exp(-746)", Exp(-746), 0},
		{"Log(0)", Log(0), -inf}, {"Log(1)", Log(1), 0}, {"Log(+Inf)", Log(inf), inf},
		{"Log1p(-1)", Log1p(-1), -inf}, {"Log1p(+Inf)", Log1p(inf), inf},
		{"Expm1(-Inf)", Expm1(-inf), -1}, {"Expm1(+Inf)", Expm1(inf), inf},
		{"Tanh(+Inf)", Tanh(inf), 1}, {"Tanh(-Inf)", Tanh(-inf), -1},
		{"Sigmoid(-Inf)", Sigmoid(-inf), 0}, {"Sigmoid(+Inf)", Sigmoid(inf), 1}, {"Sigmoid(0)", Sigmoid(0), 0.5},
		{"Softplus(-Inf)", Softplus(-inf), 0}, {"Softplus(+Inf)", Softplus(inf), inf},
		{"Erf(+Inf)", Erf(inf), 1}, {"Erfc(+Inf)", Erfc(inf), 0}, {"Erfc(-Inf)", Erfc(-inf), 2}, {"NormCDF(-Inf)", NormCDF(-inf), 0}, {"NormCDF(0)", NormCDF(0), 0.5},
		{"LogSumExp()", LogSumExp(nil), -inf}, {"LogSumExp(-Inf)", LogSumExp([]float64{-inf, -inf}), -inf}, {"LogSumExp(+Inf)", LogSumExp([]float64{1, inf}), inf},
		{"LogSumExp(1000,1000)", LogSumExp([]float64{1000, 1000}), 1000 + math.Ln2},
	} {
		if c.got != c.want {
			t.Errorf("%s = %g, want %g", c.name, c.got, c.want)
		}
	}
	if got := Expm1(math.Copysign(0, -1)); got != 0 || !math.Signbit(got) {
		t.Error("Expm1(-0) should be -0")
	}
	nan := math.NaN()
	for _, c := range functions {
		if got := c.f(nan); !math.IsNaN(got) {
			t.Errorf("%s(NaN) = %g", c.name, got)
		}
	}
	if !math.IsNaN(Log(-1)) || !math.IsNaN(Log1p(-2)) || !math.IsNaN(LogSumExp([]float64{1, nan, inf})) {
		t.Error("domain errors should give NaN")
	}
}

func TestNormalMoments(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	const n = 20000
	var m [5]float64
	for range n {
		x := Normal(r)
		for k, p := 1, x; k <= 4; k, p = k+1, p*x {
			m[k] += p / n
		}
	}
	// five standard errors of each raw moment
	for k, c := range []struct{ want, se float64 }{1: {0, 1}, 2: {1, math.Sqrt(2)}, 3: {0, math.Sqrt(15)}, 4: {3, math.Sqrt(96)}} {
		if k > 0 && math.Abs(m[k]-c.want) > 5*c.se/math.Sqrt(n) {
			t.Errorf("moment %d is %g, want %g", k, m[k], c.want)
		}
	}
}

// TestGolden holds every bit: the hash was made on amd64 and must come out the
// same under any GOARCH and GOAMD64.
func TestGolden(t *testing.T) {
	const want = "7058754c0612f720"
	h := sha256.New()
	put := func(v float64) {
		if v != v {
			v = math.NaN() // one NaN
		}
		_ = binary.Write(h, binary.LittleEndian, math.Float64bits(v))
	}
	r := rand.New(rand.NewPCG(7, 8))
	for _, c := range functions {
		for range 2000 {
			u := r.Float64()
			put(c.f(c.lo + float64(u*(c.hi-c.lo))))
		}
	}
	xs := make([]float64, 50)
	for range 2000 {
		for i := range xs {
			xs[i] = Normal(r)
			put(xs[i])
		}
		put(LogSumExp(xs))
		put(Pow(Exp(xs[0]), float64(30*xs[1])))
		put(NormQuantile(r.Float64()))
	}
	if got := hex.EncodeToString(h.Sum(nil))[:16]; got != want {
		t.Errorf("bits changed: hash %s, want %s", got, want)
	}
}

func BenchmarkFunctions(b *testing.B) {
	xs := make([]float64, 1024)
	for _, c := range functions {
		for i := range xs {
			xs[i] = c.lo + (float64(i)+0.5)/1024*(c.hi-c.lo)
		}
		b.Run(fmt.Sprintf("f=%s", c.name), func(b *testing.B) {
			i, sum := 0, 0.0
			for b.Loop() {
				sum += c.f(xs[i&1023])
				i++
			}
			_ = sum
		})
	}
}
