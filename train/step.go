package train

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/objective"
)

// stepper makes the steps of an objective on one executor. Which step it makes
// is an argument, and it remembers nothing that a step depends on.
type stepper struct {
	obj   *objective.Objective
	plans []graph.Plan
	feeds []graph.Feeds
	train *surprisal.Batch
	seed  surprisal.Key
	batch int
	times *Times

	epoch int // of order; −1 before the first
	order []int
}

func newStepper(obj *objective.Objective, exec graph.Executor, train *surprisal.Batch, seed surprisal.Key, batch int, times *Times) (*stepper, error) {
	s := &stepper{obj: obj, train: train, seed: seed, batch: batch, times: times, epoch: -1}
	for i := range obj.Phases {
		plan, err := obj.Compile(i, exec)
		if err != nil {
			return nil, err
		}
		s.plans = append(s.plans, plan)
		s.feeds = append(s.feeds, graph.Feeds{})
	}
	return s, nil
}

func (s *stepper) perEpoch() int { return stepsPerEpoch(s.train.Len(), s.batch) }

// rows are the training events of a step: a piece of its epoch's permutation.
func (s *stepper) rows(step int) []int {
	epoch, at := step/s.perEpoch(), step%s.perEpoch()
	if epoch != s.epoch {
		s.epoch = epoch
		s.order = s.seed.Named("shuffle").Fold(uint64(epoch)).Rand().Perm(s.train.Len())
	}
	lo := at * s.batch
	return s.order[lo:min(lo+s.batch, len(s.order))]
}

// lossError is a loss that is no finite number.
type lossError struct {
	phase string
	loss  float64
}

func (e *lossError) Error() string {
	of := "the loss"
	if e.phase != "" {
		of = "the loss of phase " + e.phase
	}
	if math.IsNaN(e.loss) {
		return of + " is NaN"
	}
	return fmt.Sprintf("%s is %v: an event of the minibatch has probability zero under the model, or its terms overflow float32; lower the learning rate or clip gradients", of, e.loss)
}

// run makes one step, counted from 0, and returns the first phase's loss and
// the number of events. A loss that is not finite is a *lossError.
func (s *stepper) run(ctx context.Context, step int) (loss float64, events int, err error) {
	begin := time.Now()
	mini := s.train.Take(s.rows(step))
	key := s.seed.Named("draw").Fold(uint64(step/s.perEpoch()), uint64(step))
	for i, phase := range s.obj.Phases {
		feeds := s.feeds[i]
		if err := phase.Feed(feeds, mini, key.Fold(uint64(i))); err != nil {
			return 0, 0, fmt.Errorf("feeding phase %q: %w", phase.Name, err)
		}
		phase.Optimizer.Feed(feeds, step)
		fed := time.Now()
		s.times.Feed += fed.Sub(begin)
		out, err := s.plans[i].Run(ctx, feeds, s.obj.Store)
		begin = time.Now()
		s.times.Run += begin.Sub(fed)
		if err != nil {
			return 0, 0, err
		}
		v := out[0].Float64s()[0]
		if i == 0 {
			loss = v
		}
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return v, mini.Len(), &lossError{phase.Name, v}
		}
	}
	return loss, mini.Len(), nil
}
