package kern

import (
	"fmt"

	"github.com/surprisal-go/surprisal/internal/hugepage"
)

// GemmMode says what a product does with the values already in C.
type GemmMode int

const (
	// GemmSet stores the chain: C = A·B.
	GemmSet GemmMode = iota
	// GemmContinue starts the chain from C instead of +0, as if k went on from
	// an earlier product.
	GemmContinue
	// GemmAdd adds the finished chain to C by one IEEE addition: C += A·B.
	GemmAdd
	// GemmEnd, joined to GemmSet or GemmContinue by |, adds +0 to the finished
	// chain, so that a chain of which zeros were skipped cannot differ by their
	// sign.
	GemmEnd GemmMode = 4
)

// ChunkRows is the length of k that [Impl.GemmChunked] sums in one chain.
const ChunkRows = 4096

// Scratch is the packing memory of one worker. The zero value is ready; it
// grows to what the largest product needs and is then reused. It must not be
// used by two products at once.
type Scratch struct {
	chains  []float32 // unfinished or not yet added chains
	zeros   []float32 // of ConvTile; never written
	call    product   // the product under way, here so that it is not allocated
	packing           // what the implementations of this build need besides
}

// Bytes is the memory that s holds.
func (s *Scratch) Bytes() int { return 4 * (cap(s.chains) + s.floats()) }

// Reserve makes the memory that products pack into, so that none of them does,
// unless chunks of [Impl.GemmChunked] are added.
func (k *Impl) Reserve(s *Scratch) {
	if k.reserve != nil {
		k.reserve(s)
	}
}

// product is a checked call of Gemm.
type product struct {
	m, n, k  int
	a        []float32
	rsa, csa int
	b        []float32
	rsb, csb int
	panels   []float32 // B, if packed; b is nil then
	c        []float32
	ldc      int
	mode     GemmMode
	mask     Mask
}

// Gemm computes the product of A, m by k, and B, k by n, into C, m by n, where
//
//	A(i,p) = a[i*rsa + p*csa]
//	B(p,j) = b[p*rsb + j*csb]
//	C(i,j) = c[i*ldc + j]
//
// so that exchanging strides transposes. Strides must not be negative, C must
// not overlap A or B, and s must not be nil.
//
// Each C(i,j) is one chain t = fma(A(i,p), B(p,j), t) over p = 0 … k-1 in
// ascending order, from t = +0, or from C(i,j) in mode [GemmContinue]; it is
// never split, so any way of sharing m and n among calls, and any way of
// sharing k among calls that continue, gives the same bits. With k = 0 the
// chain is its start.
func (k *Impl) Gemm(m, n, kk int, a []float32, rsa, csa int, b []float32, rsb, csb int, c []float32, ldc int, mode GemmMode, s *Scratch) {
	k.GemmMasked(m, n, kk, a, rsa, csa, b, rsb, csb, c, ldc, mode, Mask{}, s)
}

// GemmMasked is [Impl.Gemm] with entries closed by a mask. If that is one of B,
// the closed entries are never looked at, and each [StairCols] columns of the
// whole product share the range of k that is open to any of them: within it
// closed entries are multiplied as +0, and outside it skipped. The two differ
// for infinite entries of A alone, and then by the mask, not by how the product
// is cut into calls.
func (k *Impl) GemmMasked(m, n, kk int, a []float32, rsa, csa int, b []float32, rsb, csb int, c []float32, ldc int, mode GemmMode, mask Mask, s *Scratch) {
	s.call = product{m: m, n: n, k: kk, a: a, rsa: rsa, csa: csa, b: b, rsb: rsb, csb: csb, c: c, ldc: ldc, mode: mode, mask: mask}
	k.multiply(s)
}

// multiply runs the call that lies in s.
func (k *Impl) multiply(s *Scratch) {
	s.call.check()
	if s.call.m > 0 && s.call.n > 0 {
		k.gemm(&s.call, s)
		s.call.closeC()
	}
	s.call = product{}
	s.release()
}

// GemmChunked is GemmMasked in mode [GemmSet] but with k cut in chunks of
// [ChunkRows], each a chain from +0, the chunks added in ascending order. It is
// meant for weight gradients, whose k is rows times positions: chunks may be
// shared among workers by calls of [Impl.Gemm], the first in mode GemmSet and
// the others in GemmAdd, with the same bits.
func (k *Impl) GemmChunked(m, n, kk int, a []float32, rsa, csa int, b []float32, rsb, csb int, c []float32, ldc int, mask Mask, s *Scratch) {
	k.GemmMasked(m, n, min(kk, ChunkRows), a, rsa, csa, b, rsb, csb, c, ldc, GemmSet, mask, s)
	for p := ChunkRows; p < kk; p += ChunkRows {
		k.GemmMasked(m, n, min(kk-p, ChunkRows), a[p*csa:], rsa, csa, b[p*rsb:], rsb, csb, c, ldc, GemmAdd, mask, s)
	}
}

