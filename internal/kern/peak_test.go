package kern

import (
	"testing"
	"time"
)

// TestPeak holds that the peak counts its operations right: no product is much
// faster, and none that fits the caches far slower. What else runs on the
// machine disturbs one more than the other, so one good try of many is enough.
func TestPeak(t *testing.T) {
	for _, k := range Impls() {
		if k.fma == nil {
			if peak := k.Peak(); peak != 0 {
				t.Errorf("%s has no loop to measure and a peak of %g", k.Name, peak)
			}
			continue
		}
		peak, product, ok := 0.0, 0.0, false
		for try := 0; try < 50 && !ok; try++ {
			peak, product = max(peak, k.Peak()), max(product, productRate(k))
			ok = peak/20 < product && product < 1.2*peak
		}
		if !ok {
			t.Errorf("%s: a product makes %.3g operations a second where the peak is %.3g", k.Name, product, peak)
		}
	}
}

// productRate is how many operations a second a product makes whose operands
// fit the caches.
func productRate(k *Impl) float64 {
	g := gemmCase{m: 96, n: 96, k: 256}
	g.operands()
	var s Scratch
	start := time.Now()
	runs := 0
	for time.Since(start) < 10*time.Millisecond {
		k.Gemm(g.m, g.n, g.k, g.a, g.rsa, g.csa, g.b, g.rsb, g.csb, g.c, g.ldc, GemmSet, &s)
		runs++
	}
	return float64(runs) * 2 * float64(g.m*g.n*g.k) / time.Since(start).Seconds()
}

// BenchmarkPeak is what products are measured against.
func BenchmarkPeak(b *testing.B) {
	for _, k := range Impls() {
		if k.fma == nil {
			continue
		}
		b.Run("impl="+k.Name, func(b *testing.B) {
			operations := 0.0
			for b.Loop() {
				operations += k.fma(peakTurns)
			}
			b.ReportMetric(operations/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
