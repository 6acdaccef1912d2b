package train

import (
	"time"

	"github.com/surprisal-go/surprisal"
)

// Metric is a point of the learning curve, about ten for each validation.
type Metric struct {
	Epoch float64 `json:"epoch"` // passes over the training events so far
	Step  int     `json:"step"`  // steps so far
	// Seconds of training so far, over all sessions.
	Seconds float64 `json:"seconds"`
	// Loss is the mean of the first phase's loss over the events since the
	// last metric, in nats an event. Weights change meanwhile and the model may
	// add noise, so it is a guide and no likelihood.
	Loss float64 `json:"loss"`
	// Valid is the likelihood of the validation events, if this is a
	// validation.
	Valid *surprisal.Likelihood `json:"valid,omitempty"`
	// Best says that Valid is the best so far.
	Best bool `json:"best,omitempty"`
}

// Progress is where the training stands.
type Progress struct {
	Epoch, Epochs int // the running epoch, from 1; the limit, or 0
	Step, Steps   int // steps done; the least number after which a limit ends the training, or 0
	StepsPerEpoch int
	// EventsPerSecond is the rate of training in this session, validation left
	// out.
	EventsPerSecond float64
	// Loss is the mean loss of this epoch so far, see [Metric], and LossBits
	// the same in bits a dim.
	Loss, LossBits float64
	// Last and Best are the last metric with a validation and the best one;
	// nil before.
	Last, Best *Metric
	// Elapsed over all sessions; Left at most, if HasLeft.
	Elapsed, Left time.Duration
	HasLeft       bool
	// Validated is true right after a validation.
	Validated bool
}

// Times is how long the parts of a training took so far.
type Times struct {
	// Init is drawing the parameters, or reading a checkpoint, and compiling.
	Init time.Duration
	// Feed is taking events out of the set and making inputs of them.
	Feed time.Duration
	// Run is running the plans of the objective.
	Run time.Duration
	// Validate is scoring the validation events, and Save writing checkpoints.
	Validate, Save time.Duration
}

// Report is the outcome of a training.
type Report struct {
	// Reason that it ended.
	Reason Reason `json:"reason"`
	// Steps and Epochs that were made; Best at which of them the weights were
	// kept, nil without validation events.
	Steps   int     `json:"steps"`
	Epochs  float64 `json:"epochs"`
	Seconds float64 `json:"seconds"`
	Best    *Metric `json:"best,omitempty"`
	// Averaged says that the weights are the optimiser's averages.
	Averaged bool `json:"averaged,omitempty"`
	// Options as they were used, defaults filled in.
	Options Options `json:"options"`
}

// Reason that a training ended.
type Reason string

// Reasons.
const (
	Epochs    Reason = "epochs"
	Steps     Reason = "steps"
	EarlyStop Reason = "early stop"
	TimeLimit Reason = "time limit"
)

// Recorder keeps what a training produces. Its methods are called between
// steps, from the goroutine of Fit.
type Recorder interface {
	// Metric appends a point of the learning curve.
	Metric(Metric) error
	// Checkpoint keeps the state, whole or not at all: it replaces the one
	// before. The state is the training's own and changes after the call.
	Checkpoint(*State) error
}
