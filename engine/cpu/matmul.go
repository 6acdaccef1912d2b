package cpu

import "github.com/surprisal-go/surprisal/internal/kern"

// matMul is x·w, or x·wᵀ: x (M, K), w (K, N) or (N, K), out (M, N), in tiles of
// rows by columns. Each tile sums over all of K. With many rows, the weights are
// packed first and tiles are whole rows.
type matMul struct {
	*plan
	x, w, out int
	rows      extent
	k, n      int
	rsw, csw  int // strides of w as the product reads it
	mask      kern.Mask
	panels    *panels
	work      []int // by panel of columns, the open weights before it

	m      int   // of a run
	rowsAt []int // tiles begin at these rows
	cols   []int // and panels of columns
}

const (
	// multiplyAdds is how many of them cost as much as touching an element, and
	// weightReads how many cost as much as reading a weight.
	multiplyAdds = 16
	weightReads  = 8
	// minTileRows keep a tile of a product worth its call.
	minTileRows = 24
	// fewRows are so few that the time goes by reading weights, whose rows then
	// should stay long.
	fewRows = 24
	// Above manyRows packing the weights for all is lost in the work. A tile of
	// maxTileRows stays in the second cache while the weights go by.
	manyRows    = 192
	maxTileRows = 144
)

func (p *plan) matMulStep(v *val) step {
	x, w := v.in[0], v.in[1]
	p.products = true
	t := &matMul{plan: p, x: strip(x).slot, w: strip(w).slot, out: v.slot, mask: kern.Mask{Stairs: newStairs(v.attr.Mask)}}
	t.rows = extentOf(x.shape[:len(x.shape)-1])
	t.k, t.n = w.shape[0], w.shape[1]
	t.rsw, t.csw = t.n, 1
	if v.attr.Trans {
		t.k, t.n = t.n, t.k
		t.rsw, t.csw = 1, t.k
		t.mask.Of = kern.MaskBT
	}
	t.panels = newPanels(p, t.n, t.k, t.rsw, t.csw, t.mask)
	t.panels.reserve(extent{n: t.k})
	t.work = []int{0}
	for j := 0; j < t.n; j += kern.StairCols {
		lo, hi := t.mask.Span(t.k, j)
		t.work = append(t.work, t.work[len(t.work)-1]+min(kern.StairCols, t.n-j)*max(hi-lo, 1))
	}
	l := &loop{plan: p, large: true}
	l.count = t.cut
	l.before = t.pack
	l.body = func(w *worker, lo, hi int) {
		for i := lo; i < hi; i++ {
			t.tile(w, i)
		}
	}
	return l
}

// cut chooses the tiles for the rows of the batch and counts them: rows, if the
// weights are packed for all of them, or else columns, as many as the work is
// worth.
func (t *matMul) cut() int {
	t.m = t.rows.at(t.batch)
	if t.m == 0 || t.n == 0 {
		return 0
	}
	threads, panels := t.exec.pool.atOnce(), len(t.work)-1
	if t.packs() {
		t.rowsAt = shares(t.rowsAt, t.m, threads, minTileRows, maxTileRows, 1)
		t.cols = append(t.cols[:0], 0, panels)
		return len(t.rowsAt) - 1
	}
	t.rowsAt = append(t.rowsAt[:0], 0, t.m)
	worth := minWork * multiplyAdds / (t.m + weightReads) // weights
	least := ceil(worth*panels, max(t.work[panels], 1))
	if t.m <= fewRows {
		least = max(least, ceil(panels, 2*threads))
	}
	t.cols = cuts(t.cols, t.work, threads, min(least, panels), panels)
	return len(t.cols) - 1
}

func (t *matMul) packs() bool { return t.m > manyRows && t.n > kern.StairCols && t.k > 0 }

func (t *matMul) pack() error {
	if t.m == 0 || t.n == 0 || !t.packs() {
		return nil
	}
	return t.panels.packed(t.k, t.mem[t.w])
}

func (t *matMul) tile(w *worker, i int) {
	const mode = kern.GemmSet | kern.GemmEnd
	rowTiles := len(t.rowsAt) - 1
	i = rowTiles*(len(t.cols)-1) - 1 - i // the largest, which are first, begin
	row, col := i%rowTiles, i/rowTiles
	r0, c0 := t.rowsAt[row], t.cols[col]*kern.StairCols
	m, n := t.rowsAt[row+1]-r0, min(t.cols[col+1]*kern.StairCols, t.n)-c0
	mask := t.mask
	mask.Col = c0
	x, wt, out := t.mem[t.x], t.mem[t.w], t.mem[t.out][r0*t.n+c0:]
	if t.k > 0 {
		x, wt = x[r0*t.k:], wt[c0*t.csw:]
	}
	if t.packs() {
		b, _ := t.panels.from(0, c0)
		t.exec.kern.GemmPanels(m, n, t.k, x, t.k, 1, b, out, t.n, mode, mask, &w.scratch)
		return
	}
	t.exec.kern.GemmMasked(m, n, t.k, x, t.k, 1, wt, t.rsw, t.csw, out, t.n, mode, mask, &w.scratch)
}
