package cpu

import "github.com/surprisal-go/surprisal/internal/kern"

// convWeight is the gradient of a convolution by its weights: for every tap,
// products of the pixels that the result sees through it with the result's
// gradients there, summed over pairs of offsets.
type convWeight struct {
	*plan
	*window
	from, grad, out int // slots
	images          extent
	taps            []tapPairs // by tap; empty where closed
	units           []convUnit
	swap            bool // pixels of y are the rows of the products
}

// tapPairs are the pixels that meet through a tap, in one image; those of row i
// of the result begin at rows[i].
type tapPairs struct {
	kern.ConvPairs
	rows []int
}

// convUnit is a part of one tap's weights: input channels lo … hi−1 of a group.
type convUnit struct{ tap, group, lo, hi int }

const (
	unitRows = 4 * kern.ConvRows
	// unitCols is for few output channels, which then are the rows.
	unitCols = 64
	// blockPixels is about how many pixels of both sides fit in the first cache.
	blockPixels = 64
	// convPieces is the number of pieces a thread. Each piece reads all
	// images, so they should be few.
	convPieces = 3
)

func (p *plan) convWeightStep(v *val) step {
	x, y := v.in[0], v.in[1]
	t := &convWeight{plan: p, window: newWindow(v.attr.Conv, x.shape, v.shape, y.shape), from: strip(x).slot, grad: strip(y).slot, out: v.slot}
	t.images = extentOf(x.shape[:len(x.shape)-3])
	t.swap = t.y.channels <= fewChannels && t.y.channels < t.image.channels
	t.taps = make([]tapPairs, t.kh*t.kw)
	for tap := range t.taps {
		if t.conv.Open(tap) {
			t.taps[tap] = t.pairs(tap)
			if !t.depthwise() {
				t.cut(tap)
			}
		}
	}
	pieces := convPieces
	if t.depthwise() { // then they only read
		t.cutDepth()
		pieces = 1
	}
	l := &loop{plan: p, items: extent{n: len(t.units)}, body: t.run}
	l.align = ceil(len(t.units), pieces*len(p.exec.pool.workers))
	l.before = func() error {
		t.clearClosed()
		l.cost = t.rowsOf() * t.y.cols * unitRows * t.y.channels / multiplyAdds
		return nil
	}
	return l
}

// pairs lists the pixels of an image that meet through a tap.
func (t *convWeight) pairs(tap int) tapPairs {
	var at []int32
	p := tapPairs{rows: make([]int, t.y.rows+1)}
	for i := range t.y.rows {
		for j := range t.y.cols {
			row, col := t.reach(0, i, tap/t.kw), t.reach(1, j, tap%t.kw)
			if row >= 0 && col >= 0 {
				at = append(at, int32((row*t.image.cols+col)*t.image.pixel()), int32((i*t.y.cols+j)*t.y.pixel()))
			}
		}
		p.rows[i+1] = len(at) / 2
	}
	p.ConvPairs = kern.NewConvPairs(at)
	if t.swap {
		p.ConvPairs = p.Swapped()
	}
	return p
}

// cut makes the units of a tap.
func (t *convWeight) cut(tap int) {
	size := unitRows
	if t.swap {
		size = unitCols
	}
	for group := range t.image.groups {
		for lo := 0; lo < t.image.channels; lo += size {
			t.units = append(t.units, convUnit{tap, group, lo, min(lo+size, t.image.channels)})
		}
	}
}

// rowsOf is the number of rows of the results of all images.
func (t *convWeight) rowsOf() int { return t.images.at(t.batch) * t.y.rows }

