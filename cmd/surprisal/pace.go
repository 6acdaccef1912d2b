package main

import (
	"context"
	"fmt"
	"time"

	"github.com/surprisal-go/surprisal/data"
	"github.com/surprisal-go/surprisal/eval"
)

const (
	// pacedEvents are scored to learn how fast a model is.
	pacedEvents = 128
	// leastTrain is the fewest training events that the gap is measured on.
	leastTrain = 500
)

// pace returns the effort of scoring that fits into a time: it halves the draws
// of a bound, which loosens the bound and says so, and then takes fewer training
// events. All test events are always scored.
func (l *lab) pace(ctx context.Context, t *trained, set *data.Set, how bounds, within time.Duration) (effort, error) {
	e := effort{how, []string{"test", "train"}, wholeEffort(how).train}
	one, err := secondsAnEvent(ctx, t, set)
	if err != nil {
		return e, fmt.Errorf("evaluating on test: %w", err)
	}
	test := one * float64(set.Test.Len())
	for e.samples > 1 && test*float64(e.samples) > within.Seconds() {
		e.samples /= 2
	}
	if afford := int(within.Seconds() / (one * float64(e.samples))); afford < e.train {
		e.train = max(afford, leastTrain)
	}
	return e, nil
}

// secondsAnEvent is the time of scoring an event with one draw.
func secondsAnEvent(ctx context.Context, t *trained, set *data.Set) (float64, error) {
	few := set.Test.Slice(0, min(pacedEvents, set.Test.Len()))
	var took time.Duration
	for range 2 { // the first time builds what the second only runs
		begin := time.Now()
		if _, err := eval.Score(ctx, t.model, few, eval.Options{Samples: 1}); err != nil {
			return 0, err
		}
		took = time.Since(begin)
	}
	return took.Seconds() / float64(few.Len()), nil
}
