package cpu

import (
	"github.com/surprisal-go/surprisal/internal/hugepage"
	"github.com/surprisal-go/surprisal/internal/kern"
)

// outer is xᵀ·y, the gradient of a product by its weights: x (R, K), y (R, N),
// out (K, N), in tiles of the result, each a sum over all rows.
//
// Tiles are whole rows of the result, for which y is packed first; or, of a
// result that is wide, whole columns, so that much of y is read by one worker
// only, and once. A joined update goes through tiles of rows as they come;
// columns are left in memory of the executor until it runs.
type outer struct {
	*plan
	x, y, out    int
	rows         extent
	k, n         int
	mask         kern.Mask
	byRow, byCol []int    // the work before each row and panel of columns
	update       *program // that is joined, or nil
	tile         int      // the most elements of a tile, if joined
	panels       *panels  // of y
	rest         loop     // the update after columns

	byColumns  bool // of a run
	tops, cols []int
}

const (
	// maxPanelRows is the number of rows up to which y is packed for all tiles;
	// of more, a tile packs a chunk at a time.
	maxPanelRows = 4 * kern.ChunkRows
	// minOuterRows is the least number of rows of a tile.
	minOuterRows = 12
	// wideOuter is from how many columns for each row on a result is wide, and
	// manyOuterRows how many rows make up for an update apart from its gradient.
	wideOuter     = 2
	manyOuterRows = 1536
)

func (a *assembly) outerStep(g *group) step {
	v, p := g.vals[0], a.plan
	x, y := v.in[0], v.in[1]
	p.products = true
	t := &outer{plan: p, x: strip(x).slot, y: strip(y).slot, out: v.slot, mask: kern.Mask{Stairs: newStairs(v.attr.Mask), Of: kern.MaskC}}
	t.rows = extentOf(x.shape[:len(x.shape)-1])
	t.k, t.n = v.shape[0], v.shape[1]
	t.weigh()
	t.panels = newPanels(p, t.n, kern.ChunkRows, t.n, 1, kern.Mask{})
	t.panels.reserve(t.rows)
	if a.joined(g) {
		t.join(a.compile(g))
	}
	l := &loop{plan: p, large: true, count: t.cut, before: t.prepare, after: t.finish}
	l.body = func(w *worker, lo, hi int) {
		for i := lo; i < hi; i++ {
			t.run(w, i)
		}
	}
	return l
}

// weigh adds up the work by row and by panel of columns.
func (t *outer) weigh() {
	t.byRow, t.byCol = []int{0}, []int{0}
	for i := range t.k {
		first := 0
		if t.mask.Stairs != nil {
			first = int(t.mask.Stairs.First[i])
		}
		t.byRow = append(t.byRow, t.byRow[i]+t.n-first+1)
	}
	for j := 0; j < t.n; j += kern.StairCols {
		t.byCol = append(t.byCol, t.byCol[len(t.byCol)-1]+min(kern.StairCols, t.n-j)*(t.mask.Height(t.k, j)+1))
	}
}

// join lets an update run with the product.
func (t *outer) join(update *program) {
	t.update = update
	rows, cols := t.most()
	t.tile = rows * cols * kern.StairCols
	t.reserve(t.tile + update.scratch())
	t.plan.panels.Fixed = max(t.plan.panels.Fixed, float64(t.k*t.n))
	t.rest = loop{plan: t.plan, items: extent{n: t.k * t.n}, cost: update.cost(), align: update.block, body: func(w *worker, lo, hi int) {
		update.run(w, lo, hi, t.exec.panels[lo:hi], w.need(update.scratch()))
	}}
}

// most is the size of the largest tile of rows: rows and panels of columns.
func (t *outer) most() (rows, cols int) {
	rows, cols = t.k, len(t.byCol)-1
	if t.update != nil {
		cols = min(cols, maxTile/minOuterRows/kern.StairCols)
		rows = min(rows, max(maxTile/max(cols*kern.StairCols, 1), minOuterRows))
	}
	return rows, cols
}

