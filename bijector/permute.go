package bijector

import (
	"fmt"

	"github.com/surprisal-go/surprisal/graph"
)

// Permute reorders the dims: z_i = x_p[i]. Its log-determinant is 0.
type Permute []int

// Reverse is the permutation that turns the order of d dims around.
func Reverse(d int) Permute {
	p := make(Permute, d)
	for i := range p {
		p[i] = d - 1 - i
	}
	return p
}

// Forward implements [Bijector].
func (p Permute) Forward(x *graph.Node) (z, logDet *graph.Node) {
	p.invert(x)
	return x.Take(1, p), constant(x.Graph().Scalar(0))
}

// Inverse implements [Bijector].
func (p Permute) Inverse(z *graph.Node) (x, logDet *graph.Node) {
	return z.Take(1, p.invert(z)), constant(z.Graph().Scalar(0))
}

// invert returns the inverse permutation; it panics if p is none, or not one
// of x's dims.
func (p Permute) invert(x *graph.Node) []int {
	inv := make([]int, len(p))
	for i := range inv {
		inv[i] = -1
	}
	for i, j := range p {
		if j < 0 || j >= len(p) || inv[j] >= 0 {
			panic(fmt.Sprintf("bijector: Permute: %v is no permutation", []int(p)))
		}
		inv[j] = i
	}
	if x.Rank() != 2 || x.Dim(1) != len(p) {
		panic(fmt.Sprintf("bijector: Permute: %d dims for shape %s", len(p), graph.ShapeString(x.Shape())))
	}
	return inv
}
