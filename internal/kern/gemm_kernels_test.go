//go:build (amd64 || arm64) && !noasm

package kern

import (
	"math/rand/v2"
	"testing"
	"unsafe"
)

// microCase is a call of a micro-kernel: tiles of rows by cols, of which kept
// are in the mask.
type microCase struct {
	rows, cols, kept, tiles int
	k, mode                 int
	rsa, csa, ldb, ldc      int
	a, b, c                 []float32
	first                   []int32 // column of each row of B from which it is open
}

func newMicroCase(rng *rand.Rand, rows, cols, kept, k, mode int) *microCase {
	g := &microCase{rows: rows, cols: cols, kept: kept, tiles: 1 + rng.IntN(3), k: k, mode: mode, ldb: cols + 2, ldc: cols + 1}
	m := rows * g.tiles
	g.rsa, g.csa = k+1, 1
	if rng.IntN(2) == 0 {
		g.rsa, g.csa = 1, m+3
	}
	g.a, g.b = randomFloats(rng, m*g.rsa+k*g.csa+1), randomFloats(rng, k*g.ldb+cols)
	g.c = randomFloats(rng, (m-1)*g.ldc+kept)
	g.first = make([]int32, k+1)
	return g
}

// want is what C must become, by the definition.
func (g *microCase) want() []float32 {
	c := append([]float32(nil), g.c...)
	for i := range g.rows * g.tiles {
		for j := range g.kept {
			var s float32
			old := c[i*g.ldc+j]
			if g.mode&1 != 0 {
				s = old
			}
			for p := range g.k {
				b := float32(0)
				if j >= int(g.first[p]) {
					b = g.b[p*g.ldb+j]
				}
				s = FMA(g.a[i*g.rsa+p*g.csa], b, s)
			}
			if g.mode&2 != 0 {
				s += old
			}
			if g.mode&4 != 0 {
				s += 0
			}
			c[i*g.ldc+j] = s
		}
	}
	return c
}

func (g *microCase) check(t *testing.T, what string, run func(c *float32, mask *uint32)) {
	t.Helper()
	c, intact := guarded(g.c)
	run(unsafe.SliceData(c), &edgeMask[max(panelCols-g.kept, 0)])
	want := g.want()
	if i := firstDiff(c, want); i >= 0 {
		t.Fatalf("%s kernel of %d by %d, %d columns, k=%d, mode %d: C[%d][%d] = %x, want %x", what, g.rows, g.cols, g.kept, g.k, g.mode, i/g.ldc, i%g.ldc, bits(c[i]), bits(want[i]))
	}
	if !intact() {
		t.Fatalf("%s kernel of %d by %d, %d columns, k=%d, mode %d wrote outside C", what, g.rows, g.cols, g.kept, g.k, g.mode)
	}
}

// TestMicroKernels holds every kernel of every set to the definition.
func TestMicroKernels(t *testing.T) {
	for _, u := range microKernelSets() {
		rng := rand.New(rand.NewPCG(31, 31))
		for mode := range 8 {
			for _, k := range []int{0, 1, 4, 7} {
				for rows, f := range u.full {
					if f != nil {
						checkFull(t, newMicroCase(rng, rows, panelCols, panelCols, k, mode), f)
					}
				}
				for rows, w := range u.wide {
					if w.f != nil {
						checkFull(t, newMicroCase(rng, rows, w.cols, w.cols, k, mode), w.f)
					}
				}
				for rows, f := range u.edge {
					if f != nil {
						g := newMicroCase(rng, rows, panelCols, 1+rng.IntN(panelCols-1), k, mode)
						g.check(t, "edge", func(c *float32, mask *uint32) {
							f(k, &g.a[0], 4*g.rsa, 4*g.csa, &g.b[0], 4*g.ldb, c, 4*g.ldc, mode, g.tiles, 4*rows*g.rsa, mask)
						})
					}
				}
				for rows, f := range u.stair {
					if f != nil {
						checkStair(t, rng, newMicroCase(rng, rows, panelCols, 1+rng.IntN(panelCols), k, mode), f)
					}
				}
			}
		}
	}
}

func checkFull(t *testing.T, g *microCase, f fullKernel) {
	t.Helper()
	g.check(t, "full", func(c *float32, _ *uint32) {
		f(g.k, &g.a[0], 4*g.rsa, 4*g.csa, &g.b[0], 4*g.ldb, c, 4*g.ldc, g.mode, g.tiles, 4*g.rows*g.rsa)
	})
}

func checkStair(t *testing.T, rng *rand.Rand, g *microCase, f stairKernel) {
	t.Helper()
	col := panelCols * rng.IntN(3)
	first := make([]int32, len(g.first))
	for p := range first {
		g.first[p] = int32(rng.IntN(panelCols + 1))
		first[p] = g.first[p] + int32(col)
	}
	g.check(t, "stair", func(c *float32, mask *uint32) {
		f(g.k, &g.a[0], 4*g.rsa, 4*g.csa, &g.b[0], 4*g.ldb, c, 4*g.ldc, g.mode, g.tiles, 4*g.rows*g.rsa, mask, &first[0], &edgeMask[2*panelCols], col)
	})
}

// TestPackTiles packs tiles of as many rows as any set of kernels has, by both
// ways of storing A.
func TestPackTiles(t *testing.T) {
	rng := rand.New(rand.NewPCG(32, 32))
	const tiles = 3
	for rows := 1; rows <= 24; rows++ {
		for _, k := range []int{1, 7, 8, 19} {
			for _, transposed := range []bool{false, true} {
				g := &product{m: rows * tiles, k: k, rsa: k + 1, csa: 1}
				if transposed {
					g.rsa, g.csa = 1, g.m+2
				}
				g.a = randomFloats(rng, (g.m-1)*g.rsa+(k-1)*g.csa+1)
				dst, intact := guarded(make([]float32, tiles*tileStep(rows, k)))
				packTiles(g, dst, 0, rows, tiles, 0, k)
				for i := range g.m {
					for p := range k {
						got, want := dst[i/rows*tileStep(rows, k)+p*rows+i%rows], g.a[i*g.rsa+p*g.csa]
						if bits(got) != bits(want) {
							t.Fatalf("tiles of %d rows, k=%d, transposed %t: A[%d][%d] is %x, want %x", rows, k, transposed, i, p, bits(got), bits(want))
						}
					}
				}
				if !intact() {
					t.Fatalf("tiles of %d rows, k=%d, transposed %t: wrote outside", rows, k, transposed)
				}
			}
		}
	}
}
