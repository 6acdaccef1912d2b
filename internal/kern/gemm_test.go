package kern

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// gemmCase is a product whose operands lie in guarded memory.
type gemmCase struct {
	m, n, k    int
	ta, tb     bool // stored transposed
	pad        int  // added to every leading stride
	mode       GemmMode
	seed       uint64
	a, b, c, w []float32 // w is what C must become
	rsa, csa   int
	rsb, csb   int
	ldc        int
}

func (g *gemmCase) String() string {
	return fmt.Sprintf("m=%d n=%d k=%d ta=%t tb=%t pad=%d mode=%d", g.m, g.n, g.k, g.ta, g.tb, g.pad, g.mode)
}

// operands makes A, B and C.
func (g *gemmCase) operands() {
	rng := rand.New(rand.NewPCG(g.seed, 1))
	matrix := func(r, c int, transposed bool) (x []float32, rs, cs int) {
		rs, cs = c+g.pad, 1
		n := (r-1)*rs + c
		if transposed {
			rs, cs = 1, r+g.pad
			n = (c-1)*cs + r
		}
		x = make([]float32, max(n, 0))
		for i := range x {
			x[i] = bell(rng)
			if rng.IntN(8) == 0 {
				x[i] *= float32(rng.IntN(2)) * 0x1p-100
			}
		}
		return x, rs, cs
	}
	g.a, g.rsa, g.csa = matrix(g.m, g.k, g.ta)
	g.b, g.rsb, g.csb = matrix(g.k, g.n, g.tb)
	g.c, g.ldc, _ = matrix(g.m, g.n, false)
}

// fill makes operands and computes the answer by the definition.
func (g *gemmCase) fill() {
	g.operands()
	g.w = append([]float32(nil), g.c...)
	for i := range g.m {
		for j := range g.n {
			var t float32
			old := g.c[i*g.ldc+j]
			if g.mode == GemmContinue {
				t = old
			}
			for p := range g.k {
				t = FMA(g.a[i*g.rsa+p*g.csa], g.b[p*g.rsb+j*g.csb], t)
			}
			if g.mode == GemmAdd {
				t = old + t
			}
			g.w[i*g.ldc+j] = t
		}
	}
}

// check runs the product on k and compares every word of C, guards included.
func (g *gemmCase) check(t *testing.T, k *Impl, s *Scratch) {
	t.Helper()
	g.checkMasked(t, k, s, g.mode, Mask{}, g)
}

// checkMasked also multiplies with panels of B. The operands end where their
// memory is guarded by NaN: reading too far poisons a result only if it is
// used, writing too far always shows.
func (g *gemmCase) checkMasked(t *testing.T, k *Impl, s *Scratch, mode GemmMode, mask Mask, name fmt.Stringer) {
	t.Helper()
	panels, whole := guarded(slices.Repeat([]float32{float32(math.NaN())}, PanelsLen(g.k, g.n)))
	k.Pack(panels, g.k, g.n, g.b, g.rsb, g.csb, mask, s)
	for _, packed := range []bool{false, true} {
		c, intact := guarded(g.c)
		if packed {
			k.GemmPanels(g.m, g.n, g.k, g.a, g.rsa, g.csa, panels, c, g.ldc, mode, mask, s)
		} else {
			k.GemmMasked(g.m, g.n, g.k, g.a, g.rsa, g.csa, g.b, g.rsb, g.csb, c, g.ldc, mode, mask, s)
		}
		if i := firstDiff(c, g.w); i >= 0 {
			t.Fatalf("%s: %v: packed=%t: C[%d][%d] = %x, want %x", k.Name, name, packed, i/g.ldc, i%g.ldc, bits(c[i]), bits(g.w[i]))
		}
		if !intact() || !whole() {
			t.Fatalf("%s: %v: packed=%t: wrote outside C or the panels", k.Name, name, packed)
		}
	}
}

