package data

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal"
)

// encode writes an image as PNG.
func encode(t *testing.T, m image.Image) string {
	t.Helper()
	var b strings.Builder
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// grey is a w × h image of grey levels from v on.
func grey(w, h, v int) image.Image {
	m := image.NewGray(image.Rect(0, 0, w, h))
	for i := range m.Pix {
		m.Pix[i] = uint8(v + i)
	}
	return m
}

func TestPNGFolder(t *testing.T) {
	dir := t.TempDir()
	for i := range 12 {
		writeAt(t, filepath.Join(dir, []string{"cat", "dog"}[i%2], string(rune('a'+i))+".png"), encode(t, grey(3, 2, i)))
	}
	set := open(t, dir, Options{})
	if got := set.Space.Fields[0].String(); got != "image: grid of step 1 from 0, 256 levels, shape [2 3 1]" {
		t.Errorf("field %q", got)
	}
	if !slices.Equal(set.Train.LabelNames, []string{"cat", "dog"}) || set.Train.Len() != 10 {
		t.Errorf("%d training images with labels %v", set.Train.Len(), set.Train.LabelNames)
	}
	all, err := Read(dir, set.Space, Options{})
	if err != nil {
		t.Fatal(err)
	}
	row := make([]float64, 6)
	all.Float64s(row, 6) // cats come first: a c e g i k, then dogs
	if !slices.Equal(row, []float64{1, 2, 3, 4, 5, 6}) || all.Label[6] != 1 {
		t.Errorf("first dog is %v, label %d", row, all.Label[6])
	}
}

func TestPNGKinds(t *testing.T) {
	rgb := image.NewRGBA(image.Rect(0, 0, 2, 1))
	rgb.Set(0, 0, color.RGBA{10, 20, 30, 255})
	rgb.Set(1, 0, color.RGBA{40, 50, 60, 255})
	p, err := decodePNG([]byte(encode(t, rgb)))
	if err != nil || p.c != 3 || !slices.Equal(p.values, []uint8{10, 20, 30, 40, 50, 60}) {
		t.Errorf("%v, error %v", p, err)
	}
	palette := image.NewPaletted(image.Rect(0, 0, 1, 1), color.Palette{color.RGBA{7, 8, 9, 255}})
	if p, err := decodePNG([]byte(encode(t, palette))); err != nil || !slices.Equal(p.values, []uint8{7, 8, 9}) {
		t.Errorf("%v, error %v", p, err)
	}
	glass := image.NewNRGBA(image.Rect(0, 0, 1, 1))
	if _, err := decodePNG([]byte(encode(t, glass))); err == nil || !strings.Contains(err.Error(), "transparent") {
		t.Errorf("error %v", err)
	}
	if _, err := decodePNG([]byte(encode(t, image.NewGray16(image.Rect(0, 0, 1, 1))))); err == nil || !strings.Contains(err.Error(), "16 bits") {
		t.Errorf("error %v", err)
	}
	whole := encode(t, grey(30, 30, 0))
	if _, err := decodePNG([]byte(whole[:len(whole)-30])); err == nil || !strings.Contains(err.Error(), "truncated or corrupt") {
		t.Errorf("error %v", err)
	}
}

func TestBlackAndWhiteImagesAreBinary(t *testing.T) {
	dir := t.TempDir()
	for i := range 5 {
		m := image.NewGray(image.Rect(0, 0, 2, 2))
		m.Pix[i%4] = 255
		writeAt(t, filepath.Join(dir, string(rune('a'+i))+".png"), encode(t, m))
	}
	set := open(t, dir, Options{})
	if f := set.Space.Fields[0]; f.Kind != surprisal.Binary {
		t.Errorf("field %q", f)
	}
}

func TestImagesOfTwoSizesAreRefused(t *testing.T) {
	dir := t.TempDir()
	writeAt(t, filepath.Join(dir, "a.png"), encode(t, grey(3, 2, 0)))
	writeAt(t, filepath.Join(dir, "b.png"), encode(t, grey(2, 3, 0)))
	_, err := Open(dir, Options{})
	if err == nil || !strings.Contains(err.Error(), "a.png has 3×2") || !strings.Contains(err.Error(), "b.png has 2×3") {
		t.Errorf("error %v", err)
	}
}

func TestCIFAR(t *testing.T) {
	rec := append([]byte{9}, bytes.Repeat([]byte{1}, cifarPlane)...)
	rec = append(append(rec, bytes.Repeat([]byte{2}, cifarPlane)...), bytes.Repeat([]byte{3}, cifarPlane)...)
	rec[1+33] = 100 // red of row 1, column 1
	set := open(t, write(t, "batch.bin", strings.Repeat(string(rec), 5)), Options{})
	row := make([]float64, 3*cifarPlane)
	set.Train.Float64s(row, 0)
	if !slices.Equal(row[3*33:3*33+6], []float64{100, 2, 3, 1, 2, 3}) || set.Train.LabelNames[set.Train.Label[0]] != "truck" {
		t.Errorf("pixels %v, label %v", row[3*33:3*33+6], set.Train.LabelNames)
	}
}

func TestPNGHeaderPromisesTooMuch(t *testing.T) {
	b := []byte(encode(t, grey(3, 2, 0)))
	binary.BigEndian.PutUint32(b[16:], 1<<30) // width; the checksum is broken too
	if _, err := decodePNG(b); err == nil {
		t.Error("a billion pixels were accepted")
	}
}
