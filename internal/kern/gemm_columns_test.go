package kern

import (
	"math/rand/v2"
	"testing"
)

// columnsProduct is a product of one panel of columns, and C as every mode
// leaves it.
type columnsProduct struct {
	gemmCase
	end bool
}

func newColumnsProduct(rng *rand.Rand, m, k int) *columnsProduct {
	g := &columnsProduct{gemmCase{m: m, n: StairCols, k: k, ta: rng.IntN(2) == 0, pad: rng.IntN(3), mode: GemmMode(rng.IntN(2)), seed: rng.Uint64()}, rng.IntN(2) == 0}
	g.fill()
	for i := 0; i < m && g.end; i++ {
		for j := range StairCols {
			g.w[i*g.ldc+j] += 0
		}
	}
	return g
}

func (g *columnsProduct) run(t *testing.T, copied func([]float32) ([]float32, func() bool)) {
	t.Helper()
	mode := g.mode
	if g.end {
		mode |= GemmEnd
	}
	a, _ := copied(g.a)
	b, _ := copied(g.b)
	for _, k := range Impls() {
		c, intact := copied(g.c)
		k.GemmColumns(g.m, g.k, a, g.rsa, g.csa, b, g.rsb, c, g.ldc, mode)
		if i := firstDiff(c, g.w); i >= 0 {
			t.Fatalf("%s: %v, end %t: C[%d][%d] = %x, want %x", k.Name, &g.gemmCase, g.end, i/g.ldc, i%g.ldc, bits(c[i]), bits(g.w[i]))
		}
		if !intact() {
			t.Fatalf("%s: %v: wrote outside C", k.Name, &g.gemmCase)
		}
	}
}

// TestGemmColumns takes all heights of tiles, and chains longer than a block of
// k.
func TestGemmColumns(t *testing.T) {
	rng := rand.New(rand.NewPCG(42, 42))
	for m := range 60 {
		for _, k := range []int{0, 1, 3, 4, 32, rng.IntN(90)} {
			newColumnsProduct(rng, m, k).run(t, guarded)
		}
	}
	for _, k := range []int{256, 257, 512, 513, 1100} {
		for range 4 {
			newColumnsProduct(rng, 1+rng.IntN(40), k).run(t, guarded)
		}
	}
}

// TestGemmColumnsZero: a chain that ends as −0 becomes +0 only if asked to.
func TestGemmColumnsZero(t *testing.T) {
	b := make([]float32, StairCols)
	b[3] = -0x1p-149
	for _, k := range Impls() {
		for mode, want := range map[GemmMode]uint32{GemmSet: signBit, GemmSet | GemmEnd: 0} {
			c := make([]float32, StairCols)
			k.GemmColumns(1, 1, []float32{0x1p-149}, 0, 0, b, 0, c, 0, mode)
			if bits(c[3]) != want {
				t.Errorf("%s: mode %d: %x, want %x", k.Name, mode, bits(c[3]), want)
			}
		}
	}
}

// FuzzGemmColumns takes any sizes.
func FuzzGemmColumns(f *testing.F) {
	f.Add(uint8(48), uint16(32), uint64(1))
	f.Add(uint8(25), uint16(513), uint64(2))
	f.Fuzz(func(t *testing.T, m uint8, k uint16, seed uint64) {
		newColumnsProduct(rand.New(rand.NewPCG(seed, 2)), int(m), int(k%1300)).run(t, guarded)
	})
}

// BenchmarkGemmColumns takes the products of a panel of attention: 16 queries,
// 240 keys, 32 dims.
func BenchmarkGemmColumns(b *testing.B) {
	const keys, dims = 240, 32
	rng := rand.New(rand.NewPCG(43, 43))
	x, q, e, y := convFloats(rng, keys*dims), convFloats(rng, dims*StairCols), convFloats(rng, keys*StairCols), make([]float32, keys*StairCols)
	for _, k := range Impls() {
		for name, f := range map[string]func(){
			"scores": func() { k.GemmColumns(keys, dims, x, dims, 1, q, StairCols, y, StairCols, GemmSet) },
			"values": func() { k.GemmColumns(dims, keys, x, 1, dims, e, StairCols, y, StairCols, GemmSet|GemmEnd) },
		} {
			b.Run("op="+name+"/impl="+k.Name, func(b *testing.B) {
				for b.Loop() {
					f()
				}
				b.ReportMetric(2*keys*dims*StairCols*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}