// run computes some units: a chain over each chunk of rows in the worker's
// memory, which is then added to the result.
func (t *convWeight) run(w *worker, lo, hi int) {
	units := t.units[lo:hi]
	size := min(unitCols, t.image.channels) * t.y.channels
	if t.depthwise() {
		size = depthChannels
	}
	acc := w.need(len(units) * size)
	rows, chunk := t.rowsOf(), max(1, kern.ChunkRows/max(1, t.y.cols))
	for r := 0; r < rows || r == 0; r += chunk {
		t.chain(units, acc, size, r, min(rows, r+chunk))
		for i, u := range units {
			t.add(u, acc[i*size:], r == 0)
		}
	}
	for _, u := range units {
		t.close(u)
	}
}

// chain sums over rows r0 … r1−1, a few of one image at a time.
func (t *convWeight) chain(units []convUnit, acc []float32, size, r0, r1 int) {
	some := max(1, blockPixels/max(1, t.y.cols))
	if t.depthwise() {
		some = max(1, depthPixels/max(1, t.y.cols))
	}
	if r0 == r1 {
		clear(acc)
	}
	for r := r0; r < r1; {
		image, i := r/t.y.rows, r%t.y.rows
		n := min(some, t.y.rows-i, r1-r)
		x := t.mem[t.from][image*t.image.size():][:t.image.size()]
		y := t.mem[t.grad][image*t.y.size():][:t.y.size()]
		for j, u := range units {
			t.block(u, acc[j*size:], x[u.group*t.image.channels:], y[u.group*t.y.channels:], i, i+n, r > r0)
		}
		r += n
	}
}

// block adds rows lo … hi−1 of the result of one image.
func (t *convWeight) block(u convUnit, acc, x, y []float32, lo, hi int, cont bool) {
	p := &t.taps[u.tap]
	lo, hi = p.rows[lo], p.rows[hi]
	m, n := u.hi-u.lo, t.y.channels
	if t.depthwise() {
		t.exec.kern.ConvDepthWeights(&p.ConvPairs, lo, hi, m, x[u.lo:], y[u.lo:], acc, cont)
		return
	}
	if t.swap {
		t.exec.kern.ConvWeights(&p.ConvPairs, lo, hi, n, m, y, x[u.lo:], acc, m, cont)
	} else {
		t.exec.kern.ConvWeights(&p.ConvPairs, lo, hi, m, n, x[u.lo:], y, acc, n, cont)
	}
}

// weights are those of an input channel of a unit: as many as its group has
// outputs.
func (t *convWeight) weights(u convUnit, c int) []float32 {
	return t.mem[t.out][(u.tap*t.image.channels+c)*t.y.pixel()+u.group*t.y.channels:][:t.y.channels]
}

// add adds the chains of a unit to the result, or stores the first.
func (t *convWeight) add(u convUnit, acc []float32, first bool) {
	if t.depthwise() {
		t.addDepth(u, acc[:u.hi-u.lo], first)
		return
	}
	n := t.y.channels
	for c := u.lo; c < u.hi; c++ {
		out := t.weights(u, c)
		switch {
		case t.swap:
			for j := range out {
				if v := acc[j*(u.hi-u.lo)+c-u.lo]; first {
					out[j] = v
				} else {
					out[j] += v
				}
			}
		case first:
			copy(out, acc[(c-u.lo)*n:])
		default:
			t.exec.kern.Binary(kern.Add, out, out, acc[(c-u.lo)*n:])
		}
	}
}

// close clears the closed weights of a unit.
func (t *convWeight) close(u convUnit) {
	if t.depthwise() {
		t.closeDepth(u)
		return
	}
	mask := t.conv.Mask(u.tap)
	for c := u.lo; c < u.hi && mask != nil; c++ {
		for j, out := 0, t.weights(u, c); j < len(out); j++ {
			if !mask.Open(c, u.group*t.y.channels+j) {
				out[j] = 0
			}
		}
	}
}

// clearClosed clears the closed taps.
func (t *convWeight) clearClosed() {
	size := t.image.channels * t.y.pixel()
	for tap := range t.taps {
		if !t.conv.Open(tap) {
			clear(t.mem[t.out][tap*size:][:size])
		}
	}
}