func (g *product) check() {
	// Below 2^31 none of the sums of products here can wrap.
	if (g.m|g.n|g.k|g.rsa|g.csa|g.rsb|g.csb|g.ldc)>>31 != 0 || g.mode < GemmSet || g.mode > GemmContinue|GemmEnd || g.mode == 3 {
		g.fail("negative or huge size or stride, or unknown mode")
	}
	if g.m == 0 || g.n == 0 {
		return
	}
	g.checkMask()
	if g.m > 1 && g.ldc < g.n {
		g.fail("rows of C overlap")
	}
	if len(g.c) < (g.m-1)*g.ldc+g.n {
		g.fail("C is too short")
	}
	if g.k == 0 {
		return
	}
	if len(g.a) <= (g.m-1)*g.rsa+(g.k-1)*g.csa {
		g.fail("A is too short")
	}
	if g.panels != nil {
		if len(g.panels) < PanelsLen(g.k, g.n) {
			g.fail("panels of B are too short")
		}
	} else if len(g.b) <= (g.k-1)*g.rsb+(g.n-1)*g.csb {
		g.fail("B is too short")
	}
}

// checkB checks a call of Pack, whose C is the panels.
func (g *product) checkB() {
	if (g.n|g.k|g.rsb|g.csb)>>31 != 0 {
		g.fail("negative or huge size or stride")
	}
	if g.n == 0 || g.k == 0 {
		return
	}
	g.checkMask()
	if len(g.b) <= (g.k-1)*g.rsb+(g.n-1)*g.csb {
		g.fail("B is too short")
	}
	if len(g.c) < PanelsLen(g.k, g.n) {
		g.fail("panels of B are too short")
	}
}

func (g *product) fail(what string) {
	panic(fmt.Sprintf("kern: Gemm: %s: m=%d n=%d k=%d, A len %d strides %d %d, B len %d strides %d %d, C len %d stride %d, mode %d",
		what, g.m, g.n, g.k, len(g.a), g.rsa, g.csa, len(g.b), g.rsb, g.csb, len(g.c), g.ldc, g.mode))
}

// grow returns a slice of n floats in *buf, which it enlarges if need be. The
// contents are whatever was there.
func grow(buf *[]float32, n int) []float32 {
	if cap(*buf) < n {
		*buf = hugepage.Make[float32](n)
	}
	return (*buf)[:n]
}

// portableGemm keeps one row of chains and adds one row of B at a time.
func portableGemm(g *product, s *Scratch) {
	width := g.n
	if g.mask.Stairs != nil || g.panels != nil {
		width = StairCols
	}
	for j := 0; j < g.n; j += width {
		portableColumns(g, s, j, min(width, g.n-j))
	}
}

func portableColumns(g *product, s *Scratch, j, cols int) {
	t := grow(&s.chains, cols)
	kLo, kHi := g.mask.Span(g.k, j)
	for i := range g.mask.Height(g.m, j) {
		row := g.c[i*g.ldc+j:][:cols]
		if g.mode&GemmContinue != 0 {
			copy(t, row)
		} else {
			clear(t)
		}
		for p := kLo; p < kHi; p++ {
			v := g.a[i*g.rsa+p*g.csa]
			b, csb := g.rowB(p, j)
			lo, hi := g.mask.open(p, j, cols)
			for q := range t {
				w := float32(0)
				if lo <= q && q < hi {
					w = b[q*csb]
				}
				t[q] = FMA(v, w, t[q])
			}
		}
		for q, v := range t {
			switch {
			case g.mode == GemmAdd:
				row[q] += v
			case g.mode&GemmEnd != 0:
				row[q] = v + 0
			default:
				row[q] = v
			}
		}
	}
}

// rowB is row p of B from column j on, and the distance of its elements; of
// panels, j must begin one.
func (g *product) rowB(p, j int) (b []float32, csb int) {
	if g.panels != nil {
		return g.panels[j*g.k+p*StairCols:], 1
	}
	return g.b[p*g.rsb+j*g.csb:], g.csb
}
