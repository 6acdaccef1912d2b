package data

import (
	"bytes"
	"errors"
	"image/png"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal"
)

func TestWriteCSV(t *testing.T) {
	b := &surprisal.Batch{
		Space: &surprisal.Space{Fields: []surprisal.Field{
			{Name: "price", Kind: surprisal.Grid, Low: 0.1, Step: 0.1},
			{Name: "city", Kind: surprisal.Categorical, Levels: 2, Labels: []string{"Oslo", "Rome, old"}},
			{Name: "v", Kind: surprisal.Real, Shape: []int{2}},
		}},
		Columns:    []surprisal.Column{surprisal.Values[float64]{0.1 + 2*0.1, 1}, surprisal.Values[uint8]{1, 0}, surprisal.Values[float64]{1.5, -2, 1e-9, 3}},
		Label:      []int32{1, 0},
		LabelNames: []string{"no", "yes"},
	}
	b.Columns[0].(surprisal.Values[float64])[0] = 0.30000000000000004
	var got strings.Builder
	if err := WriteCSV(&got, b); err != nil {
		t.Fatal(err)
	}
	want := "price,city,v[0],v[1],label\n0.3,\"Rome, old\",1.5,-2,yes\n1,Oslo,1e-09,3,no\n"
	if got.String() != want {
		t.Errorf("wrote\n%s\nwant\n%s", got.String(), want)
	}
	if err := WriteCSV(failing{}, b); err == nil || !strings.Contains(err.Error(), "no space") {
		t.Errorf("error %v", err)
	}
}

// failing is a full disk.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestWritePNGGrid(t *testing.T) {
	set := open(t, "glyphs", Options{})
	var b bytes.Buffer
	if err := WritePNGGrid(&b, set.Test.Slice(0, 5), 3); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	if s := img.Bounds().Size(); s.X != 3*29+1 || s.Y != 2*29+1 {
		t.Errorf("picture of %v", s)
	}
	row := make([]float64, glyphSide*glyphSide)
	set.Test.Float64s(row, 4) // second row, second column
	for p, v := range row {
		r, g, _, _ := img.At(29+1+p%glyphSide, 29+1+p/glyphSide).RGBA()
		if float64(r>>8) != v || r != g {
			t.Fatalf("pixel %d is %d, want %g", p, r>>8, v)
		}
	}
	if err := WritePNGGrid(&b, open(t, "two-moons", Options{}).Test, 8); err == nil || !strings.Contains(err.Error(), "no images") {
		t.Errorf("error %v", err)
	}
	if err := WritePNGGrid(failing{}, set.Test.Slice(0, 1), 1); err == nil || !strings.Contains(err.Error(), "no space") {
		t.Errorf("error %v", err)
	}
	// a flat vector of 64 bits is an 8 × 8 image
	b.Reset()
	if err := WritePNGGrid(&b, open(t, "tree64", Options{}).Test.Slice(0, 4), 4); err != nil {
		t.Fatal(err)
	}
}
