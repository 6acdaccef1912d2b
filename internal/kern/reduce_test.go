package kern

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// plainSum is the order of Sum, written as it is defined.
func plainSum(x []float32) float32 {
	var total float32
	for chunk := 0; chunk*4096 < len(x); chunk++ {
		var lane [16]float32
		for i := 0; i < 4096; i++ {
			v := float32(0) // the identity fills the tail
			if chunk*4096+i < len(x) {
				v = x[chunk*4096+i]
			}
			lane[i%16] += v
		}
		for i := range 8 {
			lane[i] += lane[i+8]
		}
		for i := range 4 {
			lane[i] += lane[i+4]
		}
		lane[0] += lane[2]
		lane[1] += lane[3]
		lane[0] += lane[1]
		if chunk == 0 {
			total = lane[0]
		} else {
			total += lane[0]
		}
	}
	return total
}

func plainMax(x []float32) float32 {
	m := -inf
	for _, v := range x {
		m = binaryFuncs[Max](m, v)
	}
	return m
}

func plainMin(x []float32) float32 {
	m := inf
	for _, v := range x {
		m = binaryFuncs[Min](m, v)
	}
	return m
}

func reductionLengths() []int {
	var n []int
	for i := range 131 {
		n = append(n, i)
	}
	return append(n, 4080, 4095, 4096, 4097, 4112, 8191, 8192, 8193, 12345)
}

func TestReduce(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for _, n := range reductionLengths() {
		ordinary := make([]float32, n)
		for i := range ordinary {
			ordinary[i] = float32(rng.NormFloat64())
		}
		zeros := make([]float32, n)
		for i := range zeros {
			zeros[i] = fromBits(uint32(rng.IntN(2)) << 31)
		}
		oneNaN := append([]float32(nil), ordinary...)
		if n > 0 {
			oneNaN[rng.IntN(n)] = nan()
		}
		for name, x := range map[string][]float32{"ordinary": ordinary, "zeros": zeros, "one NaN": oneNaN, "special": randomFloats(rng, n)} {
			for _, k := range Impls() {
				got := []float32{k.Sum(x), k.MaxReduce(x), k.MinReduce(x)}
				want := []float32{plainSum(x), plainMax(x), plainMin(x)}
				if i := firstDiff(got, want); i >= 0 {
					t.Fatalf("%s: %s of %d %s elements is %g (%#x), want %g (%#x)", k.Name, []string{"sum", "max", "min"}[i], n, name, got[i], bits(got[i]), want[i], bits(want[i]))
				}
			}
		}
	}
}

func TestRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for _, rows := range []int{0, 1, 2, 15, 16, 17, 31, 32, 33, 64, 100, 4096, 4097, 8200} {
		for _, cols := range []int{0, 1, 3, 7, 8, 9, 15, 16, 17, 33, 136} {
			stride := cols + rng.IntN(3)
			x := make([]float32, max(0, (rows-1)*stride+cols))
			for i := range x {
				x[i] = float32(rng.NormFloat64())
				if rows == 33 {
					x[i] = specials[rng.IntN(len(specials))]
				}
			}
			wantSum, wantMax := make([]float32, cols), make([]float32, cols)
			column := make([]float32, rows)
			for c := range cols {
				for r := range rows {
					column[r] = x[r*stride+c]
				}
				wantSum[c], wantMax[c] = plainSum(column), plainMax(column)
			}
			for _, k := range Impls() {
				got, intact := guarded(make([]float32, cols))
				k.SumRows(got, x, rows, cols, stride)
				if i := firstDiff(got, wantSum); i >= 0 || !intact() {
					t.Fatalf("%s: SumRows of %d by %d: column %d of %v, want %v", k.Name, rows, cols, i, got, wantSum)
				}
				k.MaxRows(got, x, rows, cols, stride)
				if i := firstDiff(got, wantMax); i >= 0 || !intact() {
					t.Fatalf("%s: MaxRows of %d by %d: column %d of %v, want %v", k.Name, rows, cols, i, got, wantMax)
				}
			}
		}
	}
}

func BenchmarkReduce(b *testing.B) {
	const rows, cols = 128, 512
	x, dst := make([]float32, rows*cols), make([]float32, cols)
	for _, k := range Impls() {
		for name, f := range map[string]func(){
			"Sum":       func() { k.Sum(x) },
			"MaxReduce": func() { k.MaxReduce(x) },
			"SumRows":   func() { k.SumRows(dst, x, rows, cols, cols) },
			"MaxRows":   func() { k.MaxRows(dst, x, rows, cols, cols) },
		} {
			b.Run(fmt.Sprintf("op=%s/impl=%s", name, k.Name), func(b *testing.B) {
				for b.Loop() {
					f()
				}
				b.ReportMetric(rows*cols*float64(b.N)/b.Elapsed().Seconds()/1e9, "Gelem/s")
			})
		}
	}
}
