package report_test

import (
	"bytes"
	"fmt"
	"image/color"
	"image/png"
	"io"
	"strings"
	"testing"

	"gonum.org/v1/plot/plotter"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/report"
	"github.com/surprisal-go/surprisal/train"
)

func heatOf(t *testing.T) report.Picture {
	t.Helper()
	pic, err := report.Draw(report.PNG, "heat", func(w io.Writer, _ report.Format) error {
		_, err := report.WriteHeat(w, []float64{0, 1, 2, 3}, 2, 2)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return pic
}

// TestWritePictures: every picture comes in both formats, under a name of its
// own.
func TestWritePictures(t *testing.T) {
	points, err := report.Draw(report.SVG, "points", func(w io.Writer, f report.Format) error {
		xy := plotter.XYs{{X: 1, Y: 2}, {X: 3, Y: 5}}
		return report.PlotScatter(w, f, "made", report.FrameOf("x", "y", xy), xy)
	})
	if err != nil {
		t.Fatal(err)
	}
	heat := heatOf(t)
	named := heat
	named.Name = "runs/made"
	p := &report.Page{Figures: []report.Figure{
		{Title: "Samples beside data", Pictures: []report.Picture{points}}, {Title: "Surprise over pixels", Pictures: []report.Picture{heat, heat, named}}, {Title: "None", Caption: "No picture."},
	}}
	files := map[string][]byte{}
	if err := p.WritePictures(func(name string, content []byte) error { files[name] = content; return nil }); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"samples-beside-data", "surprise-over-pixels", "surprise-over-pixels-2", "surprise-over-pixels-runs-made"} {
		if _, err := png.Decode(bytes.NewReader(files[name+".png"])); err != nil {
			t.Errorf("%s.png: %v", name, err)
		}
		if err := wellFormed(files[name+".svg"]); err != nil || !bytes.Contains(files[name+".svg"], []byte("<svg")) {
			t.Errorf("%s.svg: %v", name, err)
		}
	}
	if len(files) != 8 {
		t.Errorf("%d files, want 8", len(files))
	}
	full := fmt.Errorf("the disk is full")
	if err := p.WritePictures(func(string, []byte) error { return full }); err != full {
		t.Errorf("got error %v", err)
	}
}

// TestPicturesFollowThePage: no colour that assumes white paper is left in a
// page, faint ones included.
func TestPicturesFollowThePage(t *testing.T) {
	var many []report.Sample
	for i := range len(report.Palette) + 1 {
		many = append(many, report.Sample{Name: fmt.Sprint("m", i), Values: spreadValues(50, float64(i))})
	}
	for name, plot := range map[string]func(w io.Writer, f report.Format) error{
		"curves": func(w io.Writer, f report.Format) error {
			return report.PlotCurves(w, f, "all", report.ByTime, curves()...)
		},
		"histograms": func(w io.Writer, f report.Format) error { return report.PlotHistograms(w, f, "", "nats", many...) },
	} {
		pic, err := report.Draw(report.SVG, "alt", plot)
		if err != nil {
			t.Fatal(err)
		}
		keep(t, name+"-many.svg", pic.Bytes)
		page := string(pic.HTML())
		if strings.Contains(page, ":#") {
			i := strings.Index(page, ":#")
			t.Errorf("%s: the page keeps the colour %s", name, page[i:i+8])
		}
		for i, c := range report.Palette[:3] {
			r, g, b, _ := c.RGBA()
			hex := fmt.Sprintf("#%02X%02X%02X", r>>8, g>>8, b>>8)
			if !bytes.Contains(pic.Bytes, []byte(hex)) || !strings.Contains(page, fmt.Sprintf("var(--p%d)", i)) {
				t.Errorf("%s: %s is not colour %d of the page", name, hex, i)
			}
		}
		if name == "histograms" && !strings.Contains(page, "stroke-dasharray") {
			t.Error("the first colour is used twice without dashes")
		}
	}
	if n := len(report.Palette); report.Palette[n-1] != (color.RGBA{A: 255}) {
		t.Error("the page has no variable for the last colour, which is taken to be black")
	}
}

// TestFewValidations: one validation is a dot with its error, all of it within
// the plot.
func TestFewValidations(t *testing.T) {
	l := likelihood(214.25, 1.5, surprisal.LowerBound, 1)
	var b bytes.Buffer
	c := report.Curve{Name: "made", Metrics: []train.Metric{{Seconds: 5, Loss: 211}, {Seconds: 9, Loss: 210.5, Valid: &l, Best: true}}}
	if err := report.PlotCurves(&b, report.SVG, "", report.ByTime, c); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{">215<", "validation: ≤ 214.25 ± 1.50 nats by 1 draw an event"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the plot does not say %q", want)
		}
	}
}

// TestForestNumbers: the numbers stand beside the dots, whatever the scale.
func TestForestNumbers(t *testing.T) {
	b := board(t)
	cs, err := b.Comparisons(1)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := report.PlotForest(&out, report.SVG, "", "saved", cs); err != nil {
		t.Fatal(err)
	}
	keep(t, "forest.svg", out.Bytes())
	for _, want := range []string{">1.2900 (1.27", ">12.6400 (12.62"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the plot does not say %q", want)
		}
	}
}

// TestPageTellsWhatTheTextTells: the page has every note of the board.
func TestPageTellsWhatTheTextTells(t *testing.T) {
	var out strings.Builder
	if err := (&report.Page{Board: board(t)}).WriteHTML(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"realnvp: not on the board: stopped by the time limit", "vae: ≤ a bound, by 64 draws an event", "~ the paired difference", "* best of 5", "<td>* made</td>", "<td>~ made-wide</td>", "<td>27.61 ± 0.04</td>"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if bad := "0.0000 ± 0.0000"; strings.Contains(out.String(), bad) {
		t.Errorf("the page has %q", bad)
	}
	b, err := report.New(tree64()[:1], 1)
	if err != nil {
		t.Fatal(err)
	}
	b.Rows[0].Seconds = 0
	out.Reset()
	if err := (&report.Page{Board: b}).WriteHTML(&out); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"behind the best", "training", "<td>* ", "may be noise"} {
		if strings.Contains(out.String(), bad) {
			t.Errorf("the page of one model has %q", bad)
		}
	}
}

func TestSmallDifferencesShowTheirDigits(t *testing.T) {
	for d, want := range map[report.Diff]string{
		{Nats: 0.0000143, StdErr: 0.0000037}: "0.0000143 ± 0.0000037", {Nats: 1.29, StdErr: 0.0123}: "1.290 ± 0.012", {Nats: 211.513, StdErr: 31.2}: "212 ± 31", {Nats: 0, StdErr: 0}: "0.00 ± 0.00",
	} {
		if got := d.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestFeaturesFromZero: the first of many features is number 0, and no dot of it
// lies on the frame.
func TestFeaturesFromZero(t *testing.T) {
	names, values := make([]string, 60), make([]float64, 60)
	for i := range values {
		names[i], values[i] = fmt.Sprint("x", i), 1+float64(i%2)
	}
	var out bytes.Buffer
	if err := report.PlotFeatures(&out, report.SVG, "", []string{"made"}, names, [][]float64{values}); err != nil {
		t.Fatal(err)
	}
	if s := out.String(); strings.Contains(s, ">-0<") || !strings.Contains(s, ">0<") || !strings.Contains(s, ">2<") {
		t.Error("the axes do not begin at 0 or end below 2")
	}
}
