package report

import (
	"fmt"
	"image/color"
	"io"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/surprisal-go/surprisal/eval"
)

// PlotForest draws paired differences as a forest plot: a dot at what B saves
// over A, a line over its 95% interval, one row a comparison, the first on top.
// Dots that may be noise are hollow. Comparisons without a finite interval are
// left out; it is an error if none is left.
func PlotForest(w io.Writer, f Format, title, x string, cs []eval.Comparison) error {
	var kept []eval.Comparison
	for _, c := range cs {
		if c.InfiniteA+c.InfiniteB == 0 && !math.IsNaN(c.Low) && !math.IsNaN(c.High) {
			kept = append(kept, c)
		}
	}
	if len(kept) == 0 {
		return fmt.Errorf("plotting %q: %w: no finite difference", title, ErrNothing)
	}
	p := newPlot(title, x, "")
	names := make([]plot.Tick, len(kept))
	for i, c := range kept {
		y := float64(len(kept) - 1 - i)
		names[i] = plot.Tick{Value: y, Label: c.A}
		colour := Palette[0]
		addLine(p, plotter.XYs{{X: c.Low, Y: y}, {X: c.High, Y: y}}, "", draw.LineStyle{Color: colour, Width: vg.Points(2)})
		dot := draw.GlyphStyle{Color: colour, Radius: vg.Points(4), Shape: draw.CircleGlyph{}}
		if c.Noise() {
			dot.Shape = draw.RingGlyph{}
		}
		if s, err := plotter.NewScatter(plotter.XYs{{X: c.Nats, Y: y}}); err == nil {
			s.GlyphStyle = dot
			p.Add(s)
		}
	}
	low, high := float64(-1), float64(len(kept))
	addLine(p, plotter.XYs{{X: 0, Y: low}, {X: 0, Y: high}}, "", draw.LineStyle{Color: color.Gray{64}, Width: vg.Points(1), Dashes: []vg.Length{vg.Points(3), vg.Points(3)}})
	p.Y.Min, p.Y.Max = low, high
	p.Y.Tick.Marker = plot.ConstantTicks(names)
	return writePlotSize(w, f, p, plotWidth, vg.Length(len(kept)+2)*vg.Points(26)+vg.Points(60))
}
