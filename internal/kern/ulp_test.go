package kern

import (
	"math"
	"testing"
)

// exact holds the float64 references of the inexact operations and the bounds
// of their documentation in ulp.
var exact = map[UnaryOp]struct {
	f     func(float64) float64
	bound float64
}{
	Exp:      {math.Exp, 1},
	Expm1:    {math.Expm1, 2},
	Log:      {math.Log, 1},
	Log1p:    {math.Log1p, 2},
	Tanh:     {math.Tanh, 1.5},
	Sigmoid:  {func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }, 2},
	Softplus: {func(x float64) float64 { return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }, 2},
	Erf:      {math.Erf, 1.5},
	Sin:      {math.Sin, 2},
	Cos:      {math.Cos, 2},
}

// ulps returns the distance of got from want in units of the last place of
// want as a float32.
func ulps(got float32, want float64) float64 {
	if want != want || got != got {
		if want != want && got != got {
			return 0
		}
		return math.Inf(1)
	}
	w := float32(want)
	if got == w {
		if math.IsInf(want, 0) || math.IsInf(float64(w), 0) {
			return 0
		}
	}
	if math.IsInf(float64(got), 0) || math.IsInf(want, 0) {
		return math.Inf(1)
	}
	_, e := math.Frexp(want)
	ulp := math.Ldexp(1, max(e-24, -149))
	return math.Abs(float64(got)-want) / ulp
}

// TestUlp measures every inexact function over a sweep of all float32.
func TestUlp(t *testing.T) {
	step := uint32(61)
	if testing.Short() {
		step = 65537
	}
	k := Default
	const block = 4096
	x, y := make([]float32, block), make([]float32, block)
	for op := Exp; op < numUnary; op++ {
		ref := exact[op]
		worst, at := 0.0, float32(0)
		visit := func(x []float32) {
			k.Unary(op, y[:len(x)], x)
			for i, v := range x {
				want := ref.f(float64(v))
				switch {
				case (op == Exp || op == Sigmoid || op == Softplus) && want < minNormal:
					want = 0
				case (op == Sin || op == Cos) && !(math.Abs(float64(v)) <= trigMax):
					want = math.NaN()
				}
				if d := ulps(y[i], want); d > worst {
					worst, at = d, v
				}
			}
		}
		n := 0
		for w := uint64(0); w < 1<<32; w += uint64(step) {
			x[n] = fromBits(uint32(w))
			if n++; n == block {
				visit(x)
				n = 0
			}
		}
		visit(x[:n])
		visit(specials)
		t.Logf("%-8v %.3f ulp at %g (%#08x)", op, worst, at, bits(at))
		if worst > ref.bound {
			t.Errorf("%v is off by %.3f ulp at %g, want at most %g", op, worst, at, ref.bound)
		}
	}
}

var specials = []float32{
	0, fromBits(signBit), 1, -1, 0.5, -0.5, 2, -2, inf, -inf, nan(),
	minNormal, -minNormal, fromBits(1), fromBits(1 | signBit), fromBits(0x7fffff), fromBits(0x807fffff),
	math.MaxFloat32, -math.MaxFloat32, 0x1p-24, -0x1p-24, 0x1p-25, 1 - 0x1p-24, 1 + 0x1p-23,
	expMin, expMax, -expMax, -87.33655, 88.72284, -103.97, 88, -88, 104, 16777216, 8388607.5, -8388608,
	1 << 31, -1 << 31, 2147483520, -2147483904, 1e30, -1e30, 0.625, 0.9375, 4, 0.70710677, 1.4142135,
	trigMax, trigMax + 0.125, 3.1415927, 1.5707964, 10000, fromBits(0x7f800001), fromBits(allBits),
}
