package report_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/report"
	"github.com/surprisal-go/surprisal/train"
)

// curve is a learning curve with the usual shape: a fall, a plateau and, from
// epoch turn on, overfitting.
func curve(name string, from, to, turn float64, kind surprisal.Knowledge) report.Curve {
	c := report.Curve{Name: name}
	best := math.Inf(1)
	for step := 1; step <= 400; step++ {
		e := float64(step) / 10
		m := train.Metric{Epoch: e, Step: step, Seconds: 2 * e, Loss: to - 0.03*e + (from-to)*math.Exp(-e/2) + 0.25*math.Sin(float64(step*step))}
		if step%10 == 0 {
			l := likelihood(to+1+(from-to)*math.Exp(-e/2)+0.002*max(0, e-turn)*max(0, e-turn), 0.2, kind, 0)
			m.Valid, m.Best = &l, l.Nats < best
			best = min(best, l.Nats)
		}
		c.Metrics = append(c.Metrics, m)
	}
	return c
}

func curves() []report.Curve {
	return []report.Curve{
		curve("made", 200, 88, 15, surprisal.Exact),
		curve("realnvp", 320, 95, 20, surprisal.LowerBound),
		curve("vae", 210, 91, 30, surprisal.LowerBound),
	}
}

func TestPlotCurves(t *testing.T) {
	dir := os.Getenv("SURPRISAL_PLOTS") // a folder to look at them in
	if dir == "" {
		dir = t.TempDir()
	}
	for name, draw := range map[string]func(path string) error{
		"one": func(path string) error {
			return report.PlotCurves(path, "made on mnist-binary", report.ByEpoch, curves()[0])
		},
		"all": func(path string) error {
			return report.PlotCurves(path, "mnist-binary", report.ByTime, curves()...)
		},
	} {
		picture := filepath.Join(dir, name+".png")
		if err := draw(picture); err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(picture)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if w := img.Bounds().Dx(); w < 1000 {
			t.Errorf("%s is %d pixels wide", picture, w)
		}
		drawing := filepath.Join(dir, name+".svg")
		if err := draw(drawing); err != nil {
			t.Fatal(err)
		}
		raw, err = os.ReadFile(drawing)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"mnist-binary", "nats per event", "validation"} {
			if !strings.Contains(string(raw), want) {
				t.Errorf("%s does not say %q", drawing, want)
			}
		}
		// The first steps lie far above what is shown.
		if strings.Contains(string(raw), ">150<") || !strings.Contains(string(raw), ">90<") {
			t.Errorf("%s shows the wrong range", drawing)
		}
		if err := wellFormed(raw); err != nil {
			t.Errorf("%s: %v", drawing, err)
		}
	}
}

func wellFormed(raw []byte) error {
	for d := xml.NewDecoder(bytes.NewReader(raw)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func TestPlotCurvesRefuses(t *testing.T) {
	dir := t.TempDir()
	if err := report.PlotCurves(filepath.Join(dir, "x.png"), "none", report.ByEpoch); err == nil {
		t.Error("a plot without metrics is no error")
	}
	if err := report.PlotCurves(filepath.Join(dir, "x.gif"), "made", report.ByEpoch, curves()[0]); err == nil || !strings.Contains(err.Error(), ".svg or .png") {
		t.Errorf("a GIF: got error %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("%v left behind", left)
	}
}
