package bijector

import (
	"fmt"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/fmath"
	"github.com/surprisal-go/surprisal/tensor"
)

// Affine scales and shifts each dim by learned parameters that are the same for
// all events:
//
//	z = x·exp(s) + t    log |det ∂z/∂x| = Σ s
//
// The parameters are Name/log_scale and Name/shift, of shape (D). Set by Fit it
// is the activation normalisation (ActNorm) of Glow (Kingma and Dhariwal 2018).
type Affine struct {
	Name string
	Dims int
}

// Init sets the parameters to the identity.
func (a Affine) Init(store *tensor.Store) {
	store.Set(a.Name+"/log_scale", tensor.New[float32](a.Dims))
	store.Set(a.Name+"/shift", tensor.New[float32](a.Dims))
}

// Fit sets the parameters so that each dim of the rows (N × D) leaves the map
// with mean 0 and variance 1. A dim that does not vary keeps its scale.
func (a Affine) Fit(store *tensor.Store, rows []float64) {
	n := len(rows) / a.Dims
	if n == 0 || n*a.Dims != len(rows) {
		panic(fmt.Sprintf("bijector: Affine.Fit: %d values are no rows of %d", len(rows), a.Dims))
	}
	logScale, shift := make([]float32, a.Dims), make([]float32, a.Dims)
	for d := range a.Dims {
		var sum, squares float64
		for i := range n {
			sum += rows[i*a.Dims+d]
		}
		mean := sum / float64(n)
		for i := range n {
			e := rows[i*a.Dims+d] - mean
			squares += float64(e * e)
		}
		s := 0.0
		if squares > 0 {
			s = -0.5 * fmath.Log(squares/float64(n))
		}
		logScale[d], shift[d] = float32(s), float32(-mean*fmath.Exp(s))
	}
	store.Set(a.Name+"/log_scale", tensor.Of(logScale, a.Dims))
	store.Set(a.Name+"/shift", tensor.Of(shift, a.Dims))
}

func (a Affine) params(g *graph.Graph) (logScale, shift *graph.Node) {
	return g.Param(a.Name+"/log_scale", a.Dims), g.Param(a.Name+"/shift", a.Dims)
}

// Forward implements [Bijector].
func (a Affine) Forward(x *graph.Node) (z, logDet *graph.Node) {
	s, t := a.params(x.Graph())
	return x.Mul(s.Exp()).Add(t), constant(s.Sum())
}

// Inverse implements [Bijector].
func (a Affine) Inverse(z *graph.Node) (x, logDet *graph.Node) {
	s, t := a.params(z.Graph())
	return z.Sub(t).Mul(s.Neg().Exp()), constant(s.Sum().Neg())
}

// BoundedAffine is the elementwise map of RealNVP (Dinh et al. 2017) with a
// bounded scale:
//
//	z = x·exp(s) + t    s = Bound·tanh(r/Bound)
//
// for the parameters (r, t). The bound keeps one event from making a scale
// without limit: the map stays invertible in float32.
type BoundedAffine struct {
	// Bound of |s|; 0 means 2, scales between 0.14 and 7.4.
	Bound float64
}

// Params is 2.
func (BoundedAffine) Params() int { return 2 }

func (a BoundedAffine) split(params *graph.Node) (s, t *graph.Node) {
	bound := a.Bound
	if bound == 0 {
		bound = 2
	}
	m := params.Dim(2)
	s = params.Slice(1, 0, 1).Reshape(graph.Batch, m).MulScalar(1 / bound).Tanh().MulScalar(bound)
	return s, params.Slice(1, 1, 2).Reshape(graph.Batch, m)
}

// Forward implements [Elementwise].
func (a BoundedAffine) Forward(x, params *graph.Node) (z, logSlope *graph.Node) {
	s, t := a.split(params)
	return x.Mul(s.Exp()).Add(t), s
}

// Inverse implements [Elementwise].
func (a BoundedAffine) Inverse(z, params *graph.Node) (x, logSlope *graph.Node) {
	s, t := a.split(params)
	s = s.Neg()
	return z.Sub(t).Mul(s.Exp()), s
}
