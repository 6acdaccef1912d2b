package cpu

import (
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
)

// conv is a convolution, or its adjoint by the images, as a product of pixels
// found by lists of offsets (Dukhan, "The indirect convolution algorithm",
// 2019) with weights packed in panels of kern.ConvCols columns. The lists are
// those of one image, made once. Closed taps, and taps that lie outside the
// image for all pixels of a tile, are not in them.
type conv struct {
	*plan
	*window
	x, w, out, packed int // slots
	images            extent
	adjoint           bool
	from, to          plane // what is read and what is written
	taps              []int // the open ones
	tiles             []convTile
	gather            bool // few channels: copy what a tile reads side by side
	panels            int  // of a group
}

// plane is the pixels of an image on one side of a convolution.
type plane struct{ rows, cols, channels, groups int }

func (p plane) pixel() int { return p.channels * p.groups }
func (p plane) size() int  { return p.rows * p.cols * p.pixel() }

// convTile is a tile and where its pixels are written.
type convTile struct {
	kern.ConvTile
	first, ld int
	copies    []copied // if what it reads is gathered
}

// copied is a run of floats to be gathered: from offset src of an image, or
// zeros if that is negative.
type copied struct{ dst, src, n int32 }

// fewChannels is the number up to which a tap's products are too few to be a
// segment of their own.
const fewChannels = 7

// bandTiles is the number of tiles that share a panel of weights before the
// next panel comes, so that their pixels stay in the second cache.
const bandTiles = 32

func (p *plan) convStep(v *val) step {
	in, w := v.in[0], v.in[1]
	t := &conv{plan: p, x: strip(in).slot, w: strip(w).slot, out: v.slot, adjoint: v.op == graph.OpConvInput}
	if t.adjoint {
		t.window = newWindow(v.attr.Conv, v.shape, w.shape, in.shape)
		t.from, t.to = t.y, t.image
	} else {
		t.window = newWindow(v.attr.Conv, in.shape, w.shape, v.shape)
		t.from, t.to = t.image, t.y
	}
	t.images = extentOf(v.shape[:len(v.shape)-3])
	for tap := range t.kh * t.kw {
		if t.conv.Open(tap) {
			t.taps = append(t.taps, tap)
		}
	}
	t.gather = t.from.channels <= fewChannels && len(t.taps) > 1 && !t.depthwise()
	t.makeTiles()
	pack := &loop{plan: p}
	l := &loop{
		plan:   p,
		before: pack.run,
		count:  func() int { return t.images.at(p.batch) * len(t.tiles) },
		cost:   ceil(kern.ConvRows*t.to.pixel()*t.depth(), multiplyAdds),
	}
	if t.depthwise() {
		t.packed = p.addBuffer(extent{n: len(t.taps) * t.to.groups})
		pack.items, pack.cost, pack.body, l.body = extent{n: len(t.taps)}, t.to.groups, t.packDepth, t.runDepth
		return l
	}
	t.panels = ceil(t.to.channels, kern.ConvCols)
	t.packed = p.addBuffer(extent{n: t.to.groups * t.panels * t.panel()})
	pack.items, pack.cost, pack.body, l.body = extent{n: t.to.groups * t.panels * len(t.taps)}, t.from.channels*kern.ConvCols, t.pack, t.run
	return l
}

// depth is the length of a chain, panel the size of a panel of weights.
func (t *conv) depth() int { return len(t.taps) * t.from.channels }
func (t *conv) panel() int { return t.depth() * kern.ConvCols }

// makeTiles cuts runs of pixels that are written at one distance. The adjoint
// of a strided convolution takes pixels of one phase together, since those
// are reached by the same taps.
func (t *conv) makeTiles() {
	step := [2]int{1, 1}
	if t.adjoint {
		step = t.conv.Stride
	}
	if step == [2]int{1, 1} {
		t.makeRun(0, t.to.rows*t.to.cols, 1)
		return
	}
	for row := range t.to.rows {
		for phase := range min(step[1], t.to.cols) {
			t.makeRun(row*t.to.cols+phase, ceil(t.to.cols-phase, step[1]), step[1])
		}
	}
}

// makeRun makes tiles of n pixels from first on, step apart.
func (t *conv) makeRun(first, n, step int) {
	for tiles := ceil(n, kern.ConvRows); tiles > 0; tiles-- {
		rows := ceil(n, tiles)
		t.tiles = append(t.tiles, t.makeTile(first, rows, step))
		first, n = first+rows*step, n-rows
	}
}

func (t *conv) makeTile(first, rows, step int) convTile {
	c := convTile{first: first * t.to.pixel(), ld: step * t.to.pixel()}
	if t.gather {
		at := make([]int32, rows)
		for i := range at {
			at[i] = int32(i * t.depth())
			c.copies = t.appendCopies(c.copies, first+i*step, int(at[i]))
		}
		c.ConvTile = kern.NewConvTile(rows, at, []int32{0})
		return c
	}
	var at, from []int32
	weights := t.from.channels * kern.ConvCols // of a tap in a panel
	if t.depthwise() {
		weights = t.to.groups
	}
	for s, tap := range t.taps {
		inside := false
		for i := range rows {
			o := t.source(first+i*step, tap)
			inside = inside || o >= 0
			at = append(at, int32(o))
		}
		if inside {
			from = append(from, int32(s*weights))
		} else {
			at = at[:len(at)-rows]
		}
	}
	c.ConvTile = kern.NewConvTile(rows, at, from)
	return c
}

