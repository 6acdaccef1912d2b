package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/data"
	"github.com/surprisal-go/surprisal/diagnose"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/model"
	"github.com/surprisal-go/surprisal/run"
	"github.com/surprisal-go/surprisal/train"
)

// mostDiagnosed is the most training events that are scored.
const mostDiagnosed = 20_000

// found is what was measured, and why a family is exempt from what was not.
type found struct {
	diagnose.Findings
	exempt string
}

// findings measures what verdicts rest on.
func (l *lab) findings(ctx context.Context, t *trained, within time.Duration) (f found, err error) {
	set, err := openSet(t.folder.Manifest)
	if err != nil {
		return f, err
	}
	if err := l.readRun(ctx, &f, t, set); err != nil {
		return f, err
	}
	if err := l.compareParts(ctx, &f, t, set); err != nil {
		return f, err
	}
	f.exempt = exempt(t, set)
	if f.Curve.Trend != diagnose.Still { // a fresh model would not move either
		f.Memory, err = l.memory(ctx, t, set, within)
	}
	return f, err
}

// readRun reads the learning curve and looks at the network.
func (l *lab) readRun(ctx context.Context, f *found, t *trained, set *data.Set) error {
	metrics, err := run.Metrics[train.Metric](t.folder)
	if err != nil {
		return err
	}
	f.Curve = diagnose.ReadCurve(metrics)
	m, ok := t.model.(train.Trainable)
	if !ok {
		return nil
	}
	o, err := m.Objective()
	if err != nil {
		return err
	}
	var asked train.Options
	if err := json.Unmarshal(t.folder.Manifest.Training, &asked); err != nil {
		return fmt.Errorf("reading the run's training options: %w", err)
	}
	f.Patience = o.Patience
	if asked.Patience != 0 {
		f.Patience = max(0, asked.Patience)
	}
	health, ok, err := diagnose.HealthOf(ctx, o, l.exec, set.Train, surprisal.Key(t.folder.Manifest.Seed).Named("health"))
	if ok {
		f.Health = &health
	}
	return err
}

// compareParts scores the parts of the set under the model and under
// independent marginals.
func (l *lab) compareParts(ctx context.Context, f *found, t *trained, set *data.Set) error {
	key := surprisal.Key(t.folder.Manifest.Seed)
	score := func(name string, b *surprisal.Batch) (eval.Scores, error) {
		return l.score(ctx, t, scoring{set: set.Name, part: name, events: b, how: bounds{samples: 64, bound: eval.IW}, key: key})
	}
	some := set.Train.Slice(0, min(set.Train.Len(), mostDiagnosed))
	scores, err := score("train", some)
	if err != nil {
		return err
	}
	f.Train = scores.Likelihood(set.Name, "train")
	if floor, ok := diagnose.FloorOf(some); ok {
		f.Floor = &floor
	}
	overlap := diagnose.OverlapOf(set.Train, set.Test, key)
	f.Overlap = &overlap
	base, err := l.marginalsOf(ctx, set.Space, set.Train, set.Valid)
	if err != nil {
		return err
	}
	scores, err = score("test", set.Test)
	if err != nil {
		return err
	}
	baseScores, err := eval.Score(ctx, base, set.Test, eval.Options{})
	if err != nil {
		return err
	}
	f.Test = scores.Likelihood(set.Name, "test")
	baseline := baseScores.Likelihood(set.Name, "test")
	f.Baseline = &baseline
	if !set.Test.Ordered {
		drift := diagnose.DriftOf(scores.Nats)
		f.Drift = &drift
	}
	clusters := diagnose.ClustersOf(some, key)
	f.Slices = diagnose.SlicesOf(set.Test, scores.Nats, baseScores.Nats, clusters)
	if set.Valid == nil || set.Valid.Len() == 0 {
		return nil
	}
	validScores, err := score("valid", set.Valid)
	if err != nil {
		return err
	}
	baseValid, err := eval.Score(ctx, base, set.Valid, eval.Options{})
	if err != nil {
		return err
	}
	test, err := excess(t.model, base, set.Test, scores, baseScores)
	if err != nil {
		return err
	}
	valid, err := excess(t.model, base, set.Valid, validScores, baseValid)
	if err != nil {
		return err
	}
	f.Shifts = diagnose.ShiftsOf(test, valid, clusters)
	return nil
}

// mostKept is the most values of nats that are kept by column.
const mostKept = 20_000_000

// excess is what a model costs over a baseline, by column where both factor
// over them.
func excess(m, base model.Model, b *surprisal.Batch, nats, baseline eval.Scores) (diagnose.Excess, error) {
	e := diagnose.Excess{Events: b, Nats: make([]float64, b.Len())}
	for i := range e.Nats {
		e.Nats[i] = nats.Nats[i] - baseline.Nats[i]
	}
	a, ok := m.(surprisal.Autoregressive)
	c, also := base.(surprisal.Autoregressive)
	if n := b.Len() * b.Space.Dims(); !ok || !also || n > mostKept {
		return e, nil
	}
	e.Columns = make([]float64, b.Len()*b.Space.Dims())
	others := make([]float64, len(e.Columns))
	if err := a.Conditionals(e.Columns, b); err != nil {
		return e, err
	}
	if err := c.Conditionals(others, b); err != nil {
		return e, err
	}
	for i, v := range others {
		e.Columns[i] = v - e.Columns[i]
	}
	return e, nil
}

// marginalsOf are independent marginals, fitted.
func (l *lab) marginalsOf(ctx context.Context, space *surprisal.Space, on, valid *surprisal.Batch) (model.Model, error) {
	fam, err := model.Lookup("marginals")
	if err != nil {
		return nil, err
	}
	m, err := fam.New(space, fam.Defaults(space, on.Len()), l.exec)
	if err != nil {
		return nil, err
	}
	fitter, ok := m.(model.Fitter)
	if !ok {
		return nil, fmt.Errorf("marginals cannot be fitted")
	}
	return m, fitter.Fit(ctx, on, valid, 1, func(string) {})
}
