package kern

// Panels of B: columns StairCols at a time, one panel after the other, each of
// k rows of StairCols floats. Closed entries, and those beyond the last column,
// are +0; rows outside Span are whatever was there. Several products, such as
// those of blocks of rows that workers share, can use the same panels.

// PanelsLen is the number of floats of the panels of B, k by n.
func PanelsLen(k, n int) int { return (n + StairCols - 1) / StairCols * StairCols * k }

// Pack writes the panels of B, kk by n, of which mask closes entries. With a
// multiple j of StairCols, the panels from column j on are those of b[j*csb:]
// and mask.Col + j, and lie in dst[j*kk:].
func (k *Impl) Pack(dst []float32, kk, n int, b []float32, rsb, csb int, mask Mask, s *Scratch) {
	g := &s.call
	*g = product{n: n, k: kk, b: b, rsb: rsb, csb: csb, c: dst, mask: mask}
	g.checkB()
	for j := 0; j < n; j += StairCols {
		lo, hi := mask.Span(kk, j)
		if lo < hi {
			k.pack(g, dst[(j*kk+lo*StairCols):(j*kk+hi*StairCols)], j, min(StairCols, n-j), lo, hi)
		}
	}
	*g = product{}
}

// GemmPanels is [Impl.GemmMasked] with B as panels.
func (k *Impl) GemmPanels(m, n, kk int, a []float32, rsa, csa int, panels, c []float32, ldc int, mode GemmMode, mask Mask, s *Scratch) {
	s.call = product{m: m, n: n, k: kk, a: a, rsa: rsa, csa: csa, panels: panels, c: c, ldc: ldc, mode: mode, mask: mask}
	k.multiply(s)
}

// portablePack copies the columns j … j+cols−1 of B, rows lo … hi−1, and clears
// what is closed or beside them.
func portablePack(g *product, dst []float32, j, cols, lo, hi int) {
	for p := lo; p < hi; p++ {
		row := dst[(p-lo)*StairCols:][:StairCols]
		clear(row)
		from, to := g.mask.open(p, j, cols)
		for q := from; q < to; q++ {
			row[q] = g.b[p*g.rsb+(j+q)*g.csb]
		}
	}
}
