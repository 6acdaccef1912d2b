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
	for name, draw := range map[string]func(w io.Writer, f report.Format) error{
		"one": func(w io.Writer, f report.Format) error {
			return report.PlotCurves(w, f, "made on mnist-binary", report.ByEpoch, curves()[0])
		},
		"all": func(w io.Writer, f report.Format) error {
			return report.PlotCurves(w, f, "mnist-binary", report.ByTime, curves()...)
		},
	} {
		var picture, drawing bytes.Buffer
		if err := draw(&picture, report.PNG); err != nil {
			t.Fatal(err)
		}
		if err := draw(&drawing, report.SVG); err != nil {
			t.Fatal(err)
		}
		keep(t, name+".png", picture.Bytes())
		img, err := png.Decode(&picture)
		if err != nil {
			t.Fatal(err)
		}
		if w := img.Bounds().Dx(); w < 1000 {
			t.Errorf("%s.png is %d pixels wide", name, w)
		}
		if err := wellFormed(drawing.Bytes()); err != nil {
			t.Errorf("%s.svg: %v", name, err)
		}
		for _, want := range []string{"mnist-binary", "nats per event", "validation", ">90<"} {
			if !strings.Contains(drawing.String(), want) {
				t.Errorf("%s.svg does not say %q", name, want)
			}
		}
		if strings.Contains(drawing.String(), ">150<") {
			t.Errorf("%s.svg shows the first steps, which flatten the rest", name)
		}
	}
}

// keep writes a plot into the folder $SURPRISAL_PLOTS, to be looked at.
func keep(t *testing.T, name string, raw []byte) {
	t.Helper()
	if dir := os.Getenv("SURPRISAL_PLOTS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o644); err != nil {
			t.Fatal(err)
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
	var out bytes.Buffer
	if err := report.PlotCurves(&out, report.PNG, "none", report.ByEpoch); err == nil {
		t.Error("a plot without metrics is no error")
	}
	if err := report.PlotCurves(&out, "gif", "made", report.ByEpoch, curves()[0]); err == nil || !strings.Contains(err.Error(), "svg or png") {
		t.Errorf("a GIF: got error %v", err)
	}
	if out.Len() != 0 {
		t.Errorf("%d bytes written", out.Len())
	}
}
