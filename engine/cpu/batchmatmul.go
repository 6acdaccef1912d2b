package cpu

import "github.com/surprisal-go/surprisal/internal/kern"

// batchMatMul multiplies a matrix of x by a matrix of y for every index of the
// leading axes: A (M, K), B (K, N), out (M, N).
type batchMatMul struct {
	*plan
	x, y, out              int
	m, k, n                int
	rsx, csx, rsy, csy     int
	rowTiles, rowsPerPiece int
}

func (p *plan) batchMatMulStep(v *val) step {
	x, y := v.in[0], v.in[1]
	r := len(v.shape) - 2
	t := &batchMatMul{plan: p, x: strip(x).slot, y: strip(y).slot, out: v.slot, m: v.shape[r], n: v.shape[r+1], k: x.shape[r+1]}
	if v.attr.First {
		t.k = x.shape[r]
	}
	t.rsx, t.csx = strides(t.m, t.k, v.attr.First)
	t.rsy, t.csy = strides(t.k, t.n, v.attr.Trans)
	t.rowsPerPiece = min(max(t.m, 1), manyRows)
	t.rowTiles = ceil(t.m, t.rowsPerPiece)
	items := extentOf(x.shape[:r])
	items.n *= t.rowTiles
	return &loop{plan: p, items: items, cost: t.rowsPerPiece * t.n * t.k / multiplyAdds, body: func(w *worker, lo, hi int) {
		for i := lo; i < hi; i++ {
			t.tile(w, i)
		}
	}}
}

// strides of a matrix of rows by cols, or of one that is stored transposed.
func strides(rows, cols int, transposed bool) (rs, cs int) {
	if transposed {
		return 1, rows
	}
	return cols, 1
}

func (t *batchMatMul) tile(w *worker, i int) {
	b, r := i/t.rowTiles, i%t.rowTiles*t.rowsPerPiece
	rows := min(t.rowsPerPiece, t.m-r)
	x, y := t.mem[t.x][b*t.m*t.k:(b+1)*t.m*t.k], t.mem[t.y][b*t.k*t.n:(b+1)*t.k*t.n]
	out := t.mem[t.out][(b*t.m+r)*t.n:][:rows*t.n]
	if t.k > 0 {
		x = x[r*t.rsx:]
	}
	t.exec.kern.Gemm(rows, t.n, t.k, x, t.rsx, t.csx, y, t.rsy, t.csy, out, t.n, kern.GemmSet|kern.GemmEnd, &w.scratch)
}
