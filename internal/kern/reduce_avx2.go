//go:build amd64 && !noasm

package kern

// sumRowsAVX2 takes eight columns at a time. The last eight may overlap those
// before; what was done already is left out.
func sumRowsAVX2(dst, x []float32, rows, cols, stride int, first bool) {
	const width = 8
	if rows == 0 || cols < width {
		portableSumRows(dst, x, rows, cols, stride, first)
		return
	}
	var s [width]float32
	for c := 0; c < cols; c += width {
		lo := min(c, cols-width)
		sumColumnsAVX2(&s[0], &x[lo], rows, 4*stride)
		for i := c; i < lo+width; i++ {
			if first {
				dst[i] = s[i-lo]
			} else {
				dst[i] += s[i-lo]
			}
		}
	}
}

// maxRowsAVX2 goes row by row: the order does not show in a maximum.
func maxRowsAVX2(dst, x []float32, rows, cols, stride int) {
	fillAVX2(dst, -inf)
	for r := range rows {
		maxAVX2(dst, dst, x[r*stride:][:cols])
	}
}
