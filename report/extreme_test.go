package report_test

import (
	"errors"
	"io"
	"math"
	"testing"
	"time"

	"gonum.org/v1/plot/plotter"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/report"
	"github.com/surprisal-go/surprisal/train"
)

// TestPlotsOfExtremeNumbers: numbers of any size are drawn, or there is said to be
// nothing to draw; no plot panics or goes on for ever.
func TestPlotsOfExtremeNumbers(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, v := range [][2]float64{{1, 1}, {0, 0}, {1e16, 1e16 + 2}, {1e60, 1e60}, {1e60, 3}, {-1e308, 1e308}, {5e-324, 0}, {1, inf}, {-inf, inf}, {nan, 2}, {nan, nan}} {
		l := likelihood(v[0], v[1], surprisal.Exact, 0)
		for name, plot := range map[string]func(w io.Writer, f report.Format) error{
			"histogram": func(w io.Writer, f report.Format) error {
				return report.PlotHistograms(w, f, "", "nats", report.Sample{Name: "a", Values: v[:]})
			},
			"scatter": func(w io.Writer, f report.Format) error {
				at := plotter.XYs{{X: v[0], Y: v[1]}, {X: v[1], Y: v[0]}}
				return report.PlotScatter(w, f, "", report.FrameOf("x", "y", at), at)
			},
			"forest": func(w io.Writer, f report.Format) error {
				return report.PlotForest(w, f, "", "nats", []eval.Comparison{{A: "a", B: "b", Nats: v[0], Low: v[0], High: v[1]}})
			},
			"features": func(w io.Writer, f report.Format) error {
				return report.PlotFeatures(w, f, "", []string{"m"}, []string{"x", "y"}, [][]float64{v[:]})
			},
			"curves": func(w io.Writer, f report.Format) error {
				return report.PlotCurves(w, f, "", report.ByTime, report.Curve{Name: "m", Metrics: []train.Metric{{Seconds: 1, Loss: v[0], Valid: &l}, {Seconds: 2, Loss: v[1]}}})
			},
		} {
			done := make(chan error, 1)
			go func() {
				_, err := report.Draw(report.SVG, name, plot)
				done <- err
			}()
			select {
			case err := <-done:
				if err != nil && !errors.Is(err, report.ErrNothing) {
					t.Errorf("%s of %g: %v", name, v, err)
				}
			case <-time.After(5 * time.Second):
				t.Fatalf("%s of %g does not end", name, v)
			}
		}
	}
}
