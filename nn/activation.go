package nn

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/surprisal-go/surprisal/graph"
)

// Activation is a nonlinearity, by the name that configurations use. The empty
// one is ReLU.
type Activation string

// The activations.
const (
	ReLU     Activation = "relu"
	Tanh     Activation = "tanh"
	Sigmoid  Activation = "sigmoid"
	SiLU     Activation = "silu" // x·σ(x) (Elfwing, Uchibe and Doya 2018)
	GELU     Activation = "gelu" // x·Φ(x), Φ the normal distribution function (Hendrycks and Gimpel 2016)
	Softplus Activation = "softplus"
)

var activations = []string{string(ReLU), string(Tanh), string(Sigmoid), string(SiLU), string(GELU), string(Softplus)}

// Validate reports a name that is none.
func (a Activation) Validate() error {
	if a == "" || slices.Contains(activations, string(a)) {
		return nil
	}
	return fmt.Errorf("unknown activation %q: want one of %s", string(a), strings.Join(activations, ", "))
}

// Apply is f(x), element by element. It panics on an unknown name.
func (a Activation) Apply(x *graph.Node) *graph.Node {
	switch a {
	case "", ReLU:
		return x.Relu()
	case Tanh:
		return x.Tanh()
	case Sigmoid:
		return x.Sigmoid()
	case SiLU:
		return x.Mul(x.Sigmoid())
	case GELU:
		return x.MulScalar(0.5).Mul(x.MulScalar(math.Sqrt2 / 2).Erf().AddScalar(1))
	case Softplus:
		return x.Softplus()
	}
	panic("nn: Activation: " + a.Validate().Error())
}

// weights is the initializer that keeps the scale of activations.
func (a Activation) weights() Initializer {
	if a == Tanh || a == Sigmoid {
		return Glorot
	}
	return He
}