func TestGemm(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	var cases []gemmCase
	for m := 1; m <= 7; m++ {
		for _, n := range []int{1, 7, 8, 9, 15, 16, 17, 24, 31, 33, 48, 97, 100} {
			cases = append(cases, gemmCase{m: m, n: n, k: 1 + rng.IntN(40)})
		}
	}
	more := 150
	if testing.Short() {
		more = 80
	}
	for range more {
		cases = append(cases, gemmCase{m: 1 + rng.IntN(130), n: 1 + rng.IntN(130), k: rng.IntN(131)})
	}
	cases = append(cases,
		gemmCase{m: 0, n: 5, k: 5}, gemmCase{m: 5, n: 0, k: 5}, gemmCase{m: 5, n: 5, k: 0},
		gemmCase{m: 3, n: 40, k: 700}, gemmCase{m: 13, n: 37, k: 700}, gemmCase{m: 200, n: 20, k: 520},
		gemmCase{m: 7, n: 1100, k: 260}, gemmCase{m: 30, n: 130, k: 256}, gemmCase{m: 60, n: 64, k: 513},
	)
	for _, k := range Impls() {
		var s Scratch
		for i, g := range cases {
			for v := range 4 {
				g.ta, g.tb = v&1 != 0, v&2 != 0
				g.mode = GemmMode((i + v) % 3)
				g.pad = (i / 3) % 4
				g.seed = uint64(i*4 + v)
				g.fill()
				g.check(t, k, &s)
			}
		}
	}
}

// TestGemmModes runs every mode over the block boundary in k.
func TestGemmModes(t *testing.T) {
	for _, k := range Impls() {
		var s Scratch
		for mode := GemmSet; mode <= GemmAdd; mode++ {
			for v := range 4 {
				g := gemmCase{m: 31, n: 67, k: 600, ta: v&1 != 0, tb: v&2 != 0, mode: mode}
				g.fill()
				g.check(t, k, &s)
			}
		}
	}
}

// TestGemmChunked holds the order of chunks to its definition.
func TestGemmChunked(t *testing.T) {
	const m, n, k = 3, 17, 2*ChunkRows + 100
	g := gemmCase{m: m, n: n, k: k, ta: true}
	g.fill()
	for i := range m {
		for j := range n {
			var total float32
			for lo := 0; lo < k; lo += ChunkRows {
				var chain float32
				for p := lo; p < min(k, lo+ChunkRows); p++ {
					chain = FMA(g.a[i*g.rsa+p*g.csa], g.b[p*g.rsb+j*g.csb], chain)
				}
				if lo == 0 {
					total = chain
				} else {
					total += chain
				}
			}
			g.w[i*g.ldc+j] = total
		}
	}
	for _, impl := range Impls() {
		var s Scratch
		c, _ := guarded(g.c)
		impl.GemmChunked(m, n, k, g.a, g.rsa, g.csa, g.b, g.rsb, g.csb, c, g.ldc, Mask{}, &s)
		if i := firstDiff(c, g.w); i >= 0 {
			t.Fatalf("%s: C[%d] = %x, want %x", impl.Name, i, bits(c[i]), bits(g.w[i]))
		}
	}
}

// TestGemmSplit shares rows, columns and k among calls in any way.
func TestGemmSplit(t *testing.T) {
	g := gemmCase{m: 50, n: 70, k: 300}
	g.fill()
	rng := rand.New(rand.NewPCG(3, 3))
	for _, k := range Impls() {
		var s Scratch
		for range 20 {
			i, j, p := rng.IntN(g.m+1), rng.IntN(g.n+1), rng.IntN(g.k+1)
			c := make([]float32, len(g.c))
			for _, r := range [][2]int{{0, i}, {i, g.m}} {
				for _, q := range [][2]int{{0, j}, {j, g.n}} {
					part := func(lo, hi int, mode GemmMode) {
						if r[0] == r[1] || q[0] == q[1] {
							return
						}
						k.Gemm(r[1]-r[0], q[1]-q[0], hi-lo, g.a[r[0]*g.rsa+min(lo, g.k-1):], g.rsa, 1,
							g.b[min(lo, g.k-1)*g.rsb+q[0]:], g.rsb, 1, c[r[0]*g.ldc+q[0]:], g.ldc, mode, &s)
					}
					part(0, p, GemmSet)
					part(p, g.k, GemmContinue)
				}
			}
			if at := firstDiff(c, g.w); at >= 0 {
				t.Fatalf("%s: split at m=%d n=%d k=%d changes C[%d]", k.Name, i, j, p, at)
			}
		}
	}
}

