package cpu

// outer is xᵀ·y, the gradient of a product by its weights: x (R, K), y (R, N),
// out (K, N), in tiles of the result. Each sums over all rows.
type outer struct {
	*plan
	x, y, out int
	rows      extent
	k, n      int
	stairs    *stairs
	tileRows  int
	tileCols  int
}

const (
	maxOuterRows = 48
	maxOuterCols = 1024
)

func (p *plan) outerStep(v *val) step {
	x, y := v.in[0], v.in[1]
	t := &outer{plan: p, x: strip(x).slot, y: strip(y).slot, out: v.slot, stairs: newStairs(v.attr.Mask)}
	t.rows = extentOf(x.shape[:len(x.shape)-1])
	t.k, t.n = v.shape[0], v.shape[1]
	t.tileRows = min(max(t.k, 1), maxOuterRows)
	t.tileCols = min(max(t.n, 1), maxOuterCols)
	l := &loop{plan: p, items: extent{n: t.blocks() * ceil(t.n, t.tileCols)}}
	l.before = func() error {
		l.cost = t.tileRows * t.tileCols * t.rows.at(t.batch) / multiplyAdds
		return nil
	}
	l.body = func(w *worker, lo, hi int) {
		for i := lo; i < hi; i++ {
			t.tile(w, i)
		}
	}
	return l
}

func (t *outer) blocks() int { return ceil(t.k, t.tileRows) }

// tile computes one tile. The pool begins with the last, which therefore are
// the first rows: under a mask, those with most columns.
func (t *outer) tile(w *worker, i int) {
	i0 := (t.blocks() - 1 - i%t.blocks()) * t.tileRows
	j0 := i / t.blocks() * t.tileCols
	i1, j1 := min(t.k, i0+t.tileRows), min(t.n, j0+t.tileCols)
	out := t.mem[t.out][:t.k*t.n]
	open := j0
	if t.stairs != nil && t.stairs.first != nil {
		open = min(max(t.stairs.first[i0], j0), j1)
	}
	r := t.rows.at(t.batch)
	if open < j1 {
		x, y := t.mem[t.x], t.mem[t.y]
		if r > 0 { // of no events there are no columns
			x, y = x[i0:], y[open:]
		}
		t.exec.kern.GemmChunked(i1-i0, j1-open, r, x, 1, t.k, y, t.n, 1, out[i0*t.n+open:], t.n, &w.scratch)
	}
	if t.stairs == nil {
		return
	}
	for i := i0; i < i1; i++ {
		t.stairs.close(out[i*t.n+j0:i*t.n+j1], i, j0, j1)
	}
}
