package optim

import (
	"fmt"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// Clip scales all gradients together so that their global Euclidean norm is at
// most Norm (Pascanu, Mikolov and Bengio 2013), and hands them to another rule.
type Clip struct {
	Of Optimizer
	// Norm is the greatest norm; zero means no clipping.
	Norm float64
}

// Updates implements [Optimizer].
func (o Clip) Updates(store *tensor.Store, params, grads []*graph.Node) []graph.Update {
	if o.Norm == 0 || len(grads) == 0 {
		return o.Of.Updates(store, params, grads)
	}
	g := grads[0].Graph()
	square := grads[0].Square().Sum()
	for _, d := range grads[1:] {
		square = square.Add(d.Square().Sum())
	}
	// Norm/max(norm, Norm) is 1 below the limit, and free of a division by 0.
	limit := g.Scalar(o.Norm)
	scale := limit.Div(square.Sqrt().Max(limit))
	clipped := make([]*graph.Node, len(grads))
	for i, d := range grads {
		clipped[i] = d.Mul(scale)
	}
	return o.Of.Updates(store, params, clipped)
}

// Feed implements [Optimizer].
func (o Clip) Feed(feeds graph.Feeds, step int) { o.Of.Feed(feeds, step) }

// Validate implements [Optimizer].
func (o Clip) Validate() error {
	if !(o.Norm >= 0) {
		return fmt.Errorf("clip: norm %g: want 0 for none, or a positive number", o.Norm)
	}
	return o.Of.Validate()
}
