package cpu

import (
	"math/rand/v2"
	"testing"

	"github.com/surprisal-go/surprisal/internal/kern"
)

// TestExpand compares parts of broadcasts of all kinds, as clusters ask for them
// block by block, with their definition.
func TestExpand(t *testing.T) {
	rng := rand.New(rand.NewPCG(51, 51))
	for range 3000 {
		var src, dst []int
		size, from := 1, 1
		for range 1 + rng.IntN(5) {
			n := []int{1, 2, 3, 7, 10, 33}[rng.IntN(6)]
			if size*n > 5000 {
				n = 1
			}
			s := n
			if rng.IntN(2) == 0 {
				s = 1
			}
			src, dst, size, from = append(src, s), append(dst, n), size*n, from*s
		}
		x := make([]float32, from)
		for i := range x {
			x[i] = float32(i)
		}
		off := rng.IntN(size)
		got := make([]float32, 1+rng.IntN(size-off))
		m := mapOf(src, dst)
		m.expand(kern.Default, got, x, off)
		for i, v := range got {
			at, stride, left := 0, 1, off+i
			for a := len(dst) - 1; a >= 0; a-- {
				if src[a] > 1 {
					at += left % dst[a] * stride
					stride *= dst[a]
				}
				left /= dst[a]
			}
			if v != float32(at) {
				t.Fatalf("%v to %v, %d elements from %d on: %d is that of %g, want %d", src, dst, len(got), off, i, v, at)
			}
		}
	}
}
