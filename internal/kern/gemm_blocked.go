//go:build (amd64 || arm64) && !noasm

package kern

import "unsafe"

type (
	fullKernel  func(k int, a *float32, rsa, csa int, b *float32, ldb int, c *float32, ldc, mode, tiles, step int)
	edgeKernel  func(k int, a *float32, rsa, csa int, b *float32, ldb int, c *float32, ldc, mode, tiles, step int, mask *uint32)
	stairKernel func(k int, a *float32, rsa, csa int, b *float32, ldb int, c *float32, ldc, mode, tiles, step int, mask *uint32, first *int32, steps *uint32, col int)
)

// microKernels is what the blocked product needs of an instruction set. Each
// kernel runs down tiles of C one below the other, so that a panel of B, the
// columns of one tile, stays in the first cache.
//
// The driver is after Goto and van de Geijn ("Anatomy of high-performance
// matrix multiplication", 2008): it cuts k by kc and m by mc, so that a panel
// of B takes half of the first cache and a block of A half of the second, and
// keeps at most nc columns of B packed.
// Blocks of k continue the chains from C. Products of few rows stream B
// instead; see stream.
type microKernels struct {
	full  []fullKernel  // full[rows] is a tile of rows by panelCols
	edge  []edgeKernel  // edge[rows] is one of fewer columns
	stair []stairKernel // stair[rows] masks B by row
	wide  []wideKernel  // wide[rows] is for products of so few rows

	// edgeRows is the number of rows up to which edge kernels mask B too;
	// above, B must be padded.
	edgeRows   int
	kc, mc, nc int
	// A product of up to streamRows rows streams B in blocks of streamK rows,
	// if B is not masked or there are kernels of stairs.
	streamRows, streamK int

	add func(dst, x, y []float32) // the elementwise kernel
}

// wideKernel keeps enough chains going where the rows alone are too few.
type wideKernel struct {
	f    fullKernel
	cols int
}

const panelCols = StairCols // columns of a tile

// packing is the part of Scratch that the blocked product uses.
type packing struct {
	a, b []float32
	part product // where addBlocks is
}

func (p *packing) floats() int { return cap(p.a) + cap(p.b) }

// release forgets the operands, so that scratch memory keeps nothing alive.
func (p *packing) release() { p.part = product{} }

// edgeMask[panelCols-n:] selects the first n of 16 columns, and
// edgeMask[2*panelCols-n:] those from n on.
var edgeMask = func() (m [3 * panelCols]uint32) {
	for i := range panelCols {
		m[i] = allBits
		m[2*panelCols+i] = allBits
	}
	return m
}()

func (u *microKernels) gemm(g *product, s *Scratch) {
	kc := g.k
	if g.k > u.kc {
		blocks := (g.k + u.kc - 1) / u.kc
		kc = ((g.k+blocks-1)/blocks + 3) &^ 3
	}
	switch {
	case g.panels == nil && g.m <= u.streamRows && g.csb == 1 && (g.mask.Stairs == nil || g.mask.Of == MaskB && g.mode != GemmAdd && len(u.stair) > 0):
		u.stream(g)
	case g.mode == GemmAdd && kc < g.k:
		u.addBlocks(g, s)
	default:
		w := work{microKernels: u, product: g, scratch: s}
		// Rows of A are read in place. Columns would fall on a page each, and
		// rows a page apart on one cache set.
		w.packA = g.csa != 1 && g.m > 1 || g.rsa%1024 == 0 && g.rsa > 0 && g.m > 2
		w.packA = w.packA && g.n > panelCols && g.k > 0
		if g.panels != nil {
			w.rows(kc)
			return
		}
		w.block(0, kc)
		for p := kc; p < g.k; p += kc {
			w.block(p, min(p+kc, g.k))
		}
	}
}

// addBlocks computes a product in mode GemmAdd whose chains do not fit in one
// block of k: they are finished in scratch memory before C is touched.
func (u *microKernels) addBlocks(g *product, s *Scratch) {
	const nc = 1024
	for i := 0; i < g.m; i += u.mc {
		for j := 0; j < g.n; j += nc {
			h := &s.part
			*h = *g
			h.m, h.n, h.mode = min(u.mc, g.m-i), min(nc, g.n-j), GemmSet
			h.mask.Row, h.mask.Col = g.mask.Row+i, g.mask.Col+j
			h.a = g.a[i*g.rsa:]
			if g.panels != nil {
				h.panels = g.panels[j*g.k:]
			} else {
				h.b = g.b[j*g.csb:]
			}
			h.c, h.ldc = grow(&s.chains, h.m*h.n), h.n
			u.gemm(h, s)
			for r := range h.m {
				row := g.c[(i+r)*g.ldc+j:][:h.n]
				u.add(row, row, h.c[r*h.n:])
			}
		}
	}
}

// work is a product under way.
type work struct {
	*microKernels
	*product
	scratch *Scratch
	packA   bool
	p0, p1  int // the block of k
}

// block adds the products of p0 … p1−1 to all of C, a block of rows at a time
// and each panel by panel. Panels of B are packed when the first block of rows
// comes to them, and kept for the others.
func (w *work) block(p0, p1 int) {
	w.p0, w.p1 = p0, p1
	u := w.microKernels
	packed := aligned(&w.scratch.b, u.kc*u.nc)
	blocks := (w.m + u.mc - 1) / u.mc
	mc, nc, keep := (w.m+blocks-1)/blocks, u.nc, p1-p0
	if blocks == 1 {
		nc, keep = w.n, 0
	}
	for lo := 0; lo < w.n; lo += nc {
		for i := 0; i < w.m; i += mc {
			t := w.tiles(i, min(mc, w.m-i))
			for j := lo; j < min(lo+nc, w.n); j += panelCols {
				w.panel(&t, j, packed[(j-lo)*keep:], i == 0)
			}
		}
	}
}

