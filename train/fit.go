package train

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/objective"
	"github.com/surprisal-go/surprisal/tensor"
)

// Trainable is a model that is trained by gradients. To be validated it is
// also a [surprisal.Density] or a [surprisal.Bounded].
type Trainable interface {
	// Init draws the parameters and sets what depends on the training events.
	Init(key surprisal.Key, train *surprisal.Batch) error
	// Objective is what training minimises. It is called after Init, or after
	// State was restored; its store shares the memory of State.
	Objective() (*objective.Objective, error)
	// State holds everything that the trained model needs.
	State() *tensor.Store
}

// ErrInterrupted is the kind of error that a cancelled training returns.
var ErrInterrupted = errors.New("training interrupted")

// Fit initialises the model and trains it. When it returns without an error
// the model has the best weights. Without validation events, nil or none,
// these are the last ones. A nil recorder keeps nothing.
func Fit(ctx context.Context, model Trainable, train, valid *surprisal.Batch, exec graph.Executor, opts Options, rec Recorder) (Report, error) {
	return fit(ctx, nil, model, train, valid, exec, opts, rec)
}

// Resume goes on from a state, with the same model configuration, data, seed
// and batch; limits may differ. See [Fit].
func Resume(ctx context.Context, from *State, model Trainable, train, valid *surprisal.Batch, exec graph.Executor, opts Options, rec Recorder) (Report, error) {
	return fit(ctx, from, model, train, valid, exec, opts, rec)
}

func fit(ctx context.Context, from *State, model Trainable, train, valid *surprisal.Batch, exec graph.Executor, opts Options, rec Recorder) (Report, error) {
	begin := time.Now()
	if err := opts.Validate(); err != nil {
		return Report{}, err
	}
	valid, err := checkData(train, valid, opts)
	if err != nil {
		return Report{}, err
	}
	f := &fitter{model: model, train: train, valid: valid, exec: exec, rec: rec}
	if from == nil {
		if err := model.Init(opts.Seed.Named("init"), train); err != nil {
			return Report{}, fmt.Errorf("initialising the model: %w", err)
		}
	} else if err := overwrite(model.State(), from.Store, "the checkpoint"); err != nil {
		return Report{}, err
	}
	if err := f.prepare(from, opts); err != nil {
		return Report{}, err
	}
	f.opts.Times.Init += time.Since(begin)
	reason, err := f.loop(ctx)
	if err != nil {
		return Report{}, err
	}
	return f.finish(reason)
}

// checkData reports data that cannot be trained on, and returns the validation
// events to use.
func checkData(train, valid *surprisal.Batch, opts Options) (*surprisal.Batch, error) {
	if train == nil || train.Len() == 0 {
		return nil, fmt.Errorf("the training set has no events")
	}
	if err := train.Validate(); err != nil {
		return nil, fmt.Errorf("training events: %w", err)
	}
	if valid == nil || valid.Len() == 0 {
		return nil, nil
	}
	if err := valid.Validate(); err != nil {
		return nil, fmt.Errorf("validation events: %w", err)
	}
	if !train.Space.Equal(valid.Space) {
		return nil, fmt.Errorf("training and validation events are of different spaces: %v and %v", train.Space.Fields, valid.Space.Fields)
	}
	if opts.MaxValid > 0 && opts.MaxValid < valid.Len() {
		valid = valid.Slice(0, opts.MaxValid)
	}
	return valid, nil
}

// fitter is a training in progress.
type fitter struct {
	model        Trainable
	train, valid *surprisal.Batch
	exec         graph.Executor
	rec          Recorder
	opts         Options // resolved
	obj          *objective.Objective
	step         *stepper
	state        *State
	past         snapshot  // to replay from
	saved        time.Time // of the last checkpoint
	clock        clock
}

func (f *fitter) prepare(from *State, opts Options) (err error) {
	if f.obj, err = f.model.Objective(); err != nil {
		return fmt.Errorf("building the objective: %w", err)
	}
	if len(f.obj.Phases) == 0 {
		return fmt.Errorf("the model's objective has no phases")
	}
	n, v := f.train.Len(), 0
	if f.valid != nil {
		v = f.valid.Len()
	}
	if f.opts, err = opts.resolved(f.obj, n, v); err != nil {
		return err
	}
	if f.step, err = newStepper(f.obj, f.exec, f.train, opts.Seed, f.opts.Batch, f.opts.Times); err != nil {
		return err
	}
	f.state = &State{Seed: opts.Seed, Batch: f.opts.Batch, Events: n, Store: f.obj.Store}
	if from != nil {
		if err := f.restore(from); err != nil {
			return err
		}
	}
	f.saved = time.Now()
	f.clock.start(f.state)
	return nil
}

// restore continues from a state, whose tensors are copied.
func (f *fitter) restore(from *State) error {
	s := f.state
	if from.Seed != s.Seed || from.Batch != s.Batch || from.Events != s.Events {
		return fmt.Errorf("the checkpoint was made with seed %d and batch %d on %d training events, not with seed %d and batch %d on %d: resume with the same",
			from.Seed, from.Batch, from.Events, s.Seed, s.Batch, s.Events)
	}
	if err := overwrite(f.obj.Store, from.Store, "the checkpoint"); err != nil {
		return err
	}
	next := *from
	next.Store = f.obj.Store
	if from.Best != nil {
		next.Best = f.model.State().Clone()
		if err := overwrite(next.Best, from.Best, "the checkpoint's best weights"); err != nil {
			return err
		}
	}
	f.state = &next
	return nil
}
