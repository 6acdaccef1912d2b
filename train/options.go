package train

import (
	"fmt"
	"time"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/objective"
)

// Options say how long and how to train. Of Epochs, Steps, Patience and
// TimeLimit whichever comes first ends the training; one of them must be set,
// or the model's objective must ask for a patience.
type Options struct {
	// Seed of everything that is drawn.
	Seed surprisal.Key `json:"seed"`
	// Epochs over the training events; zero is no limit.
	Epochs int `json:"epochs,omitempty"`
	// Steps in all; zero is no limit.
	Steps int `json:"steps,omitempty"`
	// Batch is the number of events in a minibatch; zero is what the model's
	// objective asks for, or 100.
	Batch int `json:"batch,omitempty"`
	// Patience is the number of validations in a row without a gain after
	// which training stops; zero is what the model's objective asks for, and
	// negative is never.
	Patience int `json:"patience,omitempty"`
	// TimeLimit of all sessions of the training together, to which the last
	// validation adds; zero is no limit.
	TimeLimit time.Duration `json:"time_limit,omitempty"`
	// ValidEvery is the number of steps between validations; zero validates at
	// the end of each epoch.
	ValidEvery int `json:"valid_every,omitempty"`
	// MaxValid is the greatest number of validation events that are scored,
	// from the first on; zero is all of them.
	MaxValid int `json:"max_valid,omitempty"`
	// ValidSamples is the number of draws an event at validation of models
	// that have only a bound; zero is 1. The draws are the same each time, so
	// that a difference between two validations is one of weights.
	ValidSamples int `json:"valid_samples,omitempty"`

	// SaveEvery is the longest time between checkpoints; zero is 30 seconds.
	// They are also made at ends of epochs, a tenth of it apart or more.
	SaveEvery time.Duration `json:"-"`
	// CheckExec runs graphs with every node checked for NaN, and returns a
	// [graph.NaNError]; nil leaves a NaN unlocated.
	CheckExec graph.Executor `json:"-"`
	// Progress is called after every step and validation; nil is silence. It
	// must return quickly.
	Progress func(Progress) `json:"-"`
	// Times, if set, counts where the time of the training goes, also of one
	// that is stopped.
	Times *Times `json:"-"`
}

const (
	defaultBatch     = 100
	defaultSaveEvery = 30 * time.Second
)

// Validate reports an option that means nothing.
func (o Options) Validate() error {
	for _, v := range []struct {
		name  string
		value int64
	}{
		{"epochs", int64(o.Epochs)}, {"steps", int64(o.Steps)}, {"batch", int64(o.Batch)}, {"time limit", int64(o.TimeLimit)},
		{"valid_every", int64(o.ValidEvery)}, {"max_valid", int64(o.MaxValid)}, {"valid_samples", int64(o.ValidSamples)},
	} {
		if v.value < 0 {
			return fmt.Errorf("%s is %d: want a positive number, or 0 for the default", v.name, v.value)
		}
	}
	return nil
}

// resolved fills in what the objective asks for and the defaults, for n
// training events and v validation events.
func (o Options) resolved(obj *objective.Objective, n, v int) (Options, error) {
	if o.Batch > n {
		return o, fmt.Errorf("batch of %d is larger than the training set of %d events: choose a batch of at most %d", o.Batch, n, n)
	}
	o.Batch = min(first(o.Batch, obj.Batch, defaultBatch), n)
	o.Patience = first(o.Patience, obj.Patience)
	if v == 0 {
		o.Patience = -1
	}
	if o.Epochs == 0 && o.Steps == 0 && o.TimeLimit == 0 && o.Patience <= 0 {
		return o, fmt.Errorf("nothing ends the training: set epochs, steps, a time limit, or a patience with validation events")
	}
	if o.ValidEvery == 0 {
		o.ValidEvery = stepsPerEpoch(n, o.Batch)
	}
	if o.Times == nil {
		o.Times = &Times{}
	}
	o.ValidSamples = first(o.ValidSamples, 1)
	if o.SaveEvery == 0 {
		o.SaveEvery = defaultSaveEvery
	}
	return o, nil
}

func stepsPerEpoch(n, batch int) int { return (n + batch - 1) / batch }

// first returns the first value that is not zero.
func first(values ...int) int {
	for _, v := range values {
		if v != 0 {
			return v
		}
	}
	return 0
}
