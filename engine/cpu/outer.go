package cpu

import "github.com/surprisal-go/surprisal/internal/kern"

// outer is xᵀ·y, the gradient of a product by its weights: x (R, K), y (R, N),
// out (K, N), in tiles of the result. Each sums over all rows.
type outer struct {
	*plan
	x, y, out  int
	rows       extent
	k, n       int
	mask       kern.Mask
	tops, cols []int    // tiles begin at these rows and panels of columns
	update     *program // that is joined, or nil
	tile       int      // elements of the largest, if joined
	panels     *panels  // of y
}

// maxPanelRows is the number of rows up to which y is packed for all tiles; of
// more, a tile packs a chunk at a time.
const maxPanelRows = 4 * kern.ChunkRows

// minOuterRows is the least number of rows of a tile.
const minOuterRows = 12

func (a *assembly) outerStep(g *group) step {
	v, p := g.vals[0], a.plan
	x, y := v.in[0], v.in[1]
	p.products = true
	t := &outer{plan: p, x: strip(x).slot, y: strip(y).slot, out: v.slot, mask: kern.Mask{Stairs: newStairs(v.attr.Mask), Of: kern.MaskC}}
	t.rows = extentOf(x.shape[:len(x.shape)-1])
	t.k, t.n = v.shape[0], v.shape[1]
	if a.joined(g) {
		t.update = a.compile(g)
	}
	t.cut()
	if t.update != nil {
		p.reserve(t.tile + t.update.scratch())
	}
	t.panels = newPanels(p, t.n, kern.ChunkRows, t.n, 1, kern.Mask{})
	t.panels.reserve(t.rows)
	l := &loop{plan: p, large: true, items: extent{n: (len(t.tops) - 1) * (len(t.cols) - 1)}}
	l.before = func() error {
		if !t.packs() {
			return nil
		}
		return t.panels.packed(t.rows.at(t.batch), t.mem[t.y])
	}
	l.body = func(w *worker, lo, hi int) {
		for i := lo; i < hi; i++ {
			t.run(w, i)
		}
	}
	return l
}

// cut chooses tiles, of whole rows if there are enough and they are not too long.
func (t *outer) cut() {
	byRow, byCol := []int{0}, []int{0}
	for i := range t.k {
		first := 0
		if t.mask.Stairs != nil {
			first = int(t.mask.Stairs.First[i])
		}
		byRow = append(byRow, byRow[i]+t.n-first+1)
	}
	for j := 0; j < t.n; j += kern.StairCols {
		byCol = append(byCol, byCol[len(byCol)-1]+min(kern.StairCols, t.n-j)*(t.mask.Height(t.k, j)+1))
	}
	threads, rows, cols := t.exec.pool.atOnce(), t.k, len(byCol)-1 // at most, of a tile
	if t.update != nil {
		cols = min(cols, maxTile/minOuterRows/kern.StairCols)
		rows = max(maxTile/max(cols*kern.StairCols, 1), minOuterRows)
	}
	if t.k < 2*threads*minOuterRows { // too few to share
		t.tops, t.cols = cuts(nil, byRow, 1, 1, t.k), cuts(nil, byCol, threads, 1, cols)
	} else {
		t.tops, t.cols = cuts(nil, byRow, threads, minOuterRows, rows), cuts(nil, byCol, 1, 1, cols)
	}
	for i := range len(t.tops) - 1 {
		for j := range len(t.cols) - 1 {
			t.tile = max(t.tile, (t.tops[i+1]-t.tops[i])*(t.cols[j+1]-t.cols[j])*kern.StairCols)
		}
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
	if t.update == nil {
		t.multiply(w, i0, i1, j0, j1, t.mem[t.out][i0*t.n+j0:], t.n, mask)
		return
	}
	own := w.need(t.tile + t.update.scratch())
	tile, regs := own[:t.tile], own[t.tile:]
	t.multiply(w, i0, i1, j0, j1, tile, j1-j0, mask)
	t.updateTile(w, i0, i1, j0, j1, tile, regs)
}

// packs reports whether y is packed for all tiles: if there are several.
func (t *outer) packs() bool {
	r := t.rows.at(t.batch)
	return 0 < r && r <= maxPanelRows && (len(t.tops)-1)*(len(t.cols)-1) > 1
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
