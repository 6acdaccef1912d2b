//go:build (amd64 || arm64) && !noasm

package kern

import "testing"

// BenchmarkPackTiles cuts columns of an A that no cache holds, 80 MB, into tiles
// of six rows, as weight gradients do with their left operand.
//
//	go test -run - -bench PackTiles ./internal/kern
func BenchmarkPackTiles(b *testing.B) {
	const rows, k, block = 198, 100_000, 256
	g := &product{m: rows, k: k, a: make([]float32, rows*k), rsa: 1, csa: rows}
	for i := range g.a {
		g.a[i] = float32(i % 7)
	}
	dst := make([]float32, rows/6*tileStep(6, block))
	for b.Loop() {
		for p := 0; p < k; p += block {
			packTiles(g, dst, 0, 6, rows/6, p, min(p+block, k))
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows/k, "ns/float")
}
