package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/objective"
	"github.com/surprisal-go/surprisal/tensor"
)

// snapshotEvery is how often a copy of the store is made in memory. Copying
// 10⁷ parameters with their moments takes about 30 ms, and a replay with every
// node checked runs several times slower than the training.
const snapshotEvery = 5 * time.Second

// snapshot is a copy of the store at an earlier step.
type snapshot struct {
	store *tensor.Store
	step  int
	at    time.Time
}

// take copies the store if the last copy is old. A store with a NaN in it is
// passed over: the replay must begin before the first.
func (s *snapshot) take(store *tensor.Store, step int) {
	if s.store != nil && (time.Since(s.at) < snapshotEvery || hasNaN(store)) {
		return
	}
	s.store, s.step, s.at = copyOf(s.store, store), step, time.Now()
}

// located turns an error of a step or validation into one that says where it
// comes from. A NaN is searched for by replaying the steps since the snapshot
// with every node checked: they are the same steps bit for bit.
func (f *fitter) located(ctx context.Context, err error) error {
	step := f.state.Step
	if bad := (*lossError)(nil); errors.As(err, &bad) {
		err = fmt.Errorf("step %d, epoch %s: %w", step+1, f.place(step+1), err)
		if !math.IsNaN(bad.loss) {
			return err
		}
		step++ // the failed step is replayed too
	} else if !hasNaN(f.obj.Store) {
		return err
	}
	if f.past.store == nil {
		return err
	}
	found, replayErr := f.replay(ctx, step)
	switch {
	case replayErr != nil:
		return fmt.Errorf("%w (and replaying the steps from %d on: %w)", err, f.past.step+1, replayErr)
	case found == nil:
		return fmt.Errorf("%w; replaying steps %d to %d with every node checked found no NaN", err, f.past.step+1, step)
	}
	return found
}

// replay makes the steps from the snapshot up to step again on the checking
// executor, and returns an error that wraps the [graph.NaNError] it meets.
func (f *fitter) replay(ctx context.Context, step int) (found, err error) {
	obj := &objective.Objective{Store: f.past.store, Phases: f.obj.Phases}
	again, err := newStepper(obj, f.opts.CheckExec, f.train, f.opts.Seed, f.opts.Batch, &Times{})
	if err != nil {
		return nil, err
	}
	for s := f.past.step; s < step; s++ {
		_, _, err := again.run(ctx, s)
		var nan *graph.NaNError
		if errors.As(err, &nan) {
			return fmt.Errorf("step %d, epoch %s%s: %w", s+1, f.place(s+1), f.event(again.rows(s), nan.Row), err), nil
		}
		if err != nil {
			return nil, fmt.Errorf("step %d: %w", s+1, err)
		}
	}
	return nil, nil
}

// event names the event in a row of a minibatch.
func (f *fitter) event(rows []int, row int) string {
	if row < 0 || row >= len(rows) {
		return ""
	}
	return fmt.Sprintf(", training event %d (id %d)", rows[row], f.train.ID(rows[row]))
}

func hasNaN(store *tensor.Store) bool {
	for _, t := range store.All() {
		if d, ok := t.Data.([]float32); ok {
			for _, v := range d {
				if v != v {
					return true
				}
			}
		}
	}
	return false
}
