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

const (
	// mostDiagnosed is the most training events that are scored.
	mostDiagnosed = 20_000
	// mockEvents is the number of events drawn from the baseline: they tell to
	// a hundredth what share of them falls into a part.
	mockEvents = 20_000
)

// found is what was measured, and why what was not.
type found struct {
	diagnose.Findings
	exempt     string // a family, from the test of memory
	closed     string // a family without a learning curve
	unsearched string // columns, or all, for shifts
}

// findings measures what verdicts rest on.
func (l *lab) findings(ctx context.Context, t *trained, within time.Duration) (f found, err error) {
	set, err := openSet(t.folder.Manifest, "")
	if err != nil {
		return f, err
	}
	if err := l.readRun(ctx, &f, t, set); err != nil {
		return f, err
	}
	if err := l.compareParts(ctx, &f, t, set); err != nil {
		return f, err
	}
	few := fewOf(set, surprisal.Key(t.folder.Manifest.Seed))
	if f.exempt, err = exempt(t, few); err != nil {
		return f, err
	}
	if f.exempt == "" && f.Curve.Trend != diagnose.Still { // a fresh model would not move either
		f.Memory, err = l.memory(ctx, t, few, within)
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
		f.closed = t.folder.Manifest.Family
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

// both are the scores of events under the model and under independent
// marginals, with what is independent of each other among them.
type both struct {
	events          *surprisal.Batch
	model, baseline eval.Scores
	units           []int32
	columns         []float64 // what each costs over the baseline; nil if unknown
}

// compareParts scores the parts of the set under the model and under
// independent marginals.
func (l *lab) compareParts(ctx context.Context, f *found, t *trained, set *data.Set) error {
	key := surprisal.Key(t.folder.Manifest.Seed)
	some := diagnose.Sample(set.Train, mostDiagnosed, key)
	scores, err := l.score(ctx, t, scoring{set: set.Name, part: "train", events: some, how: bounds{samples: 64, bound: eval.IW}, key: key})
	if err != nil {
		return err
	}
	f.Train = t.likelihood(scores, set.Name, "train")
	if floor, ok := diagnose.FloorOf(set.Train); ok {
		f.Floor = &floor
	}
	f.Overlaps = diagnose.OverlapsOf(splitsOf(set), key)
	base, err := l.marginalsOf(ctx, set.Space, set.Train, set.Valid)
	if err != nil {
		return err
	}
	c := costs{lab: l, run: t, base: base, key: key, values: diagnose.ValuesOf(some)}
	test, err := c.score(ctx, set.Test)
	if err != nil {
		return err
	}
	f.Test = t.likelihood(test.model, set.Name, "test")
	baseline := test.baseline.Likelihood(set.Name, "test")
	f.Baseline = &baseline
	if !set.Test.Ordered {
		drift := diagnose.DriftOf(test.model.Nats, test.units)
		f.Drift = &drift
	}
	clusters := diagnose.ClustersOf(some, key)
	drawn, err := mock(base, key)
	if err != nil {
		return err
	}
	f.Slices = diagnose.SlicesOf(diagnose.Scored{Events: set.Test, Nats: test.model.Nats, Baseline: test.baseline.Nats, Units: test.units}, drawn, clusters)
	if set.Valid == nil || set.Valid.Len() == 0 {
		f.unsearched = "not searched for: there is no validation"
		return nil
	}
	valid, err := c.score(ctx, set.Valid)
	if err != nil {
		return err
	}
	ours, theirs := t.likelihood(valid.model, set.Name, "valid"), valid.baseline.Likelihood(set.Name, "valid")
	f.Valid, f.ValidBaseline = &ours, &theirs
	if f.unsearched = c.unsearched; f.unsearched != "" {
		f.unsearched = "not of columns by themselves: " + f.unsearched
	}
	if of := []diagnose.Excess{test.excess(), valid.excess()}; of[0].Enough() && of[1].Enough() {
		f.Shifts = diagnose.ShiftsOf(of[0], of[1], clusters)
	} else {
		f.unsearched = "not searched for: test or validation has fewer than 80 events, or fewer than ten groups or blocks of them"
	}
	return nil
}

// likelihood is that of scores, with the doubts that the run casts on them.
func (t *trained) likelihood(s eval.Scores, set, part string) surprisal.Likelihood {
	l := s.Likelihood(set, part)
	addDoubts(&l, t.folder.Manifest)
	return l
}

// splitsOf are the parts of a set in the order of their use.
func splitsOf(set *data.Set) (out []diagnose.Split) {
	all := splits(set)
	for _, name := range []string{"train", "valid", "test"} {
		if b, ok := all[name]; ok {
			out = append(out, diagnose.Split{Name: name, Events: b})
		}
	}
	return out
}

// mock draws events from the baseline; nil where it cannot draw.
func mock(base model.Model, key surprisal.Key) (*surprisal.Batch, error) {
	s, ok := base.(surprisal.Sampler)
	if !ok {
		return nil, nil
	}
	return s.Sample(mockEvents, key.Named("mock"), nil)
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
