// Package objective holds what training minimises: one or more phases, each a
// loss, the parameters that it moves and the rule that moves them.
//
// A maximum-likelihood model has one phase. Adversarial, contrastive and
// adjoint training take several, run in order for every minibatch; no second
// training loop is needed. Families return an Objective; package train drives
// it.
//
// Shapes: B is the batch, which is symbolic in graphs.
package objective

import (
	"fmt"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/optim"
	"github.com/surprisal-go/surprisal/tensor"
)

// Objective is what training minimises.
type Objective struct {
	// Store holds the parameters, by the same memory as the model's State, and
	// what the optimisers remember.
	Store *tensor.Store
	// Phases are run in order for every minibatch.
	Phases []Phase
	// Batch and Patience are what the family asks for: events in a minibatch,
	// and validations without a gain before training stops. Zero leaves them
	// to the trainer, whose own options come first.
	Batch, Patience int
}

// Phase is one gradient step of a minibatch.
type Phase struct {
	// Name of the phase in metrics and errors; a sole phase may have none.
	Name string
	// Loss is a scalar: mean nats an event over the batch.
	Loss *graph.Node
	// Params are the parameters that this phase moves.
	Params []*graph.Node
	// Optimizer moves them.
	Optimizer optim.Optimizer
	// Feed sets the inputs of Loss from a minibatch, whose events keep their
	// ids. The key is already folded with epoch and step: draws depend on it
	// and on event ids alone.
	Feed func(feeds graph.Feeds, b *surprisal.Batch, key surprisal.Key) error
}

// New returns an objective over a store that shares the tensors of state and
// has room for what optimisers remember, so that state itself stays free of it.
func New(state *tensor.Store, phases ...Phase) *Objective {
	store := &tensor.Store{}
	store.Merge("", state)
	return &Objective{Store: store, Phases: phases}
}

// Compile returns the plan of a phase: its first output is the loss before the
// step, and each run makes one step. What the optimiser remembers is created
// in the store where it is not yet there.
func (o *Objective) Compile(phase int, exec graph.Executor) (graph.Plan, error) {
	p := o.Phases[phase]
	if err := p.Optimizer.Validate(); err != nil {
		return nil, fmt.Errorf("phase %q: %w", p.Name, err)
	}
	updates := p.Optimizer.Updates(o.Store, p.Params, graph.Grad(p.Loss, p.Params...))
	plan, err := exec.Compile([]*graph.Node{p.Loss}, updates...)
	if err != nil {
		return nil, fmt.Errorf("compiling phase %q: %w", p.Name, err)
	}
	return plan, nil
}
