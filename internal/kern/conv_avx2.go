//go:build amd64 && !noasm

package kern

import "unsafe"

var (
	convTiles = [ConvRows + 1]func(segs int, at, from *int32, k int, a, zeros, b, c *float32, ldc int){
		nil, convTile1, convTile2, convTile3, convTile4, convTile5, convTile6,
	}
	convFull = [ConvRows + 1]func(n int, at *int32, a, b, c *float32, ldc, cont int){
		nil, convPairs1x16, convPairs2x16, convPairs3x16, convPairs4x16, convPairs5x16, convPairs6x16,
	}
	convEdge = [ConvRows]func(n int, at *int32, a, b, c *float32, ldc, cont int, mask *uint32){
		nil, convEdge1, convEdge2, convEdge3, convEdge4, convEdge5,
	}
)

func avx2ConvTile(t *ConvTile, kk int, a, zeros, b, c []float32, ldc int) {
	convTiles[t.rows](len(t.from), unsafe.SliceData(t.at), unsafe.SliceData(t.from), kk,
		unsafe.SliceData(a), unsafe.SliceData(zeros), unsafe.SliceData(b), &c[0], 4*ldc)
}

// avx2ConvPairs divides C into tiles. One or two rows keep enough chains going
// only with more columns.
func avx2ConvPairs(at []int32, rows, cols int, a, b, c []float32, ldc int, cont bool) {
	n, flag := len(at)/2, 0
	if cont {
		flag = 1
	}
	tiles := (rows + ConvRows - 1) / ConvRows
	row := 0
	for t := range tiles {
		m := (rows - row + tiles - t - 1) / (tiles - t)
		col := 0
		for ; m <= 2 && col+64/m <= cols; col += 64 / m {
			f := convPairs1x64
			if m == 2 {
				f = convPairs2x32
			}
			f(n, &at[0], &a[row], &b[col], &c[row*ldc+col], 4*ldc, flag)
		}
		for ; col+ConvCols <= cols; col += ConvCols {
			convFull[m](n, &at[0], &a[row], &b[col], &c[row*ldc+col], 4*ldc, flag)
		}
		if col < cols {
			mask, r := &edgeMask[panelCols-(cols-col)], row
			if m == ConvRows {
				convEdge[m/2](n, &at[0], &a[r], &b[col], &c[r*ldc+col], 4*ldc, flag, mask)
				r += m / 2
			}
			convEdge[row+m-r](n, &at[0], &a[r], &b[col], &c[r*ldc+col], 4*ldc, flag, mask)
		}
		row += m
	}
}
