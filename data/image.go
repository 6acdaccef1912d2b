package data

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"path/filepath"
	"slices"

	"github.com/surprisal-go/surprisal"
)

// maxPixels bounds one image: a header may promise anything.
const maxPixels = 1 << 26

// pixels is the field of 8-bit images.
func pixels(h, w, c int) *surprisal.Field {
	return &surprisal.Field{Name: "image", Kind: surprisal.Grid, Shape: []int{h, w, c}, Axes: "HWC", Step: 1, Levels: 256}
}

// readImages reads PNG files, one event each.
func (r *raw) readImages(files []file) error {
	labelled := slices.ContainsFunc(files, func(f file) bool { return f.label != "" })
	var first picture
	for i := range files {
		f := &files[i]
		p, err := decodePNG(f.bytes)
		if err != nil {
			return fmt.Errorf("reading %s: %w", f.path, err)
		}
		if i == 0 {
			first = p
		}
		if p.h != first.h || p.w != first.w || p.c != first.c {
			return fmt.Errorf("%s has %s and %s has %s: want images of one size, crop or scale them first",
				files[0].path, first.size(), f.path, p.size())
		}
		b := &block{rows: 1, cols: []*column{{name: "image", shape: []int{p.h, p.w, p.c}, axes: "HWC", u8: p.values}}}
		if labelled {
			b.label = []string{f.label}
			if f.label == "" {
				return fmt.Errorf("%s lies in no sub-folder while others do, and sub-folders are labels: move it into one", f.path)
			}
		}
		if err := r.append(b, f.split, f.path, files[0].path); err != nil {
			return err
		}
		f.bytes = nil // decoded
	}
	c := r.cols[0]
	if !slices.ContainsFunc(c.u8, func(v uint8) bool { return v != 0 && v != 255 }) {
		for i, v := range c.u8 {
			c.u8[i] = v / 255
		}
		r.note("the images are black and white: read as binary, white is 1")
		return nil
	}
	c.field = pixels(first.h, first.w, first.c)
	return nil
}

// picture is a decoded image, H × W × C bytes.
type picture struct {
	h, w, c int
	values  []uint8
}

func (p picture) size() string { return fmt.Sprintf("%d×%d pixels of %d channels", p.w, p.h, p.c) }

// decodePNG reads an 8-bit image: grey ones have 1 channel, others 3.
func decodePNG(b []byte) (picture, error) {
	conf, err := png.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		return picture{}, fmt.Errorf("broken PNG header: %w", err)
	}
	if conf.Width <= 0 || conf.Height <= 0 || conf.Width > maxPixels/conf.Height {
		return picture{}, fmt.Errorf("PNG header promises %d×%d pixels: want at most %d in all", conf.Width, conf.Height, maxPixels)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		return picture{}, fmt.Errorf("broken PNG data (%w): the file is truncated or corrupt", err)
	}
	p := picture{h: conf.Height, w: conf.Width, c: 3}
	switch m := img.(type) {
	case *image.Gray:
		p.c, p.values = 1, make([]uint8, 0, p.h*p.w)
		for y := range p.h {
			p.values = append(p.values, m.Pix[y*m.Stride:y*m.Stride+p.w]...)
		}
		return p, nil
	case *image.Gray16, *image.RGBA64, *image.NRGBA64:
		return picture{}, fmt.Errorf("PNG has 16 bits a channel: want 8, convert it first")
	case interface{ Opaque() bool }:
		if !m.Opaque() {
			return picture{}, fmt.Errorf("PNG has transparent pixels: flatten it on a background first")
		}
	}
	p.values = make([]uint8, 0, p.h*p.w*3)
	box := img.Bounds()
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			c := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
			p.values = append(p.values, c.R, c.G, c.B)
		}
	}
	return p, nil
}

// CIFAR-10 binary: records of one label and 32×32 pixels, channel by channel.
const (
	cifarSide   = 32
	cifarPlane  = cifarSide * cifarSide
	cifarRecord = 1 + 3*cifarPlane
)

var cifarNames = [...]string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}

// looksLikeCIFAR reports whether b is whole records with labels below 10.
func looksLikeCIFAR(b []byte) bool {
	if len(b) == 0 || len(b)%cifarRecord != 0 {
		return false
	}
	for i := 0; i < len(b); i += cifarRecord {
		if int(b[i]) >= len(cifarNames) {
			return false
		}
	}
	return true
}

func (r *raw) readCIFAR(files []file) error {
	for _, f := range files {
		n := len(f.bytes) / cifarRecord
		b := &block{rows: n, label: make([]string, n)}
		values := make([]uint8, n*3*cifarPlane)
		for i := range n {
			rec := f.bytes[i*cifarRecord : (i+1)*cifarRecord]
			b.label[i] = cifarNames[rec[0]]
			out := values[i*3*cifarPlane:]
			for p := range cifarPlane {
				for c := range 3 {
					out[p*3+c] = rec[1+c*cifarPlane+p]
				}
			}
		}
		b.cols = []*column{{name: "image", shape: []int{cifarSide, cifarSide, 3}, axes: "HWC", u8: values, field: pixels(cifarSide, cifarSide, 3)}}
		split := f.split
		if split == "" && len(files) > 1 && slices.Contains(tokens(filepath.Base(f.path)), "data") {
			split = "train" // data_batch_1.bin beside test_batch.bin
		}
		if err := r.append(b, split, f.path, files[0].path); err != nil {
			return err
		}
	}
	return nil
}
