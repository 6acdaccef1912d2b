//go:build amd64 && !noasm

package kern

import "unsafe"

type (
	fullKernel func(k int, a *float32, rsa, csa int, b *float32, ldb int, c *float32, ldc, mode int)
	edgeKernel func(k int, a *float32, rsa, csa int, b *float32, ldb int, c *float32, ldc, mode int, mask *uint32)
)

// microKernels is what the blocked product needs of an instruction set. Its
// driver, after Goto and van de Geijn ("Anatomy of high-performance matrix
// multiplication", 2008), cuts n by nc, k by kc and m by mc, so that a panel of
// B stays in the first cache and a block of A in the second. Blocks of k
// continue the chain from C.
type microKernels struct {
	full []fullKernel // full[rows] is a tile of rows by 16 columns
	edge []edgeKernel // edge[rows] is one of fewer columns
	wide []wideKernel // wide[rows] is for products of so few rows

	// edgeRows is the number of rows up to which edge kernels mask B too;
	// above, B must be padded to 16 columns.
	edgeRows   int
	kc, mc, nc int
}

// packing is the part of Scratch that the blocked product uses.
type packing struct {
	a, b []float32
	part product // where addBlocks is
}

// release forgets the operands, so that scratch memory keeps nothing alive.
func (p *packing) release() { p.part = product{} }

// wideKernel keeps enough chains going where the rows alone are too few.
type wideKernel struct {
	f    fullKernel
	cols int
}

const (
	panelCols = 16 // columns of a tile
	panelRows = 8  // floats between the columns of a packed tile of A
)

// edgeMask[panelCols-n:] selects the first n of 16 columns.
var edgeMask = func() (m [2 * panelCols]uint32) {
	for i := range panelCols {
		m[i] = allBits
	}
	return m
}()

func (u *microKernels) gemm(g *product, s *Scratch) {
	if g.k == 0 {
		portableGemm(g, s)
		return
	}
	w := u.plan(g)
	if g.mode == GemmAdd && w.kc < g.k {
		u.addBlocks(g, s)
		return
	}
	for jc := 0; jc < g.n; jc += u.nc {
		w.j, w.nc = jc, min(u.nc, g.n-jc)
		for pc := 0; pc < g.k; pc += w.kc {
			w.block(g, s, pc, min(w.kc, g.k-pc))
		}
	}
}

// addBlocks computes a product in mode GemmAdd whose chains do not fit in one
// block of k: they are finished in scratch memory before C is touched.
func (u *microKernels) addBlocks(g *product, s *Scratch) {
	for i := 0; i < g.m; i += u.mc {
		for j := 0; j < g.n; j += u.nc {
			h := &s.part
			*h = *g
			h.m, h.n, h.mode = min(u.mc, g.m-i), min(u.nc, g.n-j), GemmSet
			h.a, h.b = g.a[i*g.rsa:], g.b[j*g.csb:]
			h.c, h.ldc = grow(&s.chains, h.m*h.n), h.n
			u.gemm(h, s)
			for r := range h.m {
				row := g.c[(i+r)*g.ldc+j:][:h.n]
				addAVX2(row, row, h.c[r*h.n:])
			}
		}
	}
}

// work is the plan of one product and the block it is at.
type work struct {
	*microKernels
	packA, packB bool
	wide         wideKernel
	kc           int
	j, nc        int // columns of the block
}

// plan decides what to pack. Rows of B must be contiguous for the kernels, and
// packing pays where a panel is used by many tiles. A can be read in place by
// any strides, but columns far apart, and rows a multiple of 1 KiB apart, fall
// on few cache sets and pages.
func (u *microKernels) plan(g *product) work {
	w := work{microKernels: u}
	w.packB = g.csb != 1 || g.m > 4*(len(u.full)-1) && g.k*g.n > 24<<10
	if g.n > 2*panelCols {
		alias := g.rsa%256 == 0 && g.rsa > 0
		w.packA = g.csa != 1 && g.m > 1 || alias && g.m > 2 || g.n >= 256 && g.m > 96
	}
	if g.m < len(u.wide) {
		w.wide = u.wide[g.m]
	} else {
		w.wide = wideKernel{nil, panelCols}
	}
	w.kc = g.k
	if (g.m >= len(u.full) || w.packB) && g.k > u.kc {
		blocks := (g.k + u.kc - 1) / u.kc
		w.kc = ((g.k+blocks-1)/blocks + 3) &^ 3
	}
	return w
}

