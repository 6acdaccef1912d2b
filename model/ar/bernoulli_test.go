package ar

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/surprisal-go/surprisal/internal/fmath"
)

// TestSigmoids compares draws with the definition: at random, beside σ(z) on
// both sides, at the ends of cells, and outside of the table.
func TestSigmoids(t *testing.T) {
	s, r := newSigmoids(), rand.New(rand.NewPCG(1, 2))
	logits := []float64{-sigmoidReach, sigmoidReach, math.Nextafter(sigmoidReach, 0), 0, -800, 800, math.Inf(1), math.Inf(-1), math.NaN()}
	for i := range 20_000 {
		z := 40 * (r.Float64() - 0.5)
		if i%2 == 0 {
			z = math.Round(z*sigmoidCells) / sigmoidCells
		}
		logits = append(logits, z, math.Nextafter(z, -50), math.Nextafter(z, 50))
	}
	for _, z := range logits {
		p := fmath.Sigmoid(z)
		for _, u := range []float64{0, p, math.Nextafter(p, 0), math.Nextafter(p, 1), p - 1e-12, p + 1e-12, p + 0.01, p - 0.01, r.Float64()} {
			if got := s.above(z, u); got != (u < p) {
				t.Fatalf("u = %g below σ(%g) = %g: got %v", u, z, p, got)
			}
		}
	}
}
