//go:build amd64 && !noasm

package kern

// sumRowsAVX2 keeps the sixteen lanes of up to 128 columns in memory and adds
// row by row: reading along rows spares the caches, which columns of a stride
// that is a power of two would overthrow.
func sumRowsAVX2(dst, x []float32, rows, cols, stride int, first bool) {
	const width = 128
	for c := 0; c < cols; c += width {
		n := min(width, cols-c)
		var lane [lanes * width]float32
		r := 0
		for ; n%8 == 0 && r+4*lanes <= rows; r += 4 * lanes {
			addRowsAVX2(&lane[0], &x[r*stride+c], n, 4*stride)
		}
		for ; r < rows; r++ {
			l := lane[r%lanes*n:][:n]
			addAVX2(l, l, x[r*stride+c:])
		}
		for half := lanes / 2; half > 0; half /= 2 {
			addAVX2(lane[:half*n], lane[:half*n], lane[half*n:])
		}
		if first {
			copy(dst[c:], lane[:n])
		} else {
			addAVX2(dst[c:c+n], dst[c:], lane[:n])
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
