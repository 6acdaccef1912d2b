// Package bijector holds invertible maps on graphs with their log-determinants:
// the parts that normalizing flows are chained from.
//
// # Ideas
//
// A [Bijector] maps data to noise: Forward is x → z, the direction that
// densities need, and Inverse is z → x, the direction that sampling needs
// (the convention of nflows and zuko; others call noise to data forward).
// With a base density p₀ on the noise,
//
//	log p(x) = log p₀(f(x)) + log |det ∂f/∂x|
//
// so that each direction is one primitive: the value with its log-determinant.
// Everything else is derived from these two.
//
//	flow := bijector.Chain{
//		bijector.Coupling{Keep: 1, Conditioner: net1.Apply, Elementwise: bijector.BoundedAffine{}},
//		bijector.Reverse(2),
//		bijector.Coupling{Keep: 1, Conditioner: net2.Apply, Elementwise: bijector.BoundedAffine{}},
//	}
//	z, logDet := flow.Forward(x)
//
// A [Coupling] and an [Autoregressive] map transform each dim by an
// [Elementwise] map whose parameters a conditioner computes: any function from
// nodes to nodes, such as a multilayer perceptron's. To condition on a context,
// let the conditioner concatenate it to its argument.
//
// # Legend
//
// B is the batch, D the dims of an event, P the parameters of an elementwise
// map for one dim. x and z are (B, D), logDet is (B) in nats.
//
// # Guarantees
//
// Forward then Inverse gives the argument back and the two log-determinants
// cancel, up to rounding, at every real argument. lawtest.TestBijector holds
// each map to this and to the determinant of its Jacobian.
//
// # Errors
//
// Graphs are written by a programmer: shapes that do not fit panic.
package bijector

import (
	"fmt"

	"github.com/surprisal-go/surprisal/graph"
)

// Bijector is an invertible, almost everywhere differentiable map of the reals
// to themselves, D dims at a time.
type Bijector interface {
	// Forward maps data to noise: z = f(x), and log |det ∂z/∂x|.
	Forward(x *graph.Node) (z, logDet *graph.Node)
	// Inverse maps noise to data: x = f⁻¹(z), and log |det ∂x/∂z|.
	Inverse(z *graph.Node) (x, logDet *graph.Node)
}

// Elementwise is an invertible map of single dims with parameters per event and
// dim. x is (B, M), params is (B, P, M), logSlope is log |∂z/∂x|, (B, M).
type Elementwise interface {
	// Params is P, the number of parameters for one dim. With all of them zero
	// the map is the identity.
	Params() int
	Forward(x, params *graph.Node) (z, logSlope *graph.Node)
	Inverse(z, params *graph.Node) (x, logSlope *graph.Node)
}

// Conditioner computes the parameters of elementwise maps: from (B, M) to
// (B, P·D), P blocks of D.
type Conditioner func(*graph.Node) *graph.Node

// params calls the conditioner and gives its result the shape (B, P, M).
func (c Conditioner) params(fn string, in *graph.Node, p, m int) *graph.Node {
	h := c(in)
	if graph.RowSize(h.Shape()) != p*m {
		panic(fmt.Sprintf("bijector: %s: conditioner gives %s, want (B, %d) for %d parameters of %d dims",
			fn, graph.ShapeString(h.Shape()), p*m, p, m))
	}
	return h.Reshape(graph.Batch, p, m)
}

// constant gives a log-determinant that is the same for all events the shape (B).
func constant(logDet *graph.Node) *graph.Node { return logDet.BroadcastTo(graph.Batch) }
