package kern

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestSpread holds what is written, and that nothing is beside it.
func TestSpread(t *testing.T) {
	rng := rand.New(rand.NewPCG(46, 46))
	for n := range 40 {
		for _, count := range []int{0, 1, 2, 3, 9, 33} {
			src := randomFloats(rng, count)
			var want []float32
			for _, v := range src {
				for range n {
					want = append(want, v)
				}
			}
			for _, k := range Impls() {
				got, intact := guarded(make([]float32, len(want)))
				k.Spread(got, src, n)
				if i := firstDiff(got, want); i >= 0 {
					t.Fatalf("%s: %d elements %d times: %d is %g, want %g", k.Name, count, n, i, got[i], want[i])
				}
				if !intact() {
					t.Fatalf("%s: %d elements %d times: wrote outside", k.Name, count, n)
				}
			}
		}
	}
}

func BenchmarkSpread(b *testing.B) {
	for _, n := range []int{2, 10} {
		src := make([]float32, 1000/n)
		dst := make([]float32, len(src)*n)
		for _, k := range Impls() {
			b.Run(fmt.Sprintf("n=%d/impl=%s", n, k.Name), func(b *testing.B) {
				for b.Loop() {
					k.Spread(dst, src, n)
				}
				b.ReportMetric(float64(len(dst))*float64(b.N)/b.Elapsed().Seconds()/1e9, "Gelem/s")
			})
		}
	}
}
