package train

import (
	"context"
	"fmt"
	"time"

	"github.com/surprisal-go/surprisal/optim"
)

// loop makes steps until a limit, an error or a cancelled context ends it.
// Between steps it validates where that is due, so that a state says by itself
// what comes next.
func (f *fitter) loop(ctx context.Context) (Reason, error) {
	for {
		if f.validationDue() {
			if err := f.validate(ctx); err != nil {
				return "", f.stopped(ctx, err)
			}
		}
		if err := f.saveIfDue(); err != nil {
			return "", err
		}
		if reason := f.reason(); reason != "" {
			if f.valid != nil && f.state.ValidatedAt != f.state.Step {
				if err := f.validate(ctx); err != nil {
					return "", f.stopped(ctx, err)
				}
			}
			return reason, nil
		}
		if err := ctx.Err(); err != nil {
			return "", f.stopped(ctx, err)
		}
		if err := f.advance(ctx); err != nil {
			return "", err
		}
	}
}

func (f *fitter) validationDue() bool {
	s := f.state
	return f.valid != nil && s.Step > 0 && s.Step%f.opts.ValidEvery == 0 && s.ValidatedAt != s.Step
}

// reason is why the training ends here, or empty.
func (f *fitter) reason() Reason {
	s, o := f.state, f.opts
	switch {
	case o.Epochs > 0 && s.Step >= o.Epochs*f.step.perEpoch():
		return Epochs
	case o.Steps > 0 && s.Step >= o.Steps:
		return Steps
	case o.Patience > 0 && s.Stale >= o.Patience:
		return EarlyStop
	case o.TimeLimit > 0 && f.clock.elapsed() >= o.TimeLimit:
		return TimeLimit
	}
	return ""
}

// advance makes one step. It is finished even if the context is cancelled.
func (f *fitter) advance(ctx context.Context) error {
	s := f.state
	if f.opts.CheckExec != nil {
		f.past.take(f.obj.Store, s.Step)
	}
	begin := time.Now()
	loss, events, err := f.step.run(context.WithoutCancel(ctx), s.Step)
	if err != nil {
		return f.located(ctx, err)
	}
	if s.Step%f.step.perEpoch() == 0 {
		s.Epoch = Sum{}
	}
	s.Epoch.add(loss, events)
	s.Recent.add(loss, events)
	s.Step++
	f.clock.stepped(begin, events)
	if s.Step%max(1, f.opts.ValidEvery/10) == 0 && !f.validationDue() {
		if err := f.record(f.metric()); err != nil {
			return err
		}
	}
	f.report(false)
	return nil
}

// stopped turns the error of a validation, or of a cancelled context, into
// what Fit returns.
func (f *fitter) stopped(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return f.located(ctx, err)
	}
	kept := "nothing was saved"
	if f.rec != nil {
		if err := f.save(); err != nil {
			return err
		}
		kept = "the checkpoint is saved"
	}
	return fmt.Errorf("%w after step %d, epoch %s: %s (%w)", ErrInterrupted, f.state.Step, f.place(f.state.Step), kept, context.Cause(ctx))
}

// place names the epoch of the step before step, as in "3 of 50".
func (f *fitter) place(step int) string {
	epoch := max(step-1, 0)/f.step.perEpoch() + 1
	if f.opts.Epochs > 0 {
		return fmt.Sprintf("%d of %d", epoch, f.opts.Epochs)
	}
	return fmt.Sprint(epoch)
}

// finish saves the last state and puts the best weights into the model.
func (f *fitter) finish(reason Reason) (Report, error) {
	if f.valid == nil {
		f.keepBest()
	}
	if f.rec != nil {
		if err := f.save(); err != nil {
			return Report{}, err
		}
	}
	s := f.state
	rep := Report{Reason: reason, Steps: s.Step, Epochs: f.epochs(), Seconds: f.clock.elapsed().Seconds(), Best: s.BestAt, Options: f.opts}
	rep.Averaged = f.averaged()
	return rep, overwrite(f.model.State(), s.Best, "the best weights")
}

func (f *fitter) epochs() float64 { return float64(f.state.Step) / float64(f.step.perEpoch()) }

// averaged reports whether the optimiser keeps averages of the weights.
func (f *fitter) averaged() bool {
	if !optim.SwapAverages(f.obj.Store) {
		return false
	}
	return optim.SwapAverages(f.obj.Store)
}
