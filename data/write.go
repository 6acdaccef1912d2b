package data

import (
	"encoding/csv"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"strconv"

	"github.com/surprisal-go/surprisal"
)

// WriteCSV writes a header and one row an event. Categories are written by
// name, grid values with the decimals of their grid, and the label, if there
// is one, as a last column.
func WriteCSV(w io.Writer, b *surprisal.Batch) error {
	out := csv.NewWriter(w)
	cols := b.Space.Columns()
	row := make([]string, 0, len(cols)+1)
	format := make([]func(float64) string, len(cols))
	for j, f := range cols {
		row = append(row, f.Name)
		format[j] = formatterOf(f)
	}
	if b.Label != nil {
		row = append(row, labelColumn(cols))
	}
	if err := out.Write(row); err != nil {
		return fmt.Errorf("writing CSV: %w", err)
	}
	values := make([]float64, len(cols))
	for i := range b.Len() {
		b.Float64s(values, i)
		row = row[:0]
		for j, v := range values {
			row = append(row, format[j](v))
		}
		if b.Label != nil {
			row = append(row, labelName(b, i))
		}
		if err := out.Write(row); err != nil {
			return fmt.Errorf("writing CSV: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("writing CSV: %w", err)
	}
	return nil
}

// labelColumn is "label", or something like it that no column is called.
func labelColumn(cols []surprisal.Field) string {
	name := "label"
	for i := 0; i < len(cols); i++ {
		if cols[i].Name == name {
			name, i = name+"_", -1
		}
	}
	return name
}

func labelName(b *surprisal.Batch, i int) string {
	if l := int(b.Label[i]); l >= 0 && l < len(b.LabelNames) {
		return b.LabelNames[l]
	}
	return strconv.Itoa(int(b.Label[i]))
}

// formatterOf returns how values of the field are written.
func formatterOf(f surprisal.Field) func(float64) string {
	if f.Labels != nil {
		return func(v float64) string {
			if i, ok := f.Index(v); ok && i < len(f.Labels) {
				return f.Labels[i]
			}
			return formatNumber(v)
		}
	}
	if f.Kind == surprisal.Grid {
		if d := max(decimals(f.Low), decimals(f.Step)); d <= 12 { // 0.1·3 is 0.3, not 0.30000000000000004
			return func(v float64) string {
				return formatNumber(math.Round(v*math.Pow10(d)) / math.Pow10(d))
			}
		}
	}
	return formatNumber
}

// maxGridPixels bounds the picture that WritePNGGrid makes.
const maxGridPixels = 1 << 28

// WritePNGGrid writes the images of a batch as one picture of cols columns,
// row by row, a grey line between them. The batch has one discrete bounded
// field of shape H × W, H × W × C with 1 or 3 channels, or a square number of
// scalars; its levels are spread over black to white.
func WritePNGGrid(w io.Writer, b *surprisal.Batch, cols int) error {
	p, err := imageShape(b.Space)
	if err != nil {
		return err
	}
	n := b.Len()
	if n == 0 || cols < 1 {
		return fmt.Errorf("writing an image grid of %d images in %d columns: want at least one of each", n, cols)
	}
	cols = min(cols, n)
	rows := (n + cols - 1) / cols
	if width, height := cols*(p.w+1)+1, rows*(p.h+1)+1; width > maxGridPixels/height {
		return fmt.Errorf("an image grid of %d×%d pixels is too large: write fewer images", width, height)
	}
	img := image.NewNRGBA(image.Rect(0, 0, cols*(p.w+1)+1, rows*(p.h+1)+1))
	for i := range img.Pix {
		img.Pix[i] = 128
		if i%4 == 3 {
			img.Pix[i] = 255
		}
	}
	low, step, levels := b.Space.Fields[0].Grid()
	values := make([]float64, p.h*p.w*p.c)
	for i := range n {
		b.Float64s(values, i)
		x0, y0 := i%cols*(p.w+1)+1, i/cols*(p.h+1)+1
		for j := range p.h * p.w {
			var c [3]uint8
			for k := range c {
				level := (values[j*p.c+min(k, p.c-1)] - low) / step
				c[k] = uint8(math.Round(min(max(level/float64(levels-1), 0), 1) * 255))
			}
			img.SetNRGBA(x0+j%p.w, y0+j/p.w, color.NRGBA{c[0], c[1], c[2], 255})
		}
	}
	if err := png.Encode(w, img); err != nil {
		return fmt.Errorf("writing an image grid: %w", err)
	}
	return nil
}

// imageShape reads the events of a space as images.
func imageShape(s *surprisal.Space) (picture, error) {
	f := s.Fields[0]
	if len(s.Fields) == 1 && f.Discrete() {
		_, _, levels := f.Grid()
		side := int(math.Sqrt(float64(f.Size())))
		switch {
		case levels < 2:
		case len(f.Shape) == 3 && (f.Shape[2] == 1 || f.Shape[2] == 3):
			return picture{h: f.Shape[0], w: f.Shape[1], c: f.Shape[2]}, nil
		case len(f.Shape) == 2:
			return picture{h: f.Shape[0], w: f.Shape[1], c: 1}, nil
		case len(f.Shape) == 1 && side*side == f.Size():
			return picture{h: side, w: side, c: 1}, nil
		}
	}
	return picture{}, fmt.Errorf("events of %s are no images: want one field of bounded levels, H × W × C", describe(s))
}
