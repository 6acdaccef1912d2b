package kern

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestRowKernels composes the kernels of rows of single operations, on ordinary
// and special values.
func TestRowKernels(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	p := Impls()[0]
	for _, n := range reductionLengths() {
		ordinary := make([]float32, n)
		for i := range ordinary {
			ordinary[i] = float32(30 * rng.NormFloat64())
		}
		low := append([]float32(nil), ordinary...)
		for i := range low {
			if rng.IntN(3) == 0 {
				low[i] = -inf
			}
		}
		zeros := make([]float32, n)
		for i := range zeros {
			zeros[i] = fromBits(uint32(rng.IntN(2)) << 31)
		}
		oneNaN := append([]float32(nil), ordinary...)
		if n > 0 {
			oneNaN[rng.IntN(n)] = nan()
		}
		y, special := make([]float32, n), randomFloats(rng, n)
		for i := range y {
			y[i] = float32(rng.NormFloat64())
		}
		for name, x := range map[string][]float32{"ordinary": ordinary, "some -Inf": low, "zeros": zeros, "one NaN": oneNaN, "special": special} {
			product, exps := make([]float32, n), make([]float32, n)
			p.Binary(Mul, product, x, y)
			shift := plainMax(x) + 0
			if float32(shift-shift) != 0 { // infinite or NaN
				shift = 0
			}
			p.BinaryScalar(Sub, exps, x, shift, false)
			p.Unary(Exp, exps, exps)
			added, standard, gradient := make([]float32, n), make([]float32, n), make([]float32, n)
			p.Binary(Add, added, product, low)
			size := float32(n)
			mean, slope := plainSum(x)/size, plainSum(product)/size
			p.BinaryScalar(Sub, standard, x, mean, false)
			squares := make([]float32, n)
			p.Unary(Square, squares, standard)
			r := 1 / sqrt(plainSum(squares)/size+1e-3)
			p.BinaryScalar(Mul, standard, standard, r, false)
			for i, v := range x {
				gradient[i] = ((v - mean) - float32(y[i]*slope)) * 0.7
			}
			for _, k := range Impls() {
				same := func(what string, got, want []float32, intact func() bool) {
					t.Helper()
					if i := firstDiff(got, want); i >= 0 {
						t.Fatalf("%s: %s of %d %s elements: %d is %g (%#x), want %g (%#x)", k.Name, what, n, name, i, got[i], bits(got[i]), want[i], bits(want[i]))
					}
					if !intact() {
						t.Fatalf("%s: %s of %d elements wrote outside", k.Name, what, n)
					}
				}
				none := func() bool { return true }
				same("Dot", []float32{k.Dot(x, y)}, []float32{plainSum(product)}, none)
				got, intact := guarded(x)
				k.MulAdd(got, got, y, low)
				same("MulAdd", got, added, intact)
				got, intact = guarded(x)
				scale := k.Standardize(got, got, 1e-3)
				same("Standardize", got, standard, intact)
				same("Standardize's result", []float32{scale}, []float32{r}, none)
				got, intact = guarded(x)
				k.StandardizeGrad(got, got, y, 0.7)
				same("StandardizeGrad", got, gradient, intact)
				got, intact = guarded(x)
				m, sum := k.ExpSum(got, got)
				same("ExpSum", got, exps, intact)
				same("ExpSum's results", []float32{m, sum}, []float32{shift, plainSum(exps)}, none)
			}
		}
	}
}

func TestTranspose(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	for _, rows := range []int{0, 1, 7, 8, 9, 16, 23, 40} {
		for _, cols := range []int{0, 1, 7, 8, 9, 15, 16, 17, 33} {
			ldx, ldd := cols+rng.IntN(3), rows+rng.IntN(3)
			x := randomFloats(rng, max(0, (rows-1)*ldx+cols))
			want := make([]float32, max(0, (cols-1)*ldd+rows))
			for i := range want {
				want[i] = 5
			}
			blank := append([]float32(nil), want...)
			for r := range rows {
				for c := range cols {
					want[c*ldd+r] = x[r*ldx+c]
				}
			}
			for _, k := range Impls() {
				got, intact := guarded(blank)
				k.Transpose(got, ldd, x, ldx, rows, cols)
				if i := firstDiff(got, want); i >= 0 || !intact() {
					t.Fatalf("%s: %d by %d, strides %d and %d: element %d is %g, want %g", k.Name, rows, cols, ldx, ldd, i, got[i], want[i])
				}
			}
		}
	}
}

func TestScaleRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	for _, rows := range []int{0, 1, 2, 5} {
		for _, cols := range []int{0, 1, 7, 8, 24, 31, 32, 40, 64, 72} {
			ldx, ldd := cols+rng.IntN(3), cols+rng.IntN(3)
			x, s := randomFloats(rng, max(0, (rows-1)*ldx+cols)), randomFloats(rng, rows)
			blank := make([]float32, max(0, (rows-1)*ldd+cols))
			mul, div := append([]float32(nil), blank...), append([]float32(nil), blank...)
			for r := range rows {
				for c := range cols {
					mul[r*ldd+c], div[r*ldd+c] = x[r*ldx+c]*0.3, x[r*ldx+c]/s[r]
				}
			}
			for _, k := range Impls() {
				got, intact := guarded(blank)
				k.MulRows(got, ldd, x, ldx, rows, cols, 0.3)
				if i := firstDiff(got, mul); i >= 0 || !intact() {
					t.Fatalf("%s: MulRows of %d by %d, strides %d and %d: element %d is %g, want %g", k.Name, rows, cols, ldx, ldd, i, got[i], mul[i])
				}
				got, intact = guarded(blank)
				k.DivRows(got, ldd, x, ldx, rows, cols, s)
				if i := firstDiff(got, div); i >= 0 || !intact() {
					t.Fatalf("%s: DivRows of %d by %d, strides %d and %d: element %d is %g, want %g", k.Name, rows, cols, ldx, ldd, i, got[i], div[i])
				}
			}
		}
	}
}

func BenchmarkRows(b *testing.B) {
	const n = 256
	x, y, dst, square := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n*n)
	for i := range x {
		x[i] = float32(i%7) - 3
	}
	for _, k := range Impls() {
		for name, f := range map[string]func(){
			"Dot":       func() { k.Dot(x, y) },
			"ExpSum":    func() { k.ExpSum(dst, x) },
			"MulRows":   func() { k.MulRows(dst, 32, square, n, 8, 32, 1.5) },
			"Transpose": func() { k.Transpose(dst, 32, square, n, 32, 8) },
		} {
			b.Run(fmt.Sprintf("op=%s/impl=%s", name, k.Name), func(b *testing.B) {
				for b.Loop() {
					f()
				}
				b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds()/1e9, "Gelem/s")
			})
		}
	}
}
