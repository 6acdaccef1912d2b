package lawtest

import (
	"context"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/bijector"
	"github.com/surprisal-go/surprisal/engine/ref"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// BijectorCase is a bijector to hold to its laws.
type BijectorCase struct {
	Name     string
	Bijector bijector.Bijector
	// Params are the parameters that it reads; choose them away from the
	// identity.
	Params *tensor.Store
	Dims   int
	// Spread is the standard deviation of the points tried; 0 means 2.
	Spread float64
}

// TestBijector checks, in float64 on the oracle, that both directions undo each
// other, that their log-determinants cancel, that the log-determinant is
// log |det| of the Jacobian that graph gradients give, and that an event's
// result does not depend on its batch.
func TestBijector(t *testing.T, c BijectorCase) {
	t.Helper()
	t.Run(c.Name, func(t *testing.T) {
		const events = 12
		points := c.points(events)
		g := graph.New()
		x := g.Input("x", graph.F32, graph.Batch, c.Dims)
		z, logDet := c.Bijector.Forward(x)
		back, logDetBack := c.Bijector.Inverse(z)
		x2, logDet2 := c.Bijector.Inverse(x)
		there, logDetThere := c.Bijector.Forward(x2)
		outputs := []*graph.Node{z, logDet, back, logDetBack, logDet2, there, logDetThere}
		for i := range c.Dims {
			outputs = append(outputs, graph.Grad(z.Slice(1, i, i+1).Sum(), x)[0])
		}
		plan, err := ref.New().Compile(outputs)
		if err != nil {
			t.Fatal(err)
		}
		run := func(rows []float64) [][]float64 {
			feeds := graph.Feeds{"x": tensor.Of(rows, len(rows)/c.Dims, c.Dims)}
			out, err := plan.Run(context.Background(), feeds, c.Params)
			if err != nil {
				t.Fatal(err)
			}
			var vals [][]float64
			for _, o := range out {
				vals = append(vals, append([]float64(nil), o.Float64s()...))
			}
			return vals
		}
		all := run(points)
		near(t, "inverse of forward", all[2], points)
		near(t, "forward of inverse", all[5], points)
		near(t, "log-determinant of inverse", all[3], negate(all[1]))
		near(t, "log-determinant of forward", all[6], negate(all[4]))
		near(t, "log-determinant of forward against the Jacobian's", all[1], c.jacobians(all[7:], events))
		for i := range events {
			one := run(points[i*c.Dims : (i+1)*c.Dims])
			for k := range one {
				size := len(one[k])
				for j, v := range one[k] {
					if w := all[k][i*size+j]; v != w {
						t.Fatalf("event %d alone: output %d is %v, in a batch %v", i, k, v, w)
					}
				}
			}
		}
	})
}

// points draws events near and far from the origin.
func (c BijectorCase) points(n int) []float64 {
	spread := c.Spread
	if spread == 0 {
		spread = 2
	}
	r := surprisal.Key(1).Named(c.Name).Rand()
	x := make([]float64, n*c.Dims)
	for i := range x {
		x[i] = spread * r.NormFloat64()
	}
	return x
}

// jacobians returns log |det ∂z/∂x| of every event; rows[i] holds ∂z_i/∂x, N × D.
func (c BijectorCase) jacobians(rows [][]float64, n int) []float64 {
	out := make([]float64, n)
	d := c.Dims
	for e := range out {
		j := mat.NewDense(d, d, nil)
		for i := range d {
			j.SetRow(i, rows[i][e*d:(e+1)*d])
		}
		out[e], _ = mat.LogDet(j)
	}
	return out
}

func negate(v []float64) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = -x
	}
	return out
}

// near fails unless both agree to 1e-8, absolute or relative.
func near(t *testing.T, what string, got, want []float64) {
	t.Helper()
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= 1e-8*(1+math.Abs(want[i]))) {
			t.Fatalf("%s: element %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}
