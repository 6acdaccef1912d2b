package data

import (
	"fmt"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gobolditalic"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/gomediumitalic"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/gofont/gomonoitalic"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// glyphFaces are the fonts that glyphs are drawn from.
var glyphFaces = [][]byte{
	goregular.TTF, gomedium.TTF, gobold.TTF, goitalic.TTF, gomediumitalic.TTF, gobolditalic.TTF,
	gomono.TTF, gomonobold.TTF, gomonoitalic.TTF,
}

// glyphChars are the labels of glyphs, in order.
const glyphChars = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// outlineEm is the size at which outlines are loaded, in pixels of 64 units:
// the fonts' own grid, so that nothing is rounded.
const outlineEm = 2048

// curveSteps is the number of straight pieces that a curve becomes.
const curveSteps = 8

// point is a place in whole units; y grows downwards.
type point struct{ x, y int64 }

// outline is the closed contours of a glyph.
type outline [][]point

// loadOutlines returns the outline of every character of every face.
func loadOutlines() ([][]outline, error) {
	all := make([][]outline, len(glyphFaces))
	for i, ttf := range glyphFaces {
		f, err := sfnt.Parse(ttf)
		if err != nil {
			return nil, fmt.Errorf("parsing font %d: %w", i, err)
		}
		var buf sfnt.Buffer
		for _, c := range glyphChars {
			o, err := loadOutline(f, &buf, c)
			if err != nil {
				return nil, fmt.Errorf("loading %q of font %d: %w", c, i, err)
			}
			all[i] = append(all[i], o)
		}
	}
	return all, nil
}

func loadOutline(f *sfnt.Font, buf *sfnt.Buffer, c rune) (outline, error) {
	index, err := f.GlyphIndex(buf, c)
	if err != nil {
		return nil, err
	}
	segments, err := f.LoadGlyph(buf, index, fixed.I(outlineEm), nil)
	if err != nil {
		return nil, err
	}
	var o outline
	for _, s := range segments {
		p := [2]point{{int64(s.Args[0].X), int64(s.Args[0].Y)}, {int64(s.Args[1].X), int64(s.Args[1].Y)}}
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			o = append(o, []point{p[0]})
		case sfnt.SegmentOpLineTo:
			o[len(o)-1] = append(o[len(o)-1], p[0])
		case sfnt.SegmentOpQuadTo:
			o[len(o)-1] = appendCurve(o[len(o)-1], p[0], p[1])
		default:
			return nil, fmt.Errorf("outline has a segment of kind %d: want lines and quadratic curves", s.Op)
		}
	}
	return o, nil
}

// appendCurve adds the quadratic Bézier curve from the contour's last point.
func appendCurve(contour []point, control, end point) []point {
	start := contour[len(contour)-1]
	const n = curveSteps
	for t := int64(1); t <= n; t++ {
		a, b, c := (n-t)*(n-t), 2*t*(n-t), t*t
		contour = append(contour, point{
			(a*start.x + b*control.x + c*end.x) / (n * n),
			(a*start.y + b*control.y + c*end.y) / (n * n),
		})
	}
	return contour
}
