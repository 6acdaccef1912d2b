package report

import (
	"errors"
	"fmt"
	"image/color"
	"io"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// ErrNothing says that there is nothing finite to draw.
var ErrNothing = errors.New("nothing to draw")

// Palette of Okabe and Ito (2008): told apart with any common colour vision.
// Its yellow is left out, because lines of it vanish on white.
var Palette = []color.Color{
	color.RGBA{0, 114, 178, 255},   // blue
	color.RGBA{213, 94, 0, 255},    // vermilion
	color.RGBA{0, 158, 115, 255},   // bluish green
	color.RGBA{204, 121, 167, 255}, // reddish purple
	color.RGBA{230, 159, 0, 255},   // orange
	color.RGBA{86, 180, 233, 255},  // sky blue
	color.RGBA{0, 0, 0, 255},       // black
}

var gridGrey = color.Gray{228}

// colourOf is the colour of series i, and dashesOf its dashes: solid until the
// colours repeat.
func colourOf(i int) color.Color { return Palette[i%len(Palette)] }

func dashesOf(i int) []vg.Length {
	switch i / len(Palette) {
	case 0:
		return nil
	case 1:
		return []vg.Length{vg.Points(5), vg.Points(2)}
	}
	return []vg.Length{vg.Points(1.5), vg.Points(1.5)}
}

// shapeOf is the shape of the dots of series i.
func shapeOf(i int) draw.GlyphDrawer {
	return []draw.GlyphDrawer{draw.CircleGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{}}[min(i/len(Palette), 2)]
}

// faint is a colour with the given opacity, of 255.
func faint(c color.Color, alpha uint8) color.Color {
	r, g, b, _ := c.RGBA()
	return color.NRGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), alpha}
}

// Plots are as wide as a telephone, so that their letters can be read there, and
// grow with the page. Legends stand above them and make them taller.
const (
	plotWidth  = 13 * vg.Centimeter
	plotHeight = 8 * vg.Centimeter
	plotDPI    = 220
)

// newPlot returns an empty plot in the project's style.
func newPlot(title, x, y string) *plot.Plot {
	p := plot.New()
	sans := func(size vg.Length) font.Font { return font.Font{Typeface: "Liberation", Variant: "Sans", Size: size} }
	grey := color.Gray{64}
	p.Title.Text, p.Title.TextStyle.Font, p.Title.Padding = title, sans(vg.Points(12)), vg.Points(6)
	p.X.Label.Text, p.Y.Label.Text = x, y
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Label.TextStyle.Font, a.Tick.Label.Font = sans(vg.Points(11)), sans(vg.Points(10))
		a.LineStyle.Color, a.Tick.LineStyle.Color = grey, grey
		a.Padding, a.Tick.Marker = 0, plot.TickerFunc(ticks)
	}
	grid := plotter.NewGrid()
	grid.Horizontal.Color, grid.Vertical.Color = gridGrey, gridGrey
	p.Add(grid)
	p.Legend.TextStyle.Font = sans(vg.Points(10))
	p.Legend.Padding, p.Legend.ThumbnailWidth = vg.Points(3), vg.Points(22)
	p.Legend.Left, p.Legend.Top = true, true
	return p
}

// Format of a plot.
type Format string

// Formats.
const (
	SVG Format = "svg"
	PNG Format = "png"
)

// writePlot draws the plot with its title and its legend above it.
func writePlot(w io.Writer, f Format, p *plot.Plot) error {
	return writePlotSize(w, f, p, plotWidth, plotHeight)
}

func writePlotSize(w io.Writer, f Format, p *plot.Plot, width, height vg.Length) error {
	const margin = 8
	title, legend, above := p.Title, p.Legend, vg.Length(0)
	p.Title.Text, p.Legend = "", plot.NewLegend()
	if title.Text != "" {
		above += title.TextStyle.Rectangle(title.Text).Size().Y + title.Padding
	}
	legendAt := above
	if size := legend.Rectangle(draw.Canvas{}).Size(); size.Y > 0 {
		above += size.Y + vg.Points(10)
	}
	height += above
	var out io.WriterTo
	var canvas vg.CanvasSizer
	switch f {
	case SVG:
		c := vgsvg.New(width, height)
		canvas, out = c, c
	case PNG:
		c := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(plotDPI))
		canvas, out = c, vgimg.PngCanvas{Canvas: c}
	default:
		return fmt.Errorf("plotting as %q: want %s or %s", f, SVG, PNG)
	}
	all := draw.New(canvas)
	all.SetColor(color.White)
	all.Fill(all.Rectangle.Path())
	p.BackgroundColor = nil
	p.Draw(draw.Crop(all, margin, -margin, margin, -margin-above))
	top := draw.Crop(all, margin, -margin, 0, -margin/2)
	if title.Text != "" {
		top.FillText(title.TextStyle, vg.Point{X: top.Center().X, Y: top.Max.Y}, title.Text)
	}
	legend.Draw(draw.Crop(top, 0, 0, 0, -legendAt))
	_, err := out.WriteTo(w)
	return err
}

// ticks places about six labels on multiples of 1, 2 or 5 times a power of
// ten.
func ticks(lo, hi float64) []plot.Tick {
	step := math.Pow(10, math.Floor(math.Log10((hi-lo)/6)))
	for _, f := range []float64{2, 2.5, 2} { // 1, 2, 5, 10
		if (hi-lo)/step <= 7 {
			break
		}
		step *= f
	}
	var out []plot.Tick
	first := math.Ceil(lo / step)
	for i := range 10 { // bounded: of numbers above 2⁵³, one more is none
		// Rounding v to 12 digits takes away what 0.1 lacks of a tenth.
		v := (first+float64(i))*step + 0 // no minus before zero
		if !(v <= hi) {
			break
		}
		out = append(out, plot.Tick{Value: v, Label: fmt.Sprintf("%.12g", v)})
	}
	return out
}

// widened is the range with a share of it more at either end, so that no dot
// lies on the frame.
func widened(low, high, share float64) (float64, float64) {
	margin := share * (high - low)
	if margin == 0 {
		margin = max(0.5, 1e-9*math.Abs(low))
	}
	return low - margin, high + margin
}