// cut chooses the tiles and counts them.
func (t *outer) cut() int {
	threads, r := t.exec.pool.atOnce(), t.rows.at(t.batch)
	if t.byColumns = t.wide(threads, r); t.byColumns {
		t.tops, t.cols = cuts(t.tops, t.byRow, 1, 1, t.k), cuts(t.cols, t.byCol, threads, 1, len(t.byCol)-1)
	} else {
		rows, cols := t.most()
		t.tops, t.cols = cuts(t.tops, t.byRow, threads, minOuterRows, rows), cuts(t.cols, t.byCol, 1, 1, cols)
	}
	return (len(t.tops) - 1) * (len(t.cols) - 1)
}

// wide reports whether tiles are whole columns, for so many rows to add up.
func (t *outer) wide(threads, rows int) bool {
	return t.k < 2*threads*minOuterRows || t.n >= wideOuter*t.k && (t.update == nil || rows >= manyOuterRows)
}

// prepare packs y, or makes room for the columns that an update waits for.
func (t *outer) prepare() error {
	switch {
	case t.packs():
		return t.panels.packed(t.rows.at(t.batch), t.mem[t.y])
	case t.byColumns && t.update != nil && len(t.exec.panels) < t.k*t.n:
		t.exec.panels = hugepage.Make[float32](t.k * t.n)
	}
	return nil
}

// finish runs the update that waits.
func (t *outer) finish() {
	if t.byColumns && t.update != nil {
		t.rest.run()
	}
}

func (t *outer) run(w *worker, i int) {
	tiles := len(t.tops) - 1
	i = tiles*(len(t.cols)-1) - 1 - i // the largest, which are first, begin
	top, left := i%tiles, i/tiles
	i0, i1 := t.tops[top], t.tops[top+1]
	j0, j1 := t.cols[left]*kern.StairCols, min(t.cols[left+1]*kern.StairCols, t.n)
	mask := t.mask
	mask.Row, mask.Col = i0, j0
	switch {
	case t.update == nil:
		t.multiply(w, i0, i1, j0, j1, t.mem[t.out][i0*t.n+j0:], t.n, mask)
	case t.byColumns:
		t.multiply(w, i0, i1, j0, j1, t.exec.panels[i0*t.n+j0:], t.n, mask)
	default:
		own := w.need(t.tile + t.update.scratch())
		tile, regs := own[:t.tile], own[t.tile:]
		t.multiply(w, i0, i1, j0, j1, tile, j1-j0, mask)
		t.updateTile(w, i0, i1, j0, j1, tile, regs)
	}
}

// packs reports whether y is packed for all tiles: for those of rows, if there
// are several.
func (t *outer) packs() bool {
	r := t.rows.at(t.batch)
	return !t.byColumns && 0 < r && r <= maxPanelRows && (len(t.tops)-1)*(len(t.cols)-1) > 1
}

func (t *outer) multiply(w *worker, i0, i1, j0, j1 int, dst []float32, ldc int, mask kern.Mask) {
	x, y, r := t.mem[t.x], t.mem[t.y], t.rows.at(t.batch)
	if !t.packs() {
		if r > 0 { // of no events there are no columns
			x, y = x[i0:], y[j0:]
		}
		t.exec.kern.GemmChunked(i1-i0, j1-j0, r, x, 1, t.k, y, t.n, 1, dst, ldc, mask, &w.scratch)
		return
	}
	for c := range ceil(r, kern.ChunkRows) {
		mode := kern.GemmSet
		if c > 0 {
			mode = kern.GemmAdd
		}
		b, k := t.panels.from(c, j0)
		t.exec.kern.GemmPanels(i1-i0, j1-j0, k, x[c*kern.ChunkRows*t.k+i0:], 1, t.k, b, dst, ldc, mode, mask, &w.scratch)
	}
}
