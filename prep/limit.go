package prep

import (
	"math"

	"github.com/surprisal-go/surprisal/tensor"
)

// Limit is the identity on rows whose scalars are all of magnitude Most or
// less; other rows lie outside its domain. It comes last before a model that
// computes in float32: an event 10⁹ standard deviations away has a log p too
// low for any use, and one a little farther would overflow on its way and come
// out as NaN instead of −Inf.
type Limit struct {
	Most float64
}

// Forward implements [Map]. A row outside the domain gets logDet −Inf, and its
// offending scalars become 0.
func (l Limit) Forward(x, logDet []float64) {
	d := dims("Limit.Forward", x, logDet)
	for i := range logDet {
		for j, v := range x[i*d : (i+1)*d] {
			if !(math.Abs(v) <= l.Most) {
				x[i*d+j], logDet[i] = 0, math.Inf(-1)
			}
		}
	}
}

// Inverse implements [Map].
func (Limit) Inverse([]float64) {}

// State implements [Map]: nothing is fitted.
func (Limit) State() *tensor.Store { return &tensor.Store{} }