func TestGemmAllocates(t *testing.T) {
	g := gemmCase{m: 40, n: 300, k: 400, tb: true, mode: GemmAdd}
	g.fill()
	for _, k := range Impls() {
		var s Scratch
		run := func() {
			k.Gemm(g.m, g.n, g.k, g.a, g.rsa, g.csa, g.b, g.rsb, g.csb, g.c, g.ldc, g.mode, &s)
		}
		run()
		if n := testing.AllocsPerRun(3, run); n != 0 {
			t.Errorf("%s: %g allocations per product in the steady state", k.Name, n)
		}
	}
}

func TestGemmRefuses(t *testing.T) {
	x := make([]float32, 11)
	for name, f := range map[string]func(s *Scratch){
		"short A": func(s *Scratch) {
			Default.Gemm(3, 4, 4, x, 4, 1, make([]float32, 16), 4, 1, make([]float32, 12), 4, 0, s)
		},
		"short B": func(s *Scratch) { Default.Gemm(2, 3, 4, x, 4, 1, x, 3, 1, make([]float32, 12), 3, 0, s) },
		"short C": func(s *Scratch) { Default.Gemm(3, 4, 1, x, 1, 1, x, 4, 1, x, 4, 0, s) },
		"overlap": func(s *Scratch) { Default.Gemm(3, 3, 1, x, 1, 1, x, 4, 1, x, 2, 0, s) },
		"stride":  func(s *Scratch) { Default.Gemm(1, 1, 1, x, -1, 1, x, 4, 1, x, 2, 0, s) },
		"wraps":   func(s *Scratch) { Default.Gemm(3, 1, 1, x, 1<<62, 1, x, 1, 1, x, 1, 0, s) }, // 2·2^62 is negative
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f(new(Scratch))
		}()
	}
}

func FuzzGemm(f *testing.F) {
	f.Add(uint8(6), uint8(16), uint16(256), uint8(0), uint64(1))
	f.Add(uint8(1), uint8(97), uint16(300), uint8(0xff), uint64(2))
	f.Fuzz(func(t *testing.T, m, n uint8, k uint16, how uint8, seed uint64) {
		g := gemmCase{m: int(m), n: int(n), k: int(k % 600), ta: how&1 != 0, tb: how&2 != 0,
			pad: int(how >> 2 & 3), mode: GemmMode(how >> 4 % 3), seed: seed}
		if g.m == 0 || g.n == 0 {
			return
		}
		g.fill()
		for _, k := range Impls() {
			g.check(t, k, new(Scratch))
		}
	})
}

func BenchmarkGemm(b *testing.B) {
	for _, d := range []struct {
		m, n, k int
		ta, tb  bool
	}{
		{512, 512, 512, false, false}, {512, 512, 512, true, false}, {512, 512, 512, false, true}, {512, 512, 512, true, true},
		{100, 500, 784, false, false}, {100, 784, 500, false, true}, {784, 500, 100, true, false},
		{1024, 64, 64, false, false}, {128, 10, 256, false, false},
		{1, 500, 784, false, false}, {2, 500, 784, false, false}, {3, 500, 784, false, false},
		{4, 500, 784, false, false}, {5, 500, 784, false, false}, {8, 500, 784, false, false}, {1, 500, 784, false, true},
	} {
		g := gemmCase{m: d.m, n: d.n, k: d.k, ta: d.ta, tb: d.tb}
		g.operands()
		for _, k := range Impls() {
			b.Run(fmt.Sprintf("impl=%s/m=%d/n=%d/k=%d/ta=%t/tb=%t", k.Name, d.m, d.n, d.k, d.ta, d.tb), func(b *testing.B) {
				var s Scratch
				for b.Loop() {
					k.Gemm(d.m, d.n, d.k, g.a, g.rsa, g.csa, g.b, g.rsb, g.csb, g.c, g.ldc, GemmSet, &s)
				}
				b.ReportMetric(2*float64(d.m*d.n*d.k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}
