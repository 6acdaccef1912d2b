package kern

import (
	"math/rand/v2"
	"testing"
)

func TestFenceGemmMasked(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 23))
	for i := range 300 {
		m := 1 + rng.IntN(40)
		if i%2 == 0 {
			m = 1 + rng.IntN(8)
		}
		g := randomMasked(rng, m, 1+rng.IntN(150))
		g.fill()
		g.a, g.b = fenced(t, g.a), fenced(t, g.b)
		for _, k := range Impls() {
			c := fenced(t, g.c)
			k.GemmMasked(g.m, g.n, g.k, g.a, g.rsa, g.csa, g.b, g.rsb, g.csb, c, g.ldc, g.mode, g.mask, new(Scratch))
			if i := firstDiff(c, g.w); i >= 0 {
				t.Fatalf("%s: %v: C[%d] = %x, want %x", k.Name, g, i, bits(c[i]), bits(g.w[i]))
			}
		}
	}
}
