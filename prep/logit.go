package prep

import (
	"math"

	"github.com/surprisal-go/surprisal/internal/fmath"
	"github.com/surprisal-go/surprisal/tensor"
)

// Logit is z = logit(s) with s = Lambda + (1 − 2·Lambda)·x in every dim, for x
// in [0, 1]. A Lambda above zero keeps the ends of the interval finite; MNIST
// is customarily mapped with 1e-6, CIFAR-10 with 0.05 (Papamakarios et al. 2017).
//
//	log |dz/dx| = log(1 − 2·Lambda) − log s − log(1 − s)
//
// A row with an s outside (0, 1) lies outside the domain.
type Logit struct {
	Lambda float64 // in [0, ½)
}

// Forward implements [Map]. A row outside the domain gets logDet −Inf, and its
// offending scalars become 0.
func (l Logit) Forward(x, logDet []float64) {
	d := dims("Logit.Forward", x, logDet)
	width := 1 - 2*l.Lambda
	for i := range logDet {
		row := x[i*d : (i+1)*d]
		sum := float64(float64(d) * fmath.Log(width))
		for j, v := range row {
			s := l.Lambda + float64(width*v)
			if !(s > 0 && s < 1) {
				row[j], sum = 0, math.Inf(-1)
				continue
			}
			p, q := fmath.Log(s), fmath.Log1p(-s)
			row[j] = p - q
			sum -= p + q
		}
		logDet[i] += sum
	}
}

// Inverse implements [Map].
func (l Logit) Inverse(z []float64) {
	width := 1 - 2*l.Lambda
	for i, v := range z {
		z[i] = (fmath.Sigmoid(v) - l.Lambda) / width
	}
}

// State implements [Map]: nothing is fitted.
func (Logit) State() *tensor.Store { return &tensor.Store{} }
