package prep_test

import (
	"math"
	"testing"

	"github.com/surprisal-go/surprisal/prep"
)

func TestLimit(t *testing.T) {
	x := []float64{3, -10, 10.5, 1, math.Inf(-1), 2, math.NaN(), 0}
	logDet := []float64{1, 2, 3, 4}
	prep.Limit{Most: 10}.Forward(x, logDet)
	inf := math.Inf(-1)
	for i, want := range []float64{3, -10, 0, 1, 0, 2, 0, 0} {
		if x[i] != want {
			t.Errorf("scalar %d is %v, want %v", i, x[i], want)
		}
	}
	for i, want := range []float64{1, inf, inf, inf} {
		if logDet[i] != want {
			t.Errorf("log-determinant %d is %v, want %v", i, logDet[i], want)
		}
	}
}
