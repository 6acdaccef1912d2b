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

	m, tileRows, rowTiles int // of a run
	cols                  []int
}

const (
	// multiplyAdds is how many of them cost as much as touching an element, and
	// weightReads how many cost as much as reading a weight.
	multiplyAdds = 16
	weightReads  = 8
	// minTileRows make up for the packing of weights.
	minTileRows = 48
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
	l := &loop{plan: p, cost: minWork}
	l.count = t.cut
	l.before = t.pack
	l.body = func(w *worker, lo, hi int) {
		for i := lo; i < hi; i++ {
			t.tile(w, i)
		}
	}
	return l
}

// cut chooses the tiles for the rows of the batch and counts them: as many as
// the threads want, as far as the work is worth it, by columns first.
func (t *matMul) cut() int {
	t.m = t.rows.at(t.batch)
	if t.m == 0 || t.n == 0 {
		return 0
	}
	want, threads := 1, len(t.exec.pool.workers)
	switch {
	case threads > 1 && t.m <= fewRows:
		want = 2 * threads
	case threads > 1:
		want = pieces * threads
	}
	weights := t.work[len(t.work)-1]
	want = min(want, 1+weights*(t.m+weightReads)/multiplyAdds/minWork)
	if t.packs() {
		t.cols = append(t.cols[:0], 0, len(t.work)-1)
		t.rowTiles = ceil(max(min(want, t.m/minTileRows), ceil(t.m, maxTileRows)), threads) * threads
		t.tileRows = ceil(t.m, t.rowTiles)
		t.rowTiles = ceil(t.m, t.tileRows)
		return t.rowTiles
	}
	t.cols = cuts(t.cols, t.work, want)
	colTiles := len(t.cols) - 1
	t.rowTiles = min(ceil(want, colTiles), max(1, t.m/minTileRows))
	t.tileRows = ceil(t.m, t.rowTiles)
	t.rowTiles = ceil(t.m, t.tileRows)
	return t.rowTiles * colTiles
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
	r0, c0 := i%t.rowTiles*t.tileRows, t.cols[i/t.rowTiles]*kern.StairCols
	m, n := min(t.tileRows, t.m-r0), min(t.cols[i/t.rowTiles+1]*kern.StairCols, t.n)-c0
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
