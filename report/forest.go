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
	"github.com/surprisal-go/surprisal/internal/digits"
)

// PlotForest draws paired differences as a forest plot: a dot at what B saves
// over A, a line over its 95% interval, and both as numbers above it, one row a
// comparison, the first on top. Dots that may be noise are hollow. Comparisons without a finite interval are
// left out; it is an error if none is left.
func PlotForest(w io.Writer, f Format, title, x string, cs []eval.Comparison) error {
	var kept []eval.Comparison
	for _, c := range cs {
		if span := c.High - c.Low; c.InfiniteA+c.InfiniteB == 0 && !math.IsNaN(span) && !math.IsInf(span, 0) {
			kept = append(kept, c)
		}
	}
	if len(kept) == 0 {
		return fmt.Errorf("%w: no finite difference", ErrNothing)
	}
	p := newPlot(title, x, "")
	names := make([]plot.Tick, len(kept))
	low, high := 0.0, 0.0
	for i, c := range kept {
		y := float64(len(kept) - 1 - i)
		names[i] = plot.Tick{Value: y, Label: c.A}
		colour := Palette[0]
		low, high = min(low, c.Low), max(high, c.High)
		addLine(p, plotter.XYs{{X: c.Low, Y: y}, {X: c.High, Y: y}}, "", draw.LineStyle{Color: colour, Width: vg.Points(2)})
		dot := draw.GlyphStyle{Color: colour, Radius: vg.Points(3.5), Shape: draw.CircleGlyph{}}
		if c.Noise() {
			dot.Shape = draw.RingGlyph{}
		}
		addDots(p, plotter.XYs{{X: c.Nats, Y: y}}, dot)
	}
	p.X.Min, p.X.Max = widened(low, high, 0.05)
	for i, c := range kept {
		addNumbers(p, c, float64(len(kept)-1-i))
	}
	bottom, top := -0.7, float64(len(kept))-0.3
	addLine(p, plotter.XYs{{X: 0, Y: bottom}, {X: 0, Y: top}}, "", draw.LineStyle{Color: color.Gray{64}, Width: vg.Points(1), Dashes: []vg.Length{vg.Points(3), vg.Points(3)}})
	p.Y.Min, p.Y.Max = bottom, top
	p.Y.Tick.Marker = plot.ConstantTicks(names)
	return writePlotSize(w, f, p, plotWidth, vg.Length(len(kept))*vg.Points(32)+vg.Points(58))
}

// addNumbers writes the difference and its interval above the dot, and away from
// the nearer side of the plot.
func addNumbers(p *plot.Plot, c eval.Comparison, y float64) {
	decimals := significant((c.High - c.Low) / 4)
	text := fmt.Sprintf("%s (%s to %s)", digits.Fixed(c.Nats, decimals), digits.Fixed(c.Low, decimals), digits.Fixed(c.High, decimals))
	labels, err := plotter.NewLabels(plotter.XYLabels{XYs: plotter.XYs{{X: c.Nats, Y: y}}, Labels: []string{text}})
	if err != nil {
		return
	}
	style := &labels.TextStyle[0]
	style.Font = p.Legend.TextStyle.Font
	switch at := (c.Nats - p.X.Min) / (p.X.Max - p.X.Min); {
	case at < 1./3:
		style.XAlign, labels.Offset.X = draw.XLeft, vg.Points(5)
	case at > 2./3:
		style.XAlign, labels.Offset.X = draw.XRight, -vg.Points(5)
	default:
		style.XAlign = draw.XCenter
	}
	labels.Offset.Y = vg.Points(6)
	p.Add(labels)
}
