//go:build (amd64 || arm64) && !noasm

package kern

// packWidth is the number of floats that packTile writes at a time.
const packWidth = 8

// packRowsAtOnce rows of A lie in the first cache while tiles take their parts.
const packRowsAtOnce = 16

// packPanel copies rows p0 … p1−1 of the columns of B from j on into rows of
// panelCols, closed entries and those beyond the columns as +0.
func packPanel(g *product, dst []float32, j, cols, p0, p1 int) {
	k := p1 - p0
	if k == 0 {
		return
	}
	src := g.b[p0*g.rsb+j*g.csb:]
	if g.csb == 1 {
		packRows16(k, &src[0], 4*g.rsb, &dst[0], 4*panelCols, &edgeMask[panelCols-cols])
	} else {
		packTile(min(cols, packWidth), k, src, g.csb, g.rsb, dst, panelCols)
		if cols > packWidth {
			packTile(cols-packWidth, k, src[packWidth*g.csb:], g.csb, g.rsb, dst[packWidth:], panelCols)
		} else {
			for p := range k { // harmless, but not whatever was there
				clear(dst[p*panelCols+packWidth:][:packWidth])
			}
		}
	}
	if !g.mask.ofB() {
		return
	}
	fullLo, fullHi := g.mask.full(g.k, j)
	shut := func(p int) {
		lo, hi := g.mask.open(p, j, cols)
		row := dst[(p-p0)*panelCols:][:cols]
		clear(row[:lo])
		clear(row[hi:])
	}
	for p := p0; p < min(fullLo, p1); p++ {
		shut(p)
	}
	for p := max(fullHi, p0); p < p1; p++ {
		shut(p)
	}
}

// packTiles copies the columns p0 … p1−1 of n tiles of A of so many rows each,
// from row i on, to dst: each tile as its columns one after the other, a number
// of floats after the last.
func packTiles(g *product, dst []float32, i, rows, n, p0, p1 int) {
	if n == 0 {
		return
	}
	// The last rows first: what is written beyond them belongs to the first
	// rows of the next column.
	for r := (rows - 1) / packWidth * packWidth; r >= 0; r -= packWidth {
		packParts(g, dst[r:], i+r, min(rows-r, packWidth), rows, n, p0, p1)
	}
}

// packParts copies up to packWidth rows of every tile.
func packParts(g *product, dst []float32, i, part, rows, n, p0, p1 int) {
	k := p1 - p0
	if g.rsa == 1 {
		for p := 0; p < k; p += packRowsAtOnce {
			packTiles8(min(packRowsAtOnce, k-p), &g.a[i+(p0+p)*g.csa], 4*g.csa, &dst[p*rows], 4*rows, n, 4*tileStep(rows, k), &edgeMask[panelCols-part])
		}
		return
	}
	for t := range n {
		packTile(part, k, g.a[(i+t*rows)*g.rsa+p0*g.csa:], g.rsa, g.csa, dst[t*tileStep(rows, k):], rows)
	}
}

// tileStep is the number of floats that a packed tile takes. Behind it is room
// for what is written beyond its last row.
func tileStep(rows, k int) int { return rows*k + packWidth }

// packTile writes dst[p*ldd + r] = src[r*rs + p*cs] for up to 8 rows r and k
// columns p in ascending order, and zeros or copies beyond the rows, up to 8.
func packTile(rows, k int, src []float32, rs, cs int, dst []float32, ldd int) {
	p := 0
	if cs == 1 && k >= 8 {
		packColumns8(k/8, &src[0], 4*rs, &dst[0], 4*ldd, rows)
		p = k &^ 7
	}
	for ; p < k; p++ {
		d := dst[p*ldd:][:packWidth]
		clear(d)
		for r := range rows {
			d[r] = src[r*rs+p*cs]
		}
	}
}
