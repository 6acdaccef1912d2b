package data

import (
	"math/bits"
	"slices"
)

const (
	glyphSide = 28                     // pixels
	sub       = 8                      // sub-pixels a pixel, each way
	bitSide   = glyphSide * sub        // rows and columns of a bitmap
	unit      = 256                    // units of point a sub-pixel
	pixel     = sub * unit             // units of point a pixel
	canvas    = glyphSide * sub * unit // units of point in all
)

// bitmap is an image of sub-pixels, a bit each, lowest bit leftmost. Drawing
// is in whole numbers throughout, so that it is the same on every machine.
type bitmap [bitSide][4]uint64

// crossing is where an edge crosses the middle of a row, and its direction.
type crossing struct {
	x       int64
	winding int
}

// fill sets the sub-pixels whose centres lie inside the outline by the
// non-zero winding rule. rows is scratch.
func (m *bitmap) fill(o outline, rows *[bitSide][]crossing) {
	for i := range rows {
		rows[i] = rows[i][:0]
	}
	for _, c := range o {
		for i, p := range c {
			addEdge(p, c[(i+1)%len(c)], rows)
		}
	}
	for y, cross := range rows {
		slices.SortFunc(cross, func(a, b crossing) int { return int(a.x - b.x) })
		winding := 0
		for i, c := range cross {
			winding += c.winding
			if winding != 0 && i+1 < len(cross) {
				m.span(y, centre(c.x), centre(cross[i+1].x))
			}
		}
	}
}

// addEdge records where the edge crosses the rows' middles.
func addEdge(a, b point, rows *[bitSide][]crossing) {
	winding := 1
	if a.y > b.y {
		a, b, winding = b, a, -1
	}
	for y := max(0, centre(a.y)); y < min(bitSide, centre(b.y)); y++ {
		at := int64(y)*unit + unit/2
		x := a.x + (b.x-a.x)*(at-a.y)/(b.y-a.y)
		rows[y] = append(rows[y], crossing{x, winding})
	}
}

// centre is the first sub-pixel whose centre is not before v.
func centre(v int64) int { return int((v + unit/2 - 1) >> 8) } // ⌈(v − unit/2) / unit⌉

// span sets the bits lo … hi−1 of row y.
func (m *bitmap) span(y, lo, hi int) {
	lo, hi = max(lo, 0), min(hi, bitSide)
	for w := lo >> 6; w<<6 < hi; w++ {
		mask := ^uint64(0)
		if from := lo - w<<6; from > 0 {
			mask <<= from
		}
		if to := hi - w<<6; to < 64 {
			mask &= 1<<to - 1
		}
		m[y][w] |= mask
	}
}

// thicken grows the ink by one sub-pixel in four directions, or eight if
// square; alternately they make an octagon.
func (m *bitmap) thicken(square bool) {
	old := *m
	for y := range m { // each row with itself shifted either way
		l, r := shift(&old[y])
		for w := range m[y] {
			m[y][w] |= l[w] | r[w]
		}
	}
	wide := *m
	sides := &old
	if square {
		sides = &wide
	}
	for y := range m {
		for w := range m[y] {
			if y > 0 {
				m[y][w] |= sides[y-1][w]
			}
			if y+1 < bitSide {
				m[y][w] |= sides[y+1][w]
			}
		}
	}
}

// thin shrinks the ink likewise: it thickens what is not ink.
func (m *bitmap) thin(square bool) {
	m.invert()
	m.thicken(square)
	m.invert()
}

func (m *bitmap) invert() {
	for y := range m {
		for w := range m[y] {
			m[y][w] = ^m[y][w]
		}
	}
}

// shift returns the row moved one bit to the left and to the right.
func shift(row *[4]uint64) (l, r [4]uint64) {
	for w := range row {
		l[w], r[w] = row[w]>>1, row[w]<<1
		if w+1 < len(row) {
			l[w] |= row[w+1] << 63
		}
		if w > 0 {
			r[w] |= row[w-1] >> 63
		}
	}
	return l, r
}

// coverage writes the number of set sub-pixels of each pixel, 0 … 64.
func (m *bitmap) coverage(dst *[glyphSide * glyphSide]int) {
	for y := range glyphSide {
		for x := range glyphSide {
			n := 0
			for s := range sub {
				n += bits.OnesCount8(uint8(m[y*sub+s][x>>3] >> (x & 7 * 8)))
			}
			dst[y*glyphSide+x] = n
		}
	}
}
