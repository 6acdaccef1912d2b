package ar

import "github.com/surprisal-go/surprisal/internal/fmath"

// sigmoids are σ at the ends of cells of logits, from −sigmoidReach on.
type sigmoids [2*sigmoidReach*sigmoidCells + 1]float64

const (
	sigmoidReach = 16
	sigmoidCells = 16 // of one unit: at most 1 draw in 64 falls between the ends of its cell
)

func newSigmoids() *sigmoids {
	s := new(sigmoids)
	for i := range s {
		s[i] = fmath.Sigmoid(float64(i)/sigmoidCells - sigmoidReach)
	}
	return s
}

// above reports whether u < σ(z) with fmath.Sigmoid, whose exponential few draws
// need: σ ascends, so that most u lie outside of what it can be in the cell of
// z. The slack is far more than rounding can make it descend.
func (s *sigmoids) above(z, u float64) bool {
	const slack = 1e-12
	if at := (z + sigmoidReach) * sigmoidCells; at >= 0 && at < float64(len(s)-1) {
		i := int(at)
		if u < s[i]-slack {
			return true
		}
		if u > s[i+1]+slack {
			return false
		}
	}
	return u < fmath.Sigmoid(z)
}
