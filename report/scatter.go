package report

import (
	"fmt"
	"image/color"
	"io"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Frame is the part of a plane that scatter plots show.
type Frame struct {
	X, Y string // names of the axes
	XLow, XHigh,
	YLow, YHigh float64
}

// FrameOf is the range of points, and a little more.
func FrameOf(x, y string, points plotter.XYs) Frame {
	f := Frame{X: x, Y: y}
	xl, xh, yl, yh := plotter.XYRange(points)
	f.XLow, f.XHigh = widened(xl, xh, 0.05)
	f.YLow, f.YHigh = widened(yl, yh, 0.05)
	return f
}

// PlotScatter draws points of the plane, those within the frame.
func PlotScatter(w io.Writer, f Format, title string, frame Frame, points plotter.XYs) error {
	p := newPlot(title, frame.X, frame.Y)
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = frame.XLow, frame.XHigh, frame.YLow, frame.YHigh
	s := specks{colour: Palette[0]}
	for _, xy := range points {
		if xy.X >= frame.XLow && xy.X <= frame.XHigh && xy.Y >= frame.YLow && xy.Y <= frame.YHigh {
			s.at = append(s.at, xy)
		}
	}
	if len(s.at) == 0 {
		return fmt.Errorf("%w: no points", ErrNothing)
	}
	p.Add(s)
	return writePlotSize(w, f, p, plotWidth*3/4, plotWidth*3/4)
}

// specks are many small dots, drawn as one path: a page of thousands of circles
// would be large.
type specks struct {
	at     plotter.XYs
	colour color.Color
}

// Plot implements [plot.Plotter].
func (s specks) Plot(c draw.Canvas, p *plot.Plot) {
	const size = 1.6
	x, y := p.Transforms(&c)
	var path vg.Path
	for _, xy := range s.at {
		at := vg.Point{X: x(xy.X) - size/2, Y: y(xy.Y)}
		path.Move(at)
		path.Line(vg.Point{X: at.X + size, Y: at.Y})
	}
	c.SetLineStyle(draw.LineStyle{Color: s.colour, Width: size})
	c.Stroke(path)
}
