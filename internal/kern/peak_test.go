package kern

import (
	"testing"
	"time"
)

// TestPeak holds that no product is faster than the peak. What else runs on the
// machine disturbs one more than the other, so the best of a few tries counts.
func TestPeak(t *testing.T) {
	for _, k := range Impls() {
		peak, product := 0.0, 0.0
		for range 5 {
			peak = max(peak, k.Peak())
			product = max(product, productRate(k))
		}
		t.Logf("%s: product %.1f GFLOP/s, peak %.1f", k.Name, product/1e9, peak/1e9)
		if k.fma == nil {
			if peak != 0 {
				t.Errorf("%s has no loop to measure and a peak of %g", k.Name, peak)
			}
			continue
		}
		if product > 1.2*peak || product < peak/20 {
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
