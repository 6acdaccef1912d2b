package train

import (
	"context"
	"fmt"
	"time"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/optim"
)

// validate scores the validation events, with averaged weights where there are
// such, and keeps the weights if they are the best so far.
func (f *fitter) validate(ctx context.Context) error {
	begin := time.Now()
	defer func() { f.opts.Times.Validate += time.Since(begin) }()
	averaged := optim.SwapAverages(f.obj.Store)
	swapBack := func() {
		if averaged {
			optim.SwapAverages(f.obj.Store)
		}
	}
	l, err := f.score(ctx)
	if err != nil {
		swapBack()
		return fmt.Errorf("validating after step %d: %w", f.state.Step, err)
	}
	s, m := f.state, f.metric()
	m.Valid, m.Best = &l, s.BestAt == nil || better(l, *s.BestAt.Valid)
	s.ValidatedAt, s.Last = s.Step, &m
	s.Stale++
	if m.Best {
		s.Stale, s.BestAt = 0, &m
		s.Best = copyOf(s.Best, f.model.State())
	}
	swapBack()
	if err := f.record(m); err != nil {
		return err
	}
	f.report(true)
	return nil
}

func (f *fitter) score(ctx context.Context) (surprisal.Likelihood, error) {
	scores, err := eval.Score(ctx, f.model, f.valid, eval.Options{Samples: f.opts.ValidSamples, Key: f.opts.Seed.Named("valid")})
	if err != nil {
		return surprisal.Likelihood{}, err
	}
	return scores.Likelihood("", "valid"), nil
}

// better reports whether a is ahead of b: fewer events of probability zero, or
// as many and fewer nats.
func better(a, b surprisal.Likelihood) bool {
	if a.Infinite != b.Infinite {
		return a.Infinite < b.Infinite
	}
	return a.Nats < b.Nats
}