// appendCopies adds what a pixel sees, tap after tap, to be written from dst
// on. Neighbouring taps of a row are one run.
func (t *conv) appendCopies(list []copied, pixel, dst int) []copied {
	begin, k := len(list), int32(t.from.channels)
	for s, tap := range t.taps {
		src := int32(t.source(pixel, tap))
		if n := len(list); n > begin {
			last := &list[n-1]
			if src < 0 && last.src < 0 || src >= 0 && last.src >= 0 && last.src+last.n == src {
				last.n += k
				continue
			}
		}
		list = append(list, copied{int32(dst) + int32(s)*k, src, k})
	}
	return list
}

// source is where a pixel of the result reads its image through a tap, or −1.
func (t *conv) source(pixel, tap int) int {
	row, col := pixel/t.to.cols, pixel%t.to.cols
	if t.adjoint {
		row, col = t.back(0, row, tap/t.kw), t.back(1, col, tap%t.kw)
	} else {
		row, col = t.reach(0, row, tap/t.kw), t.reach(1, col, tap%t.kw)
	}
	if row < 0 || col < 0 {
		return -1
	}
	return (row*t.from.cols + col) * t.from.pixel()
}

// pack copies the weights of some taps into panels.
func (t *conv) pack(_ *worker, lo, hi int) {
	size := t.from.channels * kern.ConvCols
	for ; lo < hi; lo++ {
		panel, s := lo/len(t.taps), lo%len(t.taps)
		dst := t.mem[t.packed][lo*size:][:size]
		group, col := panel/t.panels, panel%t.panels*kern.ConvCols
		cols := min(kern.ConvCols, t.to.channels-col)
		if cols < kern.ConvCols {
			clear(dst)
		}
		if t.adjoint {
			t.packColumns(dst, t.taps[s], group, col, cols)
		} else {
			t.packRows(dst, t.taps[s], group, col, cols)
		}
	}
}

// packRows copies some output channels of a group's weights, closed ones as +0.
func (t *conv) packRows(dst []float32, tap, group, col, cols int) {
	first, mask := group*t.y.channels+col, t.conv.Mask(tap)
	w := t.mem[t.w][tap*t.image.channels*t.y.pixel()+first:]
	for c := range t.image.channels {
		row := dst[c*kern.ConvCols:][:cols]
		copy(row, w[c*t.y.pixel():])
		if mask == nil {
			continue
		}
		for j := range row {
			if !mask.Open(c, first+j) {
				row[j] = 0
			}
		}
	}
}

// packColumns copies some input channels of a group's weights, as columns,
// closed ones as +0.
func (t *conv) packColumns(dst []float32, tap, group, col, cols int) {
	first, mask := group*t.y.channels, t.conv.Mask(tap)
	for j := range cols {
		c := col + j
		w := t.mem[t.w][(tap*t.image.channels+c)*t.y.pixel()+first:][:t.y.channels]
		for n, v := range w {
			if mask != nil && !mask.Open(c, first+n) {
				v = 0
			}
			dst[n*kern.ConvCols+j] = v
		}
	}
}

// run computes tiles lo … hi−1, counted through all images.
func (t *conv) run(w *worker, lo, hi int) {
	for lo < hi {
		image, first := lo/len(t.tiles), lo%len(t.tiles)
		n := min(bandTiles, hi-lo, len(t.tiles)-first)
		x := t.mem[t.x][image*t.from.size():][:t.from.size()]
		out := t.mem[t.out][image*t.to.size():][:t.to.size()]
		for group := range t.to.groups {
			t.band(w, t.tiles[first:first+n], group, x[group*t.from.channels:], out[group*t.to.channels:])
		}
		lo += n
	}
}

// band computes some tiles of one image and one group.
func (t *conv) band(w *worker, tiles []convTile, group int, x, out []float32) {
	k, depth, size := t.exec.kern, t.from.channels, kern.ConvRows*t.depth()
	if t.gather {
		depth = t.depth()
		buf := w.need(len(tiles) * size)
		for i := range tiles {
			gatherTile(buf[i*size:], x, tiles[i].copies)
		}
		x = buf
	}
	for p := range t.panels {
		col := p * kern.ConvCols
		cols := min(kern.ConvCols, t.to.channels-col)
		b := t.mem[t.packed][(group*t.panels+p)*t.panel():][:t.panel()]
		for i := range tiles {
			c, a := &tiles[i], x
			if t.gather {
				a = x[i*size:][:size]
			}
			k.ConvTile(&c.ConvTile, cols, depth, a, b, out[c.first+col:], c.ld, &w.scratch)
		}
	}
}

// gatherTile copies what the pixels of a tile see side by side.
func gatherTile(dst, x []float32, copies []copied) {
	for _, c := range copies {
		if d := dst[c.dst:][:c.n]; c.src < 0 {
			clear(d)
		} else {
			copy(d, x[c.src:])
		}
	}
}