// rows does a block of rows after the other: B is packed already, so that C can
// stay in the cache from one block of k to the next.
func (w *work) rows(kc int) {
	blocks := (w.m + w.mc - 1) / w.mc
	mc := (w.m + blocks - 1) / blocks
	for i := 0; i < w.m; i += mc {
		for p := 0; p == 0 || p < w.k; p += max(kc, 1) {
			w.p0, w.p1 = p, min(p+kc, w.k)
			t := w.tiles(i, min(mc, w.m-i))
			for j := 0; j < w.n; j += panelCols {
				lo, _ := w.mask.Span(w.k, j)
				w.panel(&t, j, w.panels[j*w.k+max(p, lo)*panelCols:], false)
			}
		}
	}
}

// reserve makes the memory for packing, the same for all products.
func (u *microKernels) reserve(s *Scratch) {
	aligned(&s.b, u.kc*u.nc)
	grow(&s.a, u.packedA())
}

// packedA is the most floats that a block of A takes. A block has a tile more
// than rows divided by those of a tile, at most.
func (u *microKernels) packedA() int {
	return u.mc*u.kc + (u.mc/(len(u.full)-1)+1)*packWidth
}

// panel computes the tiles of the block of rows t in the panel at column j.
func (w *work) panel(t *tiling, j int, b []float32, pack bool) {
	g := w.product
	lo, hi := g.mask.Span(g.k, j)
	p0, p1 := max(w.p0, lo), min(w.p1, hi)
	mode := int(g.mode)
	switch {
	case lo >= hi && w.p0 == 0:
		p0, p1 = 0, 0 // chains of nothing
	case p0 >= p1:
		return
	default:
		if p0 > lo {
			mode |= int(GemmContinue)
		}
		if p1 < hi {
			mode &^= int(GemmEnd)
		}
	}
	cols := min(panelCols, g.n-j)
	if pack {
		packPanel(g, b, j, cols, p0, p1)
	}
	t.run(w, j, cols, b, p0, p1, mode, g.mask.Height(g.m, j))
}

// run is a number of tiles of as many rows each, one below the other.
type run struct{ rows, n int }

// split divides m > 0 rows evenly among tiles of at most mr.
func split(m, mr int) [2]run {
	n := (m + mr - 1) / mr
	base, rem := m/n, m%n
	return [2]run{{base + 1, rem}, {base, n - rem}}
}

// tiling is a block of rows, from row on.
type tiling struct {
	row, m int
	runs   [2]run
	packed []float32
}

func (w *work) tiles(row, m int) tiling {
	t := tiling{row: row, m: m, runs: split(m, len(w.full)-1)}
	if !w.packA {
		return t
	}
	t.packed = grow(&w.scratch.a, w.packedA())
	dst := t.packed
	for _, u := range t.runs {
		packTiles(w.product, dst, row, u.rows, u.n, w.p0, w.p1)
		row, dst = row+u.rows*u.n, dst[u.n*tileStep(u.rows, w.p1-w.p0):]
	}
	return t
}

// run computes the tiles that have one of the first height rows of C.
func (t *tiling) run(w *work, j, cols int, b []float32, p0, p1, mode, height int) {
	kc := w.p1 - w.p0
	rsa, csa, ldc := 4*w.rsa, 4*w.csa, 4*w.ldc
	mask := &edgeMask[panelCols-cols]
	row, end, packed := 0, min(height-t.row, t.m), 0
	if w.panels != nil && j+panelCols < w.n { // the next panel is asked for on the way
		mode |= 4 * panelCols * w.k << 8
	}
	for _, u := range t.runs {
		n := min(u.n, (end-row+u.rows-1)/u.rows)
		if n <= 0 {
			row, packed = row+u.rows*u.n, packed+u.n*tileStep(u.rows, kc)
			continue
		}
		var a *float32
		step := u.rows * rsa
		switch {
		case p0 == p1:
		case t.packed != nil:
			a = &t.packed[packed+(p0-w.p0)*u.rows]
			rsa, csa, step = 4, 4*u.rows, 4*tileStep(u.rows, kc)
		default:
			a = &w.a[(t.row+row)*w.rsa+p0*w.csa]
		}
		c := &w.c[(t.row+row)*w.ldc+j]
		if cols == panelCols {
			w.full[u.rows](p1-p0, a, rsa, csa, unsafe.SliceData(b), 4*panelCols, c, ldc, mode, n, step)
		} else {
			w.edge[u.rows](p1-p0, a, rsa, csa, unsafe.SliceData(b), 4*panelCols, c, ldc, mode, n, step, mask)
		}
		row, packed = row+u.rows*u.n, packed+u.n*tileStep(u.rows, kc)
	}
}

// aligned is grow, but the slice begins with a cache line.
func aligned(buf *[]float32, n int) []float32 {
	x := grow(buf, n+15)
	off := int(-uintptr(unsafe.Pointer(unsafe.SliceData(x)))>>2) & 15
	return x[off:][:n]
}
