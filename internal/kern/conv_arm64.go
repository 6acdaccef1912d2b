//go:build !noasm

package kern

import "sync"

// convDepth is how many products are gathered for the micro-kernels, which want
// rows a constant stride apart, at a time.
const convDepth = 64

// convBuf is where they are gathered. What is given to kernels in a table
// cannot stay on the stack.
type convBuf struct {
	tile  [convDepth * ConvRows]float32
	panel [convDepth * ConvCols]float32
}

var convBufs = sync.Pool{New: func() any { return new(convBuf) }}

// neonConvTile leaves the chains in C from one gathering to the next.
func neonConvTile(t *ConvTile, kk int, a, zeros, b, c []float32, ldc int) {
	buf := convBufs.Get().(*convBuf)
	defer convBufs.Put(buf)
	rows := &buf.tile
	f, mode := neonFull[t.rows], GemmSet
	for s, from := range t.from {
		for p := 0; p < kk; p += convDepth {
			k := min(convDepth, kk-p)
			for i := range t.rows {
				x := zeros
				if o := t.at[s*t.rows+i]; o >= 0 {
					x = a[o:]
				}
				copy(rows[i*convDepth:][:k], x[p:])
			}
			f(k, &rows[0], 4*convDepth, 4, &b[int(from)+ConvCols*p], 4*ConvCols, &c[0], 4*ldc, int(mode), 1, 0)
			mode = GemmContinue
		}
	}
	f(0, nil, 0, 0, nil, 0, &c[0], 4*ldc, int(mode|GemmEnd), 1, 0)
}

// neonConvPairs gathers the columns of a panel once and then the rows of each
// of its tiles.
func neonConvPairs(at []int32, rows, cols int, a, b, c []float32, ldc int, cont bool) {
	buf := convBufs.Get().(*convBuf)
	defer convBufs.Put(buf)
	panel, tile := &buf.panel, &buf.tile
	for lo := 0; lo < len(at); lo += 2 * convDepth {
		pairs := at[lo:min(lo+2*convDepth, len(at))]
		mode := GemmSet
		if cont || lo > 0 {
			mode = GemmContinue
		}
		for j := 0; j < cols; j += ConvCols {
			width := min(ConvCols, cols-j)
			for p := 0; p < len(pairs); p += 2 {
				copy(panel[p/2*ConvCols:][:width], b[int(pairs[p+1])+j:])
			}
			for i := 0; i < rows; i += ConvRows {
				height := min(ConvRows, rows-i)
				for p := 0; p < len(pairs); p += 2 {
					copy(tile[p/2*ConvRows:][:height], a[int(pairs[p])+i:])
				}
				neonTile(height, width, len(pairs)/2, &tile[0], 4, 4*ConvRows, &panel[0], 4*ConvCols, &c[i*ldc+j], 4*ldc, int(mode))
			}
		}
	}
}

// neonTile is one tile of up to 16 columns.
func neonTile(rows, cols, k int, a *float32, rsa, csa int, b *float32, ldb int, c *float32, ldc, mode int) {
	if cols == panelCols {
		neonFull[rows](k, a, rsa, csa, b, ldb, c, ldc, mode, 1, 0)
		return
	}
	neonColumns(rows, cols, k, a, rsa, csa, b, ldb, c, ldc, mode, 1, 0)
}
