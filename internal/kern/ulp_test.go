package kern

import (
	"math"
	"os"
	"testing"
)

// exact holds the float64 references of the operations that round, and the
// bounds of their documentation in ulp.
var exact = map[UnaryOp]struct {
	f     func(float64) float64
	bound float64
}{
	Sqrt:     {math.Sqrt, 0.5},
	Recip:    {func(x float64) float64 { return 1 / x }, 0.5},
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

// TestUlp measures every function that rounds over a sweep of all float32, and
// holds that all sets of kernels give the same bits there. For all 2^32
// arguments, about a minute a function with one set and ten with all:
//
//	SURPRISAL_ULP=all go test -run TestUlp -v -timeout 5h ./internal/kern
//	SURPRISAL_ULP=twins go test -run TestUlp -v -timeout 9h ./internal/kern
func TestUlp(t *testing.T) {
	step, sets := uint64(1), Impls()
	switch os.Getenv("SURPRISAL_ULP") {
	case "all":
		sets = []*Impl{Default}
	case "twins":
	default:
		step = 997
		if testing.Short() {
			step = 65537
		}
	}
	for op := range numUnary {
		if exact[op].f == nil {
			continue
		}
		t.Run(op.String(), func(t *testing.T) {
			t.Parallel()
			const block = 4096
			x := make([]float32, 0, block)
			var worst ulpError
			for w := uint64(0); w < 1<<32; w += step {
				if x = append(x, fromBits(uint32(w))); len(x) == block {
					worst.visit(t, sets, op, x)
					x = x[:0]
				}
			}
			worst.visit(t, sets, op, x)
			worst.visit(t, sets, op, specials)
			t.Logf("%.4f ulp at %g (%#08x)", worst.ulps, worst.at, bits(worst.at))
			if worst.ulps > exact[op].bound {
				t.Errorf("off by %.4f ulp at %g, want at most %g", worst.ulps, worst.at, exact[op].bound)
			}
		})
	}
}

// ulpError is the largest error seen and where.
type ulpError struct {
	ulps float64
	at   float32
	y, z [4096]float32
}

func (e *ulpError) visit(t *testing.T, sets []*Impl, op UnaryOp, x []float32) {
	y, z := e.y[:len(x)], e.z[:len(x)]
	sets[0].Unary(op, y, x)
	for _, k := range sets[1:] {
		k.Unary(op, z, x)
		if i := firstDiff(z, y); i >= 0 {
			t.Fatalf("%s(%g) is %x on %s and %x on %s", op, x[i], bits(z[i]), k.Name, bits(y[i]), sets[0].Name)
		}
	}
	for i, v := range x {
		want := exact[op].f(float64(v))
		switch {
		case (op == Exp || op == Sigmoid || op == Softplus) && want < minNormal:
			want = 0
		case (op == Sin || op == Cos) && !(math.Abs(float64(v)) <= trigMax):
			want = math.NaN()
		}
		if e.ulps > 0.5 && y[i] == float32(want) {
			continue // within half an ulp, and most are
		}
		if d := ulps(y[i], want); d > e.ulps {
			e.ulps, e.at = d, v
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