// block adds kc products from p on to all rows of the columns at w.j.
func (w *work) block(g *product, s *Scratch, p, kc int) {
	mode := g.mode
	if p > 0 {
		mode = GemmContinue
	}
	width := w.wide.cols
	var packed []float32
	if w.packB {
		packed = w.packPanels(g, s, p, kc)
	}
	for i := 0; i < g.m; i += w.mc {
		mc := min(w.mc, g.m-i)
		tiles := w.tiles(g, s, i, mc, p, kc)
		for q := 0; q < w.nc; q += width {
			b, ldb := unsafe.SliceData(packed), 4*width
			if w.packB {
				b = at(b, q*kc)
			} else {
				b, ldb = &g.b[p*g.rsb+w.j+q], 4*g.rsb
			}
			cols := min(width, w.nc-q)
			row := i
			for t := range tiles.n {
				rows := tiles.rows(t)
				a, rsa, csa := tiles.at(g, t, row, p, kc)
				c := &g.c[row*g.ldc+w.j+q]
				w.panel(rows, cols, kc, a, rsa, csa, b, ldb, c, 4*g.ldc, int(mode))
				row += rows
			}
		}
	}
}

// panel runs kernels over one tile of rows and up to w.wide.cols columns.
func (w *work) panel(rows, cols, k int, a *float32, rsa, csa int, b *float32, ldb int, c *float32, ldc, mode int) {
	if cols == w.wide.cols && w.wide.f != nil {
		w.wide.f(k, a, rsa, csa, b, ldb, c, ldc, mode)
		return
	}
	for ; cols >= panelCols; cols -= panelCols {
		w.full[rows](k, a, rsa, csa, b, ldb, c, ldc, mode)
		if cols == panelCols {
			return // there may be no memory beyond
		}
		b, c = at(b, panelCols), at(c, panelCols)
	}
	mask := &edgeMask[panelCols-cols]
	if !w.packB && rows > w.edgeRows {
		half := rows / 2
		w.edge[half](k, a, rsa, csa, b, ldb, c, ldc, mode, mask)
		rows -= half
		a, c = at(a, half*rsa/4), at(c, half*ldc/4)
	}
	w.edge[rows](k, a, rsa, csa, b, ldb, c, ldc, mode, mask)
}

// tiling divides the rows of a block of A evenly among tiles.
type tiling struct {
	n, base, rem int
	packed       []float32
}

func (t *tiling) rows(i int) int {
	if i < t.rem {
		return t.base + 1
	}
	return t.base
}

// at returns where tile i, whose first row is row, begins, with the strides of
// its rows and columns in bytes.
func (t *tiling) at(g *product, i, row, p, kc int) (a *float32, rsa, csa int) {
	if t.packed != nil {
		return &t.packed[i*panelRows*kc], 4, 4 * panelRows
	}
	return &g.a[row*g.rsa+p*g.csa], 4 * g.rsa, 4 * g.csa
}

func (w *work) tiles(g *product, s *Scratch, i, mc, p, kc int) tiling {
	mr := len(w.full) - 1
	t := tiling{n: (mc + mr - 1) / mr}
	t.base, t.rem = mc/t.n, mc%t.n
	if !w.packA {
		return t
	}
	t.packed = grow(&s.a, t.n*panelRows*kc)
	for q := range t.n {
		dst := t.packed[q*panelRows*kc:]
		packTile(t.rows(q), kc, g.a[i*g.rsa+p*g.csa:], g.rsa, g.csa, dst, panelRows)
		i += t.rows(q)
	}
	return t
}

// at returns p + n floats.
func at(p *float32, n int) *float32 {
	return (*float32)(unsafe.Add(unsafe.Pointer(p), 4*n))
}
