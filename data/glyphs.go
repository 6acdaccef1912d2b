package data

import (
	"math/rand/v2"
	"strings"

	"github.com/surprisal-go/surprisal"
)

var glyphSizes = sizes{10_000, 2_000, 2_000}

// Parameters of the drawing, all in whole numbers; Q12 is units of 2⁻¹².
const (
	q12        = 12
	oneQ12     = 1 << q12
	leastEm    = 23 * 16             // size of the font, in 1/16 pixel
	emRange    = 7 * 16              // up to 30 pixels
	tiltQ12    = oneQ12 / 6          // greatest sine of the rotation
	slantQ12   = oneQ12 / 6          // greatest shear
	stretchQ12 = oneQ12 / 8          // greatest change of the aspect
	leastThick = -2                  // sub-pixels taken from every side …
	thickRange = 7                   // … to 4 added
	jitter     = 3 * pixel / 2       // greatest distance of the centre from the middle
	roomy      = canvas - 2*sub*unit // what a glyph may fill: a pixel free on every side
	leastInk   = 160                 // grey level of full ink, to 255
	noise      = 8                   // half width of each of two uniforms that are added to inked pixels
)

// glyphDrawer draws images of characters.
type glyphDrawer struct {
	outlines [][]outline
	binary   bool // draw in black and white
	rows     [bitSide][]crossing
	cover    [glyphSide * glyphSide]int
}

// draw writes an image of a random character and returns its label. The key
// settles character, face, affine map, thickness, ink and noise.
func (d *glyphDrawer) draw(dst []uint8, key surprisal.Key) (label int32) {
	r := key.Rand()
	c := between(r, 0, int64(len(glyphChars))-1)
	face := between(r, 0, int64(len(glyphFaces))-1)
	placed := place(d.outlines[face][c].apply(randomMap(r)), r)
	var m bitmap
	m.fill(placed, &d.rows)
	thick := between(r, leastThick, leastThick+thickRange-1)
	for i := range abs(thick) {
		if thick > 0 {
			m.thicken(i%2 == 1)
		} else {
			m.thin(i%2 == 1)
		}
	}
	m.coverage(&d.cover)
	if d.binary {
		d.threshold(dst)
	} else {
		d.shade(dst, r)
	}
	return int32(c)
}

// threshold sets the pixels that are covered by half.
func (d *glyphDrawer) threshold(dst []uint8) {
	for i, n := range d.cover {
		dst[i] = 0
		if 2*n >= sub*sub {
			dst[i] = 1
		}
	}
}

// shade writes grey levels: coverage times ink, and noise where there is ink.
func (d *glyphDrawer) shade(dst []uint8, r *rand.Rand) {
	ink := between(r, leastInk, 255)
	for i, n := range d.cover {
		dst[i] = 0
		if n > 0 {
			v := int64(n)*ink/(sub*sub) + between(r, -noise, noise) + between(r, -noise, noise)
			dst[i] = uint8(min(max(v, 0), 255))
		}
	}
}

// between draws a whole number, lo ≤ n ≤ hi.
func between(r *rand.Rand, lo, hi int64) int64 { return lo + int64(r.Uint64N(uint64(hi-lo+1))) }

func abs(v int64) int64 { return max(v, -v) }

// matrix is a linear map in units of 2⁻¹⁶.
type matrix struct{ xx, xy, yx, yy int64 }

// randomMap is rotation × shear × stretch × size, from units of outlines to
// units of the canvas: a font of one pixel has the factor 1/64.
func randomMap(r *rand.Rand) matrix {
	em := between(r, leastEm, leastEm+emRange)
	sin := between(r, -tiltQ12, tiltQ12)
	cos := isqrt(oneQ12*oneQ12 - sin*sin)
	slant := between(r, -slantQ12, slantQ12)
	wide := oneQ12 + between(r, -stretchQ12, stretchQ12)
	size := em * 64 // 2¹⁶/64 for a pixel
	// (x, y) → (wide·x + slant·y, y), then turned
	return matrix{
		xx: (cos * wide >> q12) * size >> q12,
		xy: ((cos * slant >> q12) - sin) * size >> q12,
		yx: (sin * wide >> q12) * size >> q12,
		yy: ((sin * slant >> q12) + cos) * size >> q12,
	}
}

// isqrt is the greatest integer whose square is at most v, by Newton's method
// from above.
func isqrt(v int64) int64 {
	x := v
	for y := (x + 1) / 2; y < x; y = (x + v/x) / 2 {
		x = y
	}
	return x
}

func (o outline) apply(m matrix) outline {
	out := make(outline, len(o))
	for i, c := range o {
		out[i] = make([]point, len(c))
		for j, p := range c {
			out[i][j] = point{(m.xx*p.x + m.xy*p.y) >> 16, (m.yx*p.x + m.yy*p.y) >> 16}
		}
	}
	return out
}

// place shrinks the outline into the canvas if it is too large and puts its
// middle near the canvas's, as far off as there is room.
func place(o outline, r *rand.Rand) outline {
	lo, hi := o.box()
	w, h := hi.x-lo.x, hi.y-lo.y
	if big := max(w, h); big > roomy {
		shrink := int64(roomy) << 16 / big
		o = o.apply(matrix{xx: shrink, yy: shrink})
		lo, hi = o.box()
		w, h = hi.x-lo.x, hi.y-lo.y
	}
	freeX, freeY := min(jitter, (roomy-w)/2), min(jitter, (roomy-h)/2)
	dx := canvas/2 - (lo.x+hi.x)/2 + between(r, -max(freeX, 0), max(freeX, 0))
	dy := canvas/2 - (lo.y+hi.y)/2 + between(r, -max(freeY, 0), max(freeY, 0))
	for _, c := range o {
		for j := range c {
			c[j].x += dx
			c[j].y += dy
		}
	}
	return o
}

func (o outline) box() (lo, hi point) {
	lo, hi = o[0][0], o[0][0]
	for _, c := range o {
		for _, p := range c {
			lo = point{min(lo.x, p.x), min(lo.y, p.y)}
			hi = point{max(hi.x, p.x), max(hi.y, p.y)}
		}
	}
	return lo, hi
}

func makeGlyphs() (*Set, error) { return drawGlyphs(*pixels(glyphSide, glyphSide, 1)) }

func makeGlyphsBinary() (*Set, error) {
	return drawGlyphs(surprisal.Field{Name: "image", Kind: surprisal.Binary, Shape: []int{glyphSide, glyphSide, 1}, Axes: "HWC"})
}

func drawGlyphs(f surprisal.Field) (*Set, error) {
	outlines, err := loadOutlines()
	if err != nil {
		return nil, err
	}
	key := surprisal.Key(28).Named("glyphs")
	d := &glyphDrawer{outlines: outlines, binary: f.Kind == surprisal.Binary}
	n, size := glyphSizes, f.Size()
	values, labels := make(surprisal.Values[uint8], n.total()*size), make([]int32, n.total())
	for i := range labels {
		labels[i] = d.draw(values[i*size:(i+1)*size], key.Fold(uint64(i)))
	}
	return makeSet(f, values, labels, strings.Split(glyphChars, ""), n), nil
}
