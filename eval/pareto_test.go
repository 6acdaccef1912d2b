package eval_test

import (
	"math"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/internal/fmath"
)

// TestParetoShape fits weights whose tail is exactly Pareto: u^−k has shape k.
func TestParetoShape(t *testing.T) {
	for _, k := range []float64{0.1, 0.5, 1, 1.5} {
		sum := 0.0
		const reps, draws = 50, 4000
		for rep := range reps {
			r := surprisal.Key(rep).Rand()
			logW := make([]float64, draws)
			for i := range logW {
				logW[i] = -k * fmath.Log(1-r.Float64())
			}
			sum += eval.ParetoShape(logW)
		}
		near(t, "mean shape", sum/reps, (190*k+5)/200, 0.07) // drawn towards ½
	}
}

func TestParetoShapeOfOddWeights(t *testing.T) {
	few := make([]float64, 20)
	if k := eval.ParetoShape(few); !math.IsNaN(k) {
		t.Errorf("20 draws tell a shape of %g", k)
	}
	equal := make([]float64, 1000)
	if k := eval.ParetoShape(equal); !math.IsInf(k, -1) {
		t.Errorf("equal weights have shape %g", k)
	}
	none := make([]float64, 1000)
	for i := range none {
		none[i] = math.Inf(-1)
	}
	none[7] = 0
	if k := eval.ParetoShape(none); !math.IsNaN(k) {
		t.Errorf("one positive weight tells a shape of %g", k)
	}
	// Shifting every log weight changes nothing.
	r := surprisal.Key(3).Rand()
	a, b := make([]float64, 500), make([]float64, 500)
	for i := range a {
		a[i] = 2 * fmath.Normal(r)
		b[i] = a[i] - 1234
	}
	near(t, "shape after a shift", eval.ParetoShape(b), eval.ParetoShape(a), 1e-9)
}
