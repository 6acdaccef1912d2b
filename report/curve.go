package report

import (
	"fmt"
	"image/color"
	"io"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/surprisal-go/surprisal/train"
)

// Curve is the learning curve of one model.
type Curve struct {
	Name    string
	Metrics []train.Metric
}

// Axis is what a learning curve is drawn over.
type Axis string

// Axes.
const (
	ByEpoch Axis = "epochs"
	ByTime  Axis = "seconds of training"
)

// PlotCurves draws every curve's validation nats with their standard error
// (line and band) and its training loss (faint line, in means of neighbouring
// points where there are many), and writes the plot to w.
// Of a bound the legend says by how many draws it is. A ring marks the best
// validation, and few validations get a dot each. The first points of a training may lie
// above the plot, which shows the range where the curves spend most of their
// points.
func PlotCurves(w io.Writer, f Format, title string, over Axis, curves ...Curve) error {
	drawn := make([]series, len(curves))
	var values []float64
	for i, c := range curves {
		drawn[i] = newSeries(c, over)
		values = append(values, drawn[i].values()...)
	}
	if len(values) == 0 {
		return fmt.Errorf("%w: no metrics", ErrNothing)
	}
	p := newPlot(title, string(over), "nats per event (lower is better)")
	for i, s := range drawn {
		if len(drawn) == 1 {
			s.name = "validation"
		}
		s.addTo(p, i)
	}
	p.X.Min, p.X.Max = 0, p.X.Max*1.03 // room for a ring at the end
	grey := color.Gray{96}
	p.Legend.Add("training loss", &plotter.Line{LineStyle: lossStyle(grey)})
	p.Legend.Add("best validation", &plotter.Scatter{GlyphStyle: ringStyle(grey)})
	p.Y.Min, p.Y.Max = span(values)
	return writePlot(w, f, p)
}

// series is what is drawn of a curve.
type series struct {
	name, reached                   string
	loss, valid, lower, upper, best plotter.XYs
}

func newSeries(c Curve, over Axis) series {
	s := series{name: c.Name}
	for _, m := range c.Metrics {
		x := m.Epoch
		if over == ByTime {
			x = m.Seconds
		}
		if !math.IsNaN(m.Loss) && !math.IsInf(m.Loss, 0) {
			s.loss = append(s.loss, plotter.XY{X: x, Y: m.Loss})
		}
		if m.Valid == nil || m.Valid.Infinite > 0 || math.IsNaN(m.Valid.Nats) {
			continue
		}
		y, se := m.Valid.Nats, m.Valid.StdErr
		s.valid = append(s.valid, plotter.XY{X: x, Y: y})
		if !math.IsNaN(se) {
			s.lower, s.upper = append(s.lower, plotter.XY{X: x, Y: y - se}), append(s.upper, plotter.XY{X: x, Y: y + se})
		}
		if m.Best {
			s.best = plotter.XYs{{X: x, Y: y}}
			s.reached = ": " + m.Valid.String()
			if k := m.Valid.Samples; k > 0 {
				s.reached += " by " + draws(k)
			}
		}
	}
	s.loss = thinned(s.loss)
	return s
}

func (s series) values() (v []float64) {
	all := slices.Concat(s.loss, s.valid)
	if len(s.valid) < fewValidations {
		all = slices.Concat(all, s.lower, s.upper)
	}
	for _, xy := range all {
		v = append(v, xy.Y)
	}
	return v
}

// mostLosses are the points of a line of training losses: more would hide the
// validations behind their noise.
const mostLosses = 120

// thinned is the mean of every so many points, so that few enough are left.
func thinned(xy plotter.XYs) plotter.XYs {
	each := (len(xy) + mostLosses - 1) / mostLosses
	if each < 2 {
		return xy
	}
	var out plotter.XYs
	for part := range slices.Chunk(xy, each) {
		sum := 0.0
		for _, p := range part {
			sum += p.Y
		}
		out = append(out, plotter.XY{X: part[len(part)-1].X, Y: sum / float64(len(part))})
	}
	return out
}

// fewValidations get a dot each.
const fewValidations = 20

func (s series) addTo(p *plot.Plot, i int) {
	colour := colourOf(i)
	style := draw.LineStyle{Color: colour, Width: vg.Points(1.8), Dashes: dashesOf(i)}
	addBand(p, s.lower, slices.Clone(s.upper), faint(colour, 48))
	addLine(p, s.loss, "", lossStyle(colour))
	addLine(p, s.valid, "", style)
	if name := s.name + s.reached; len(s.valid) > 0 {
		p.Legend.Add(name, &plotter.Line{LineStyle: style})
	}
	if len(s.valid) == 1 && len(s.lower) == 1 { // a band has no width there
		addLine(p, plotter.XYs{s.lower[0], s.upper[0]}, "", draw.LineStyle{Color: colour, Width: vg.Points(1.2)})
	}
	if len(s.valid) < fewValidations {
		addDots(p, s.valid, draw.GlyphStyle{Color: colour, Radius: vg.Points(2.2), Shape: shapeOf(i)})
	}
	addDots(p, s.best, ringStyle(colour))
}

// addLine draws a line; one without points, or with a point that is not
// finite, is left out.
func addLine(p *plot.Plot, xy plotter.XYs, name string, style draw.LineStyle) {
	line, err := plotter.NewLine(xy)
	if err != nil {
		return
	}
	line.LineStyle = style
	p.Add(line)
	if name != "" {
		p.Legend.Add(name, line)
	}
}

// addBand fills between two lines.
func addBand(p *plot.Plot, lower, upper plotter.XYs, fill color.Color) {
	slices.Reverse(upper)
	band, err := plotter.NewPolygon(slices.Concat(lower, upper))
	if err != nil {
		return
	}
	band.Color, band.LineStyle.Width = fill, 0
	p.Add(band)
}

// addDots draws a dot at every point, if there are any.
func addDots(p *plot.Plot, at plotter.XYs, style draw.GlyphStyle) {
	dots, err := plotter.NewScatter(at)
	if err != nil {
		return
	}
	dots.GlyphStyle = style
	p.Add(dots)
}

func lossStyle(c color.Color) draw.LineStyle {
	return draw.LineStyle{Color: faint(c, 175), Width: vg.Points(0.9)}
}

func ringStyle(c color.Color) draw.GlyphStyle {
	return draw.GlyphStyle{Color: c, Radius: vg.Points(4), Shape: draw.RingGlyph{}}
}

// span is the range of the y axis: from the least value to the 90% quantile
// and a tenth more, so that the first steps do not flatten the rest.
func span(values []float64) (lo, hi float64) {
	v := slices.Sorted(slices.Values(values))
	lo, hi = v[0], v[min(len(v)-1, len(v)*9/10)]
	if hi == lo {
		hi = lo + 1
	}
	margin := 0.1 * (hi - lo)
	return lo - margin, hi + margin
}
