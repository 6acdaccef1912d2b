package report

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// PlotFeatures draws the mean nats of every feature under each model, in the
// order of the features. values[m][j] is that of feature j under model m.
func PlotFeatures(w io.Writer, f Format, title string, models, features []string, values [][]float64) error {
	p := newPlot(title, "", "nats")
	drawn := false
	for m, name := range models {
		var xy plotter.XYs
		beside := 0.0 // of few features, so that no dot hides another
		if len(features) <= mostNames {
			beside = 0.4 * (float64(m+1)/float64(len(models)+1) - 0.5)
		}
		for j, v := range values[m] {
			if !math.IsInf(v, 0) && !math.IsNaN(v) {
				xy = append(xy, plotter.XY{X: float64(j) + beside, Y: v})
			}
		}
		s, err := plotter.NewScatter(xy)
		if err != nil || len(xy) == 0 {
			continue
		}
		drawn = true
		s.GlyphStyle = draw.GlyphStyle{Color: colourOf(m), Radius: vg.Points(2.5), Shape: shapeOf(m)}
		p.Add(s)
		p.Legend.Add(name, s)
	}
	if !drawn {
		return fmt.Errorf("%w: no finite values", ErrNothing)
	}
	p.X.Min, p.X.Max = -0.5, float64(len(features))-0.5
	p.Y.Min, p.Y.Max = widened(p.Y.Min, p.Y.Max, 0.06)
	if len(features) <= mostNames {
		names := make([]plot.Tick, len(features))
		for j, name := range features {
			names[j] = plot.Tick{Value: float64(j), Label: shorten(name)}
		}
		p.X.Tick.Marker = plot.ConstantTicks(names)
		p.X.Tick.Length = vg.Points(3)
		if widest(names, p.X.Tick.Label)*vg.Length(len(names)) > plotWidth*3/4 {
			p.X.Tick.Label.Rotation = -math.Pi / 4
			p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = draw.XLeft, draw.YCenter
		}
	} else {
		p.X.Label.Text = "feature"
	}
	return writePlot(w, f, p)
}

// mostNames is the most features whose names fit under a plot.
const mostNames = 20

// widest is the greatest width of the names.
func widest(names []plot.Tick, style text.Style) (w vg.Length) {
	for _, t := range names {
		w = max(w, style.Width(t.Label))
	}
	return w
}

func shorten(name string) string {
	const most = 16
	if r := []rune(name); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return name
}

// WriteHeat draws values (height × width) as a picture, each a square of some
// pixels, from dark for 0 to light for the greatest, which it returns.
func WriteHeat(w io.Writer, values []float64, height, width int) (most float64, err error) {
	if height < 1 || width < 1 || len(values) != height*width {
		return 0, fmt.Errorf("a picture of %d values as %d × %d", len(values), height, width)
	}
	most = slices.Max(values)
	side := max(1, 280/max(height, width))
	img := image.NewRGBA(image.Rect(0, 0, width*side, height*side))
	for y := range height * side {
		for x := range width * side {
			v := values[y/side*width+x/side]
			img.Set(x, y, heat(v/max(most, math.SmallestNonzeroFloat64)))
		}
	}
	return most, png.Encode(w, img)
}

// heat is a scale of rising lightness from near black over blue and vermilion
// to pale yellow, for values from 0 to 1.
func heat(v float64) color.RGBA {
	stops := []color.RGBA{{12, 8, 32, 255}, {60, 30, 120, 255}, {178, 50, 90, 255}, {240, 140, 40, 255}, {252, 245, 190, 255}}
	if !(v > 0) {
		return stops[0]
	}
	at := min(v, 1) * float64(len(stops)-1)
	i := min(int(at), len(stops)-2)
	t := at - float64(i)
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a)*(1-t) + float64(b)*t)) }
	a, b := stops[i], stops[i+1]
	return color.RGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 255}
}
