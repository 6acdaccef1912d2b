package report

import (
	"fmt"
	"io"
	"math"
	"slices"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Sample is a named list of numbers.
type Sample struct {
	Name   string
	Values []float64
}

// PlotHistograms draws the distribution of each sample as steps of equal width,
// as shares of the sample. The range holds 99.8% of all finite values; infinite
// ones are left out.
func PlotHistograms(w io.Writer, f Format, title, x string, samples ...Sample) error {
	var all []float64
	for _, s := range samples {
		for _, v := range s.Values {
			if !math.IsInf(v, 0) && !math.IsNaN(v) {
				all = append(all, v)
			}
		}
	}
	if len(all) == 0 {
		return fmt.Errorf("%w: no finite values", ErrNothing)
	}
	slices.Sort(all)
	cut := len(all) / 1000
	low, high := all[cut], all[len(all)-1-cut]
	if low == high {
		low, high = widened(low, high, 0)
	}
	p := newPlot(title, x, "share of events")
	const bins = 60
	for i, s := range samples {
		xy := histogram(s.Values, low, high, bins)
		colour := colourOf(i)
		base := plotter.XYs{{X: low, Y: 0}, {X: high, Y: 0}}
		addBand(p, base, slices.Clone(xy), faint(colour, 40))
		addLine(p, xy, s.Name, draw.LineStyle{Color: colour, Width: vg.Points(1.4), Dashes: dashesOf(i)})
	}
	p.X.Min, p.X.Max, p.Y.Min = low, high, 0
	return writePlot(w, f, p)
}

// histogram returns the outline of the bars.
func histogram(values []float64, low, high float64, bins int) plotter.XYs {
	count := make([]float64, bins)
	for _, v := range values {
		if i := int((v - low) / (high - low) * float64(bins)); v >= low && i >= 0 && i < bins {
			count[i]++
		}
	}
	width := (high - low) / float64(bins)
	xy := plotter.XYs{{X: low, Y: 0}}
	for i, c := range count {
		share := c / float64(len(values))
		x := low + float64(i)*width
		xy = append(xy, plotter.XY{X: x, Y: share}, plotter.XY{X: x + width, Y: share})
	}
	return append(xy, plotter.XY{X: high, Y: 0})
}
