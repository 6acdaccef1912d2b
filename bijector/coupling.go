package bijector

import (
	"fmt"

	"github.com/surprisal-go/surprisal/graph"
)

// Coupling keeps the first Keep dims and transforms each of the others by an
// elementwise map whose parameters depend on the kept ones (Dinh et al. 2014,
// 2017):
//
//	z_a = x_a    z_b = e(x_b; c(x_a))    log |det ∂z/∂x| = Σ log |∂z_b/∂x_b|
//
// Both directions are one pass. Permute between couplings, so that every dim
// is transformed.
type Coupling struct {
	Keep        int
	Conditioner Conditioner
	Elementwise Elementwise
}

// Forward implements [Bijector].
func (c Coupling) Forward(x *graph.Node) (z, logDet *graph.Node) {
	return c.apply("Coupling.Forward", x, c.Elementwise.Forward)
}

// Inverse implements [Bijector].
func (c Coupling) Inverse(z *graph.Node) (x, logDet *graph.Node) {
	return c.apply("Coupling.Inverse", z, c.Elementwise.Inverse)
}

// apply works in both directions: the kept dims are the same on both sides.
func (c Coupling) apply(fn string, in *graph.Node, e func(x, params *graph.Node) (*graph.Node, *graph.Node)) (out, logDet *graph.Node) {
	d := in.Dim(1)
	if c.Keep <= 0 || c.Keep >= d {
		panic(fmt.Sprintf("bijector: %s: keeps %d of the dims of %s, want at least one on each side", fn, c.Keep, graph.ShapeString(in.Shape())))
	}
	kept, moved := in.Slice(1, 0, c.Keep), in.Slice(1, c.Keep, d)
	params := c.Conditioner.params(fn, kept, c.Elementwise.Params(), d-c.Keep)
	moved, slopes := e(moved, params)
	return graph.Concat(1, kept, moved), slopes.Sum(1)
}

// Autoregressive transforms each dim by an elementwise map whose parameters
// depend on the earlier dims of the data (Papamakarios et al. 2017, the masked
// autoregressive flow):
//
//	z_d = e(x_d; c_d(x_1 … x_{d−1}))
//
// The conditioner must have that structure: block p of its result, at dim d,
// may use dims before d only. Forward is one pass, Inverse is D passes on a
// graph; an [Inverter] does the work of one.
type Autoregressive struct {
	Conditioner Conditioner
	Elementwise Elementwise
}

// Forward implements [Bijector].
func (a Autoregressive) Forward(x *graph.Node) (z, logDet *graph.Node) {
	params := a.Conditioner.params("Autoregressive.Forward", x, a.Elementwise.Params(), x.Dim(1))
	z, slopes := a.Elementwise.Forward(x, params)
	return z, slopes.Sum(1)
}

// Inverse implements [Bijector]. Pass d computes dim d from the dims before it,
// so the nodes of D conditioners join the graph.
func (a Autoregressive) Inverse(z *graph.Node) (x, logDet *graph.Node) {
	d, p := z.Dim(1), a.Elementwise.Params()
	x = z.Graph().Scalar(0).BroadcastTo(graph.Batch, d)
	logDet = constant(z.Graph().Scalar(0))
	var done []*graph.Node
	for i := range d {
		params := a.Conditioner.params("Autoregressive.Inverse", x, p, d).Slice(2, i, i+1)
		xi, slope := a.Elementwise.Inverse(z.Slice(1, i, i+1), params)
		done = append(done, xi)
		logDet = logDet.Add(slope.Sum(1))
		x = graph.Concat(1, done...).Pad(1, 0, d-1-i)
	}
	return x, logDet
}
