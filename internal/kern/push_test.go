package kern

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestPush compares chains pushed in pieces of k with the product that
// continues all of them at once, and looks at the guards.
func TestPush(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 31))
	sizes := []int{1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 31, 32, 33, 45, 64, 71}
	for _, lanes := range []int{1, 8, 16, 24, 32, 40, 64, 72} {
		for _, n := range sizes {
			for _, kk := range []int{1, 2, 5} {
				g := gemmCase{m: lanes, n: n, k: kk, ta: true, pad: rng.IntN(3), mode: GemmContinue, seed: rng.Uint64()}
				g.operands()
				x := make([]float32, kk*lanes)
				for p := range kk {
					copy(x[p*lanes:], g.a[p*g.csa:][:lanes])
				}
				start := make([]float32, n*lanes)
				for i := range start {
					start[i] = g.c[i%lanes*g.ldc+i/lanes]
				}
				Impls()[0].Gemm(lanes, n, kk, g.a, g.rsa, g.csa, g.b, g.rsb, g.csb, g.c, g.ldc, GemmContinue, new(Scratch))
				want := make([]float32, n*lanes)
				for i := range want {
					want[i] = g.c[i%lanes*g.ldc+i/lanes]
				}
				for _, k := range Impls() {
					for _, cut := range []int{0, kk / 2} {
						dst, intact := guarded(start)
						k.Push(dst, lanes, g.b, g.rsb, x[:cut*lanes])
						k.Push(dst, lanes, g.b[cut*g.rsb:], g.rsb, x[cut*lanes:])
						if i := firstDiff(dst, want); i >= 0 {
							t.Fatalf("%s: lanes=%d n=%d k=%d cut=%d: chain %d of lane %d is %x, want %x", k.Name, lanes, n, kk, cut, i/lanes, i%lanes, bits(dst[i]), bits(want[i]))
						}
						if !intact() {
							t.Fatalf("%s: lanes=%d n=%d k=%d: wrote outside dst", k.Name, lanes, n, kk)
						}
					}
				}
			}
		}
	}
}

// TestPushRefuses holds that nothing outside the slices is touched.
func TestPushRefuses(t *testing.T) {
	for name, call := range map[string]func(k *Impl){
		"lanes":         func(k *Impl) { k.Push(make([]float32, 8), 4, make([]float32, 9), 2, make([]float32, 4)) },
		"ragged dst":    func(k *Impl) { k.Push(make([]float32, 9), 8, make([]float32, 9), 2, make([]float32, 8)) },
		"ragged x":      func(k *Impl) { k.Push(make([]float32, 8), 8, make([]float32, 9), 2, make([]float32, 9)) },
		"short weights": func(k *Impl) { k.Push(make([]float32, 5), 1, make([]float32, 8), 4, make([]float32, 2)) },
	} {
		for _, k := range Impls() {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s: %s is taken", k.Name, name)
					}
				}()
				call(k)
			}()
		}
	}
}

// BenchmarkPush is one pushed value of a layer of 392 open weights.
func BenchmarkPush(b *testing.B) {
	const n = 392
	for _, k := range Impls() {
		for _, lanes := range []int{1, 8, 64} {
			b.Run(fmt.Sprintf("kern=%s/lanes=%d", k.Name, lanes), func(b *testing.B) {
				dst, w, x := make([]float32, n*lanes), make([]float32, n), make([]float32, lanes)
				for b.Loop() {
					k.Push(dst, lanes, w, n, x)
				}
				b.ReportMetric(float64(2*n*lanes*b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}
