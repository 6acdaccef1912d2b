package nn

import (
	"math"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/fmath"
)

// Initializer draws the weights of a unit-to-unit matrix. fanIn and fanOut are
// the numbers of weights into and out of a unit. Nil is [He].
type Initializer func(dst []float32, fanIn, fanOut int, key surprisal.Key)

// He draws from U(−√(6/fanIn), √(6/fanIn)), which keeps the variance of
// activations through ReLU layers (He et al. 2015).
func He(dst []float32, fanIn, _ int, key surprisal.Key) {
	uniform(dst, math.Sqrt(6/float64(max(fanIn, 1))), key)
}

// Glorot draws from U(−√(6/(fanIn+fanOut)), √(6/(fanIn+fanOut))), which suits
// tanh and linear layers (Glorot and Bengio 2010).
func Glorot(dst []float32, fanIn, fanOut int, key surprisal.Key) {
	uniform(dst, math.Sqrt(6/float64(max(fanIn+fanOut, 1))), key)
}

// Zero sets all weights to zero: a last layer that begins as its bias.
func Zero(dst []float32, _, _ int, _ surprisal.Key) { clear(dst) }

// Normal draws from N(0, sd²).
func Normal(sd float64) Initializer {
	return func(dst []float32, _, _ int, key surprisal.Key) {
		r := key.Rand()
		for i := range dst {
			dst[i] = float32(sd * fmath.Normal(r))
		}
	}
}

// Scaled is another initializer with its draws multiplied by gain.
func Scaled(gain float64, of Initializer) Initializer {
	return func(dst []float32, fanIn, fanOut int, key surprisal.Key) {
		of.draw(dst, fanIn, fanOut, key)
		for i, v := range dst {
			dst[i] = float32(gain * float64(v))
		}
	}
}

func (f Initializer) draw(dst []float32, fanIn, fanOut int, key surprisal.Key) {
	if f == nil {
		f = He
	}
	f(dst, fanIn, fanOut, key)
}

func uniform(dst []float32, bound float64, key surprisal.Key) {
	r := key.Rand()
	for i := range dst {
		u := r.Float64()
		dst[i] = float32(bound * (u + u - 1))
	}
}
