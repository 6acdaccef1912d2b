//go:build amd64 && !noasm

package kern

import "testing"

// BenchmarkPeak is what products are measured against.
func BenchmarkPeak(b *testing.B) {
	const n = 100000
	for b.Loop() {
		fmaPeak(n)
	}
	b.ReportMetric(n*12*16*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}
