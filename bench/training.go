package bench

import (
	"context"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/objective"
	"github.com/surprisal-go/surprisal/optim"
)

// adam is the optimiser of every work: plain, as the peers have it.
var adam = optim.Adam{LearningRate: learningRate}

const learningRate = 1e-3

// training makes the steps of an objective of one phase, as package train does,
// on minibatches that pass over the set in order.
type training struct {
	phase objective.Phase
	obj   *objective.Objective
	plan  graph.Plan
	feeds graph.Feeds
	set   *surprisal.Batch
	rows  []int
	step  int
}

func newTraining(obj *objective.Objective, exec graph.Executor, set *surprisal.Batch, batch int) (*training, error) {
	plan, err := obj.Compile(0, exec)
	if err != nil {
		return nil, err
	}
	return &training{phase: obj.Phases[0], obj: obj, plan: plan, feeds: graph.Feeds{}, set: set, rows: make([]int, batch)}, nil
}

// Step makes one step and returns the loss before it.
func (t *training) Step() (float64, error) {
	for i := range t.rows {
		t.rows[i] = (t.step*len(t.rows) + i) % t.set.Len()
	}
	if err := t.phase.Feed(t.feeds, t.set.Take(t.rows), surprisal.Key(t.step)); err != nil {
		return 0, err
	}
	t.phase.Optimizer.Feed(t.feeds, t.step)
	out, err := t.plan.Run(context.Background(), t.feeds, t.obj.Store)
	if err != nil {
		return 0, err
	}
	t.step++
	return out[0].Float64s()[0], nil
}
