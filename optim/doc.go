// Package optim holds the rules by which gradients change parameters, built as
// graph nodes so that an executor fuses them with the gradients.
//
// # Ideas
//
// An [Optimizer] is asked once for the updates of a list of parameters, and
// then once a step for the numbers that change from step to step (learning
// rate, bias corrections): those are computed on the host in float64 and fed as
// scalars. What it remembers lives in the store beside the parameters, under
// "optim/", so that a checkpoint of the store is a checkpoint of the optimiser.
//
//	opt := optim.Average{Of: optim.Clip{Of: optim.Adam{LearningRate: 1e-3}, Norm: 10}, Decay: 0.999}
//	updates := opt.Updates(store, params, graph.Grad(loss, params...))
//	plan, err := exec.Compile([]*graph.Node{loss}, updates...)
//	for step := range steps {
//		opt.Feed(feeds, step)
//		plan.Run(ctx, feeds, store)
//	}
//
// [SGD], [Adagrad] and [Adam] are rules; [Clip] and [Average] wrap a rule.
// Settings are plain structs: Validate reports a setting that means nothing,
// and the other methods assume that it found none.
//
// # Guarantees
//
// Every operation is elementwise or a reduction of fixed order, so that the
// weights after n steps do not depend on threads. Moments below 2⁻¹⁰⁰ are set
// to zero, so that none becomes subnormal, which would slow a vector operation
// down by a large factor.
package optim

import (
	"fmt"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// Optimizer is a rule that turns gradients into updates of parameters.
type Optimizer interface {
	// Updates returns the updates of params, given their gradients, and
	// creates what the rule remembers in the store where it is not yet there.
	Updates(store *tensor.Store, params, grads []*graph.Node) []graph.Update
	// Feed sets the scalars of a step; step counts from 0.
	Feed(feeds graph.Feeds, step int)
	// Validate reports a setting that means nothing.
	Validate() error
}

const (
	rateInput = "optim/rate" // the learning rate of the step
	tiny      = 0x1p-100     // moments below it are zeroed
)

// rate is the scalar input of the step's learning rate.
func rate(g *graph.Graph) *graph.Node { return g.Input(rateInput, graph.F32) }

// feedScalar writes into the scalar that the last step fed, if there is one.
func feedScalar(feeds graph.Feeds, name string, v float64) {
	if t, ok := feeds[name]; ok && t.Shape == nil {
		if d, ok := t.Data.([]float32); ok && len(d) == 1 {
			d[0] = float32(v)
			return
		}
	}
	feeds[name] = tensor.Of([]float32{float32(v)})
}

// memory returns the parameter "optim/<what>/<name of p>" of p's shape and
// creates it as zeros in the store.
func memory(store *tensor.Store, what string, p *graph.Node) *graph.Node {
	name := "optim/" + what + "/" + p.Attr().Name
	if _, ok := store.Get(name); !ok {
		store.Set(name, tensor.New[float32](p.Shape()...))
	}
	return p.Graph().Param(name, p.Shape()...)
}

// flush is x with magnitudes below 2⁻¹⁰⁰ set to zero.
func flush(x *graph.Node) *graph.Node {
	g := x.Graph()
	return graph.Where(x.Abs().Less(g.Scalar(tiny)), g.Scalar(0), x)
}

func checkRate(rule string, rate float64) error {
	if !(rate > 0 && rate <= 1e6) {
		return fmt.Errorf("%s: learning rate %g: want a positive number such as 0.001", rule, rate)
	}
	return nil
}

func checkFraction(rule, what string, v float64) error {
	if !(v >= 0 && v < 1) {
		return fmt.Errorf("%s: %s %g: want 0 ≤ %s < 1", rule, what, v, what)
	}
	return nil
}
