package bijector

import (
	"fmt"

	"github.com/surprisal-go/surprisal/graph"
)

// Spline is the elementwise rational-quadratic spline of Durkan et al. (2019):
// on [−Tail, Tail] a monotone map through K+1 knots (x_k, y_k) with slopes δ_k,
// and the identity outside. With θ = (x − x_k)/w_k in bin k of width w_k and
// height h_k, and the bin's mean slope s_k = h_k/w_k,
//
//	z = y_k + h_k·(s_k·θ² + δ_k·θ(1−θ)) / (s_k + (δ_k + δ_{k+1} − 2s_k)·θ(1−θ))
//
// The parameters are K of widths and K of heights, made positive by a softmax
// of which each bin keeps at least 10⁻³ of the interval, and K−1 of slopes,
// made at least 10⁻³ by a softplus.
type Spline struct {
	// Bins is K, at least 2; 0 means 8.
	Bins int
	// Tail is half the width of the interval; 0 means 5.
	Tail float64
}

// minPart is the least share of a bin in the interval and the least slope: it
// bounds the slopes of the map and of its inverse.
const minPart = 1e-3

func (s Spline) bins() int {
	switch {
	case s.Bins == 0:
		return 8
	case s.Bins < 2:
		panic(fmt.Sprintf("bijector: Spline: %d bins, want at least 2", s.Bins))
	}
	return s.Bins
}

func (s Spline) tail() float64 {
	if s.Tail == 0 {
		return 5
	}
	return s.Tail
}

// Params is 3K − 1.
func (s Spline) Params() int { return 3*s.bins() - 1 }

// segment holds, for every event and dim, the bin that an argument lies in:
// its left knot, width and height, and the slopes at its ends; all (B, M).
type segment struct {
	x, y, w, h, left, right *graph.Node
}

// Forward implements [Elementwise].
func (s Spline) Forward(x, params *graph.Node) (z, logSlope *graph.Node) {
	inside := x.Abs().Less(x.Graph().Scalar(s.tail()))
	in := graph.Where(inside, x, x.Graph().Scalar(0)) // keeps far arguments out of the gradient
	g := s.segment(in, params, false)
	theta := in.Sub(g.x).Div(g.w)
	slope := g.h.Div(g.w)
	z, logSlope = g.at(theta, slope)
	return graph.Where(inside, z, x), graph.Where(inside, logSlope, x.Graph().Scalar(0))
}

// Inverse implements [Elementwise]: θ is the root in [0, 1] of a quadratic,
// taken in the form that does not cancel.
func (s Spline) Inverse(z, params *graph.Node) (x, logSlope *graph.Node) {
	zero := z.Graph().Scalar(0)
	inside := z.Abs().Less(z.Graph().Scalar(s.tail()))
	in := graph.Where(inside, z, zero)
	g := s.segment(in, params, true)
	slope := g.h.Div(g.w)
	rise := in.Sub(g.y)
	bend := g.left.Add(g.right).Sub(slope.MulScalar(2))
	a := g.h.Mul(slope.Sub(g.left)).Add(rise.Mul(bend))
	b := g.h.Mul(g.left).Sub(rise.Mul(bend))
	c := slope.Mul(rise).Neg()
	// b² − 4ac ≥ 0 in exact arithmetic; rounding may bring it below zero.
	disc := b.Square().Sub(a.Mul(c).MulScalar(4)).Max(zero)
	theta := c.MulScalar(2).Div(b.Neg().Sub(disc.Sqrt()))
	_, forward := g.at(theta, slope)
	x = theta.Mul(g.w).Add(g.x)
	return graph.Where(inside, x, z), graph.Where(inside, forward.Neg(), zero)
}

// at evaluates the segment and the log of its slope at θ.
func (g segment) at(theta, slope *graph.Node) (z, logSlope *graph.Node) {
	rest := theta.Neg().AddScalar(1)
	mixed := theta.Mul(rest)
	den := slope.Add(g.left.Add(g.right).Sub(slope.MulScalar(2)).Mul(mixed))
	num := slope.Mul(theta.Square()).Add(g.left.Mul(mixed))
	z = g.y.Add(g.h.Mul(num).Div(den))
	d := g.right.Mul(theta.Square()).Add(slope.MulScalar(2).Mul(mixed)).Add(g.left.Mul(rest.Square()))
	return z, slope.Log().MulScalar(2).Add(d.Log()).Sub(den.Log().MulScalar(2))
}

// segment finds the bin that v lies in: among the x-knots, or among the y-knots
// for the inverse.
func (s Spline) segment(v, params *graph.Node, inverse bool) segment {
	k, m := s.bins(), v.Dim(1)
	p := params.Transpose(0, 2, 1) // (B, M, P): reductions run along the last axis
	xs, w := s.knots(p.Slice(2, 0, k))
	ys, h := s.knots(p.Slice(2, k, 2*k))
	left, right := s.slopes(p.Slice(2, 2*k, 3*k-1))
	from := xs
	if inverse {
		from = ys
	}
	// Below every interior knot or not: the bin is where that changes.
	in := v.Reshape(graph.Batch, m, 1)
	past := from.Slice(2, 1, k).LessEq(in).ToFloat() // (B, M, K−1), ones then zeros
	first := past.Graph().Scalar(1).BroadcastTo(graph.Batch, m, 1)
	last := past.Graph().Scalar(0).BroadcastTo(graph.Batch, m, 1)
	at := graph.Concat(2, first, past).Sub(graph.Concat(2, past, last))
	pick := func(q *graph.Node) *graph.Node { return q.Mul(at).Sum(2) }
	return segment{pick(xs), pick(ys), pick(w), pick(h), pick(left), pick(right)}
}

// knots turns K parameters into the left ends and the sizes of K bins that
// fill [−Tail, Tail]; all (B, M, K).
func (s Spline) knots(p *graph.Node) (left, size *graph.Node) {
	k := s.bins()
	size = p.Softmax(2).MulScalar(1 - minPart*float64(k)).AddScalar(minPart).MulScalar(2 * s.tail())
	before := make([]float64, k*k) // before[i, j] = 1 if bin i lies left of bin j
	for i := range k {
		for j := i + 1; j < k; j++ {
			before[i*k+j] = 1
		}
	}
	return graph.MatMul(size, p.Graph().Const(before, k, k)).AddScalar(-s.tail()), size
}

// slopes turns K−1 parameters into the slopes at the ends of K bins, 1 at the
// two ends of the interval, so that the map is smooth where the tails begin.
func (s Spline) slopes(p *graph.Node) (left, right *graph.Node) {
	const unit = 0.539742417236952 // softplus(unit) + minPart = 1: parameters of zero give slopes of one
	one := p.Graph().Scalar(1).BroadcastTo(graph.Batch, p.Dim(1), 1)
	d := p.AddScalar(unit).Softplus().AddScalar(minPart)
	return graph.Concat(2, one, d), graph.Concat(2, d, one)
}
