package main

import (
	"errors"
	"io/fs"

	"github.com/surprisal-go/surprisal/run"
	"github.com/surprisal-go/surprisal/train"
)

// recorder keeps what a training produces in the run's folder.
type recorder struct {
	*run.Folder
	best int // step of the weights that are saved
}

// Metric implements train.Recorder.
func (r *recorder) Metric(m train.Metric) error { return r.AppendMetric(m) }

// Checkpoint implements train.Recorder. The best weights so far are saved too,
// so that a training which is stopped can be evaluated.
func (r *recorder) Checkpoint(s *train.State) error {
	tensors, state, err := s.Encode()
	if err != nil {
		return err
	}
	if err := r.SaveCheckpoint(run.Checkpoint{Step: int64(s.Step), State: state, Tensors: tensors}); err != nil {
		return err
	}
	if s.BestAt == nil || s.BestAt.Step == r.best {
		return nil
	}
	r.best = s.BestAt.Step
	return r.SaveWeights(s.Best)
}

// last returns the state to resume from: nil for a new training, or one that
// was stopped before its first checkpoint.
func (r *recorder) last(resume bool) (*train.State, error) {
	if !resume {
		return nil, nil
	}
	c, err := r.LoadCheckpoint()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, r.TruncateMetrics(0)
	}
	if err != nil {
		return nil, err
	}
	if err := r.TruncateMetrics(c.Step); err != nil {
		return nil, err
	}
	return train.Decode(c.Tensors, c.State)
}
