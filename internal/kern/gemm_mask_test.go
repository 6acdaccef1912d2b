package kern

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// maskedCase is a product of which the columns from col on are asked for.
type maskedCase struct {
	gemmCase
	of       Masked
	row, col int
	rows     int // of the whole C, if it is masked
	cols     int // of the whole product
	open     func(i, j int) bool
	mask     Mask
}

func (g *maskedCase) String() string {
	return fmt.Sprintf("%v of=%d row=%d col=%d of %d by %d", &g.gemmCase, g.of, g.row, g.col, g.rows, g.cols)
}

// randomMasked draws a product under stairs with flat and steep parts. A has
// infinite entries, which show what is skipped; closed entries of B are NaN.
func randomMasked(rng *rand.Rand, m, k int) *maskedCase {
	g := &maskedCase{of: Masked(rng.IntN(3))}
	g.m, g.k, g.seed = m, k, rng.Uint64()
	g.ta, g.pad = rng.IntN(2) == 0, rng.IntN(3)
	g.tb = rng.IntN(4) == 0 != (g.of == MaskBT)
	g.mode = []GemmMode{GemmSet, GemmContinue, GemmAdd, GemmSet | GemmEnd, GemmContinue | GemmEnd}[rng.IntN(5)]
	g.cols = 1 + rng.IntN(150)
	g.col = rng.IntN((g.cols-1)/StairCols+1) * StairCols
	g.n = 1 + rng.IntN(g.cols-g.col)
	i, j := k, g.cols // of the masked matrix
	switch g.of {
	case MaskBT:
		i, j = g.cols, k
	case MaskC:
		g.row = rng.IntN(30)
		i = g.row + m + rng.IntN(10)
		g.rows = i
	}
	first := make([]int32, i)
	at, slope := rng.IntN(j+1)-j/2, rng.IntN(4)*j/i+1
	for p := range first {
		at += rng.IntN(2) * rng.IntN(2*slope+1)
		first[p] = int32(min(max(at, 0), j))
	}
	g.open = func(i, j int) bool { return j >= int(first[i]) }
	g.mask = Mask{Stairs: NewStairs(first, j), Of: g.of, Row: g.row, Col: g.col}
	g.operands()
	for range rng.IntN(3) {
		if len(g.a) > 0 {
			g.a[rng.IntN(len(g.a))] = float32(math.Inf(1))
		}
	}
	return g
}

// openB says whether B is open in row p for column j of the whole product.
func (g *maskedCase) openB(p, j int) bool {
	switch g.of {
	case MaskB:
		return g.open(p, j)
	case MaskBT:
		return g.open(j, p)
	}
	return true
}

// fill computes the answer by the words of GemmMasked.
func (g *maskedCase) fill() {
	g.w = append([]float32(nil), g.c...)
	for j := range g.n {
		at := g.col + j
		panel := at / StairCols * StairCols
		lo, hi := g.k, 0
		for p := range g.k {
			for q := panel; q < min(panel+StairCols, g.cols); q++ {
				if g.openB(p, q) {
					lo, hi = min(lo, p), max(hi, p+1)
				}
			}
			if !g.openB(p, at) {
				g.b[p*g.rsb+j*g.csb] = float32(math.NaN())
			}
		}
		for i := range g.m {
			g.w[i*g.ldc+j] = g.entry(i, j, lo, hi)
		}
	}
}

func (g *maskedCase) entry(i, j, lo, hi int) float32 {
	old := g.c[i*g.ldc+j]
	if g.of == MaskC && !g.open(g.row+i, g.col+j) {
		return 0
	}
	var t float32
	if g.mode&GemmContinue != 0 {
		t = old
	}
	for p := lo; p < hi; p++ {
		b := float32(0)
		if g.openB(p, g.col+j) {
			b = g.b[p*g.rsb+j*g.csb]
		}
		t = FMA(g.a[i*g.rsa+p*g.csa], b, t)
	}
	switch {
	case g.mode == GemmAdd:
		t = old + t
	case g.mode&GemmEnd != 0:
		t += 0
	}
	return t
}

func (g *maskedCase) check(t *testing.T, k *Impl, s *Scratch) {
	t.Helper()
	g.checkMasked(t, k, s, g.mode, g.mask, g)
}

func TestGemmMasked(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 31))
	rounds := 1500
	if testing.Short() {
		rounds = 400
	}
	var s Scratch
	for i := range rounds {
		m, k := 1+rng.IntN(40), 1+rng.IntN(100)
		switch {
		case i%50 == 0:
			m, k = 195+rng.IntN(20), 250+rng.IntN(300)
		case i%5 == 0:
			m, k = 1+rng.IntN(8), 1+rng.IntN(600)
		}
		g := randomMasked(rng, m, k)
		g.fill()
		for _, k := range Impls() {
			g.check(t, k, &s)
		}
	}
}

// TestGemmChunkedMasked holds chunks under a mask of C to products of each.
func TestGemmChunkedMasked(t *testing.T) {
	const m, n, k = 9, 40, ChunkRows + 70
	first := make([]int32, m)
	for i := range first {
		first[i] = int32(5 * i)
	}
	g := gemmCase{m: m, n: n, k: k, ta: true}
	g.operands()
	mask := Mask{Stairs: NewStairs(first, n), Of: MaskC}
	for _, impl := range Impls() {
		var s Scratch
		impl.GemmChunked(m, n, k, g.a, g.rsa, g.csa, g.b, g.rsb, g.csb, g.c, g.ldc, Mask{}, &s)
		c := make([]float32, len(g.c))
		impl.GemmChunked(m, n, k, g.a, g.rsa, g.csa, g.b, g.rsb, g.csb, c, g.ldc, mask, &s)
		for i := range m {
			clear(g.c[i*g.ldc:][:min(int(first[i]), n)])
		}
		if i := firstDiff(c, g.c); i >= 0 {
			t.Fatalf("%s: C[%d] = %x, want %x", impl.Name, i, bits(c[i]), bits(g.c[i]))
		}
	}
}

func TestGemmMaskRefuses(t *testing.T) {
	stairs := NewStairs([]int32{0, 16, 20}, 32)
	x := make([]float32, 100)
	for name, mask := range map[string]Mask{
		"column within a panel": {Stairs: stairs, Col: 8},
		"too few columns":       {Stairs: stairs, Col: 32},
		"k of another":          {Stairs: stairs, Of: MaskBT},
		"too few rows":          {Stairs: stairs, Of: MaskC, Row: 2},
		"of nothing":            {Stairs: stairs, Of: 3},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			Default.GemmMasked(2, 1, 3, x, 3, 1, x, 1, 1, x, 1, GemmSet, mask, new(Scratch))
		}()
	}
}
