package cpu

import "github.com/surprisal-go/surprisal/internal/kern"

// matMul is x·w, or x·wᵀ: x (M, K), w (K, N) or (N, K), out (M, N), in tiles of
// rows by columns. Each tile sums over all of K.
type matMul struct {
	*plan
	x, w, out int
	rows      extent
	k, n      int
	rsw, csw  int // strides of w as the product reads it
	stairs    *stairs
	trans     bool
	zones     [][]zone // by block of columns; one for all without a mask

	m, tileRows, tileCols, colTiles int // of a run
}

const (
	// maskCols is the width of tiles under a mask. What is skipped follows from
	// it, so it must be the same for every batch and number of threads.
	maskCols = 64
	// maxTileRows keeps a tile's part of x in the second cache.
	maxTileRows = 192
)

func (p *plan) matMulStep(v *val) step {
	x, w := v.in[0], v.in[1]
	t := &matMul{plan: p, x: strip(x).slot, w: strip(w).slot, out: v.slot, stairs: newStairs(v.attr.Mask), trans: v.attr.Trans}
	t.rows = extentOf(x.shape[:len(x.shape)-1])
	t.k, t.n = w.shape[0], w.shape[1]
	t.rsw, t.csw = t.n, 1
	if t.trans {
		t.k, t.n = t.n, t.k
		t.rsw, t.csw = 1, t.k
	}
	t.findZones()
	l := &loop{plan: p}
	l.count = func() int {
		n := t.cut()
		l.cost = t.tileRows * t.tileCols * t.k / multiplyAdds
		return n
	}
	l.body = func(w *worker, lo, hi int) {
		for i := lo; i < hi; i++ {
			t.tile(w, i)
		}
	}
	return l
}

// multiplyAdds is how many of them cost as much as touching an element.
const multiplyAdds = 16

func (t *matMul) findZones() {
	if t.stairs == nil {
		t.zones = [][]zone{zones(zone{0, t.k, false})}
		return
	}
	for lo := 0; lo < t.n; lo += maskCols {
		hi := min(t.n, lo+maskCols)
		if t.trans {
			t.zones = append(t.zones, t.stairs.across(lo, hi))
		} else {
			t.zones = append(t.zones, t.stairs.down(lo, hi))
		}
		for _, z := range t.zones[len(t.zones)-1] {
			if z.masked {
				t.reserve((z.hi - z.lo) * (hi - lo))
			}
		}
	}
}

// cut chooses the tiles for the rows of the batch and counts them. Without a
// mask, columns are cut only as far as rows do not give work to all threads.
func (t *matMul) cut() int {
	t.m = t.rows.at(t.batch)
	rowTiles := ceil(t.m, maxTileRows)
	t.tileRows = ceil(t.m, max(1, rowTiles))
	t.tileCols = maskCols
	if t.stairs == nil {
		colTiles := 1
		if threads := len(t.exec.pool.workers); threads > 1 {
			colTiles = ceil(threads*pieces, max(1, rowTiles))
		}
		t.tileCols = max(maskCols, ceil(ceil(t.n, colTiles), 16)*16)
	}
	t.colTiles = ceil(t.n, t.tileCols)
	return rowTiles * t.colTiles
}

func (t *matMul) tile(w *worker, i int) {
	block := i % t.colTiles
	r0, c0 := i/t.colTiles*t.tileRows, block*t.tileCols
	m, n := min(t.tileRows, t.m-r0), min(t.tileCols, t.n-c0)
	out := t.mem[t.out][r0*t.n+c0:]
	x, wt := t.mem[t.x][r0*t.k:], t.mem[t.w]
	k := t.exec.kern
	mode := kern.GemmSet
	for _, z := range t.zones[min(block, len(t.zones)-1)] {
		b, rsb, csb := wt[z.lo*t.rsw+c0*t.csw:], t.rsw, t.csw
		if z.masked {
			b, rsb, csb = t.maskTile(w, z, c0, n)
		}
		k.Gemm(m, n, z.hi-z.lo, x[z.lo:], t.k, 1, b, rsb, csb, out, t.n, mode, &w.scratch)
		mode = kern.GemmContinue
	}
	if mode == kern.GemmSet {
		k.Gemm(m, n, 0, nil, 0, 0, nil, 0, 0, out, t.n, mode, &w.scratch)
	}
	t.addZero(out, m, n)
}

// addZero adds the +0 that ends a chain; see the package comment.
func (t *matMul) addZero(out []float32, m, n int) {
	k := t.exec.kern
	if n == t.n {
		m, n = 1, m*n
	}
	for r := range m {
		row := out[r*t.n:][:n]
		k.BinaryScalar(kern.Add, row, row, 0, false)
	}
}

// maskTile copies a zone of the weights of n columns from c0 on, closed ones as
// +0.
func (t *matMul) maskTile(w *worker, z zone, c0, n int) (b []float32, rsb, csb int) {
	width := z.hi - z.lo
	b = w.need(width * n)
	if t.trans { // row i of the weights is a column of the product
		for i := range n {
			t.stairs.row(b[i*width:], t.mem[t.w], c0+i, z.lo, z.hi)
		}
		return b, 1, width
	}
	for i := range width {
		t.stairs.row(b[i*n:], t.mem[t.w], z.lo+i, c0, c0+n)
	}
	return b, n, 1
}
