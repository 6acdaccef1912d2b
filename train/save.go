package train

import (
	"fmt"
	"time"

	"github.com/surprisal-go/surprisal/optim"
	"github.com/surprisal-go/surprisal/tensor"
)

// saveIfDue makes a checkpoint if the last is old, sooner at ends of epochs.
func (f *fitter) saveIfDue() error {
	if f.rec == nil || f.state.Step == 0 {
		return nil
	}
	wait := f.opts.SaveEvery
	if f.state.Step%f.step.perEpoch() == 0 {
		wait /= 10
	}
	if time.Since(f.saved) < wait {
		return nil
	}
	return f.save()
}

func (f *fitter) save() error {
	begin := time.Now()
	defer func() { f.opts.Times.Save += time.Since(begin) }()
	f.state.Seconds = f.clock.elapsed().Seconds()
	if err := f.rec.Checkpoint(f.state); err != nil {
		return fmt.Errorf("saving the checkpoint of step %d: %w", f.state.Step, err)
	}
	f.saved = time.Now()
	return nil
}

// keepBest keeps the weights as they are, averaged where the optimiser
// averages.
func (f *fitter) keepBest() {
	averaged := optim.SwapAverages(f.obj.Store)
	f.state.Best = copyOf(f.state.Best, f.model.State())
	if averaged {
		optim.SwapAverages(f.obj.Store)
	}
}

// copyOf copies src into dst, which is nil or an earlier copy of it.
func copyOf(dst, src *tensor.Store) *tensor.Store {
	if dst == nil {
		return src.Clone()
	}
	if err := overwrite(dst, src, "the store"); err != nil {
		panic("train: a store changed its tensors: " + err.Error())
	}
	return dst
}

// metric is the point of the learning curve at the current step.
func (f *fitter) metric() Metric {
	return Metric{Epoch: f.epochs(), Step: f.state.Step, Seconds: f.clock.elapsed().Seconds(), Loss: f.state.Recent.mean()}
}

// record hands a metric to the recorder; the next begins with no losses.
func (f *fitter) record(m Metric) error {
	f.state.Recent = Sum{}
	if f.rec == nil {
		return nil
	}
	if err := f.rec.Metric(m); err != nil {
		return fmt.Errorf("recording step %d: %w", m.Step, err)
	}
	return nil
}
