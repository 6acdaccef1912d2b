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
	convDepths = [ConvRows + 1]func(segs int, at, from *int32, a, b, c *float32, ldc, cols int){
		nil, convDepth1, convDepth2, convDepth3, convDepth4, convDepth5, convDepth6,
	}
	convEdge = [ConvRows]func(n int, at *int32, a, b, c *float32, ldc, cont int, mask *uint32){
		nil, convEdge1, convEdge2, convEdge3, convEdge4, convEdge5,
	}
)

func avx2ConvTile(t *ConvTile, kk int, a, zeros, b, c []float32, ldc int) {
	convTiles[t.rows](len(t.from), unsafe.SliceData(t.at), unsafe.SliceData(t.from), kk,
		unsafe.SliceData(a), unsafe.SliceData(zeros), unsafe.SliceData(b), &c[0], 4*ldc)
}

// avx2ConvPairs divides C into tiles, all rows of some columns first, so that
// these columns of B stay in the first cache. One or two rows keep enough
// chains going only with more columns.
func avx2ConvPairs(at []int32, rows, cols int, a, b, c []float32, ldc int, cont bool) {
	flag := 0
	if cont {
		flag = 1
	}
	width := ConvCols
	if rows <= 2 {
		width = 64 / rows
	}
	col := 0
	for ; rows <= 2 && col+width <= cols; col += width {
		f := convPairs1x64
		if rows == 2 {
			f = convPairs2x32
		}
		f(len(at)/2, &at[0], &a[0], &b[col], &c[col], 4*ldc, flag)
	}
	for ; col < cols; col += ConvCols {
		n := min(ConvCols, cols-col)
		high := ConvRows
		if n < ConvCols {
			high-- // see the generator
		}
		tiles := (rows + high - 1) / high
		for row := 0; tiles > 0; tiles-- {
			m := (rows - row + tiles - 1) / tiles
			pa, pc := &a[row], &c[row*ldc+col]
			if n == ConvCols {
				convFull[m](len(at)/2, &at[0], pa, &b[col], pc, 4*ldc, flag)
			} else {
				convEdge[m](len(at)/2, &at[0], pa, &b[col], pc, 4*ldc, flag, &edgeMask[panelCols-n])
			}
			row += m
		}
	}
}

func avx2ConvDepth(t *ConvTile, cols int, a, b, c []float32, ldc int) {
	convDepths[t.rows](len(t.from), unsafe.SliceData(t.at), unsafe.SliceData(t.from),
		unsafe.SliceData(a), unsafe.SliceData(b), &c[0], 4*ldc, cols)
}

func avx2ConvDepthPairs(at []int32, cols int, a, b, c []float32, cont bool) {
	flag := 0
	if cont {
		flag = 1
	}
	convDepthPairs(len(at)/2, &at[0], &a[0], &b[0], &c[0], cols, flag)
}
