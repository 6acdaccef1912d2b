//go:build amd64 && !noasm

package kern

// packPanels copies kc rows of B from p on, columns w.j and following, into
// panels of w.wide.cols columns, the last filled up to a multiple of 16.
func (w *work) packPanels(g *product, s *Scratch, p, kc int) []float32 {
	width := w.wide.cols
	padded := (w.nc + width - 1) / width * width
	dst := grow(&s.b, padded*kc)
	for q := 0; q < w.nc; q += width {
		for j := 0; j < width; j += panelRows {
			// Beyond the last column the kernel that reads 16 at a time must
			// find something harmless.
			cols := max(0, min(panelRows, w.nc-q-j))
			first := min(w.j+q+j, g.n-1)
			packTile(cols, kc, g.b[p*g.rsb+first*g.csb:], g.csb, g.rsb, dst[q*kc+j:], width)
		}
	}
	return dst
}

// packTile writes dst[p*ldd + r] = src[r*rs + p*cs] for up to 8 rows r and k
// columns p. Beyond the rows it writes zeros or copies, up to 8.
func packTile(rows, k int, src []float32, rs, cs int, dst []float32, ldd int) {
	p := 0
	switch {
	case rs == 1:
		packRows8(k, &src[0], 4*cs, &dst[0], 4*ldd, &edgeMask[panelCols-rows])
		return
	case cs == 1 && k >= 8:
		packColumns8(k/8, &src[0], 4*rs, &dst[0], 4*ldd, rows)
		p = k &^ 7
	}
	for ; p < k; p++ {
		d := dst[p*ldd:][:panelRows]
		clear(d)
		for r := range rows {
			d[r] = src[r*rs+p*cs]
		}
	}
}
