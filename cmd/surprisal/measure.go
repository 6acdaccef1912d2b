package main

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"math"
	"slices"
	"time"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/data"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/internal/digits"
	"github.com/surprisal-go/surprisal/internal/kern"
	"github.com/surprisal-go/surprisal/report"
	"github.com/surprisal-go/surprisal/run"
)

// measured is a result and the nats of its events.
type measured struct {
	run.Result
	scores eval.Scores
}

// entry is the result as comparisons take it.
func (m measured) entry() eval.Entry {
	return eval.Entry{Likelihood: m.Likelihood, Nats: m.scores.Nats, Weight: m.scores.Weight, Group: m.scores.Group, Ordered: m.scores.Ordered}
}

// splits returns the parts of a set by name.
func splits(s *data.Set) map[string]*surprisal.Batch {
	out := map[string]*surprisal.Batch{}
	for name, b := range map[string]*surprisal.Batch{"train": s.Train, "valid": s.Valid, "test": s.Test} {
		if b != nil && b.Len() > 0 {
			out[name] = b
		}
	}
	return out
}

// split returns the part of that name.
func split(s *data.Set, name string) (*surprisal.Batch, error) {
	b, ok := splits(s)[name]
	if !ok {
		return nil, usagef("%s has no %q events: choose --split train, valid or test", s.Name, name)
	}
	return b, nil
}

// scoring is what is scored and how.
type scoring struct {
	set, part string // names of the set and of its part
	events    *surprisal.Batch
	// batches are the events of a file that is read as it is scored, once for
	// each use; then events is nil.
	batches iter.Seq2[*surprisal.Batch, error]
	how     bounds
	ais     annealing
	key     surprisal.Key // of the draws
	source  string        // what was asked for, or empty for the run's own set
	// each is told the nats of events as they are scored; nil is silence.
	each func(nats []float64) error
}

// stream are the events as batches.
func (s scoring) stream() iter.Seq2[*surprisal.Batch, error] {
	if s.batches != nil {
		return s.batches
	}
	return func(yield func(*surprisal.Batch, error) bool) { yield(s.events, nil) }
}

// score scores events.
func (l *lab) score(ctx context.Context, t *trained, s scoring) (scores eval.Scores, err error) {
	told := l.progress(t.folder.Manifest.Family)
	defer told.Clear()
	o := eval.Options{Samples: s.how.samples, Bound: s.how.bound, Key: s.key.Named("eval"), Progress: scored(told), Each: s.each}
	if s.batches != nil {
		scores, err = eval.ScoreBatches(ctx, t.model, s.batches, o)
	} else { // the number of which is known
		scores, err = eval.Score(ctx, t.model, s.events, o)
	}
	if err == nil {
		err = t.doubtOrder(&scores)
	}
	return scores, err
}

// doubtOrder warns where a run's events have times but stand in another order:
// the errors cannot know which of them are neighbours.
func (t *trained) doubtOrder(s *eval.Scores) error {
	read, err := readOptions(t.folder.Manifest)
	if err != nil || read.TimeColumn == "" || s.Ordered {
		return err
	}
	s.Warnings = append(s.Warnings, fmt.Sprintf("the rows are not in the order of their %s: the standard error takes neighbours in time to be independent, and may be far too small; sort the rows and evaluate again", read.TimeColumn))
	return nil
}

// scored tells how many events are scored, and how fast.
func scored(told *report.Progress) func(done, total int) {
	begin := time.Now()
	return func(done, total int) {
		text := "scored " + digits.Count(done)
		if total > 0 {
			text += " of " + digits.Count(total)
		}
		rate := float64(done) / max(time.Since(begin).Seconds(), 1e-3)
		told.Note(fmt.Sprintf("%s events, %s/s", text, report.Short(int(rate))))
	}
}

// measure scores events, keeps the result in the run by that name and returns
// it.
func (l *lab) measure(ctx context.Context, t *trained, name string, s scoring) (measured, error) {
	begin := time.Now()
	scores, err := l.score(ctx, t, s)
	if err != nil {
		return measured{}, err
	}
	return t.keep(name, s, scores, time.Since(begin))
}

// result is what a run keeps of scores, and of their events.
func (t *trained) result(s scoring, scores eval.Scores, took time.Duration) (run.Result, run.Events, error) {
	config, err := t.folder.Manifest.ConfigChecksum()
	if err != nil {
		return run.Result{}, run.Events{}, err
	}
	r := run.Result{
		Likelihood: scores.Likelihood(s.set, s.part), Weights: t.weights, Config: config, Numerics: kern.Version,
		Seconds: took.Seconds(), Source: s.source,
	}
	r.Likelihood.Warnings = append(r.Likelihood.Warnings, t.folder.Manifest.Doubts(r.Likelihood)...)
	if scores.Samples > 0 {
		r.Bound, r.Seed = string(s.how.bound), uint64(s.key)
	}
	if tails, ok := scores.Tails(); ok {
		r.Tails = &run.Tails{Heavy: tails.Heavy}
		if !math.IsInf(tails.Median, 0) {
			r.Tails.Median = &tails.Median
		}
	}
	e := run.Events{Nats: scores.Nats, Weight: scores.Weight, Group: scores.Group, Ordered: scores.Ordered}
	return r, e, r.SetEvents(e)
}

// keep keeps scores in the run as the result of that name.
func (t *trained) keep(name string, s scoring, scores eval.Scores, took time.Duration) (measured, error) {
	r, e, err := t.result(s, scores, took)
	if err == nil {
		err = t.folder.SaveResult(name, &r, e)
	}
	return measured{r, scores}, err
}

// effort is how much of a set is scored, and with how many draws.
type effort struct {
	bounds
	parts []string
	train int // training events at most, for the train-test gap
}

// wholeEffort scores everything, and as many training events, from all over the
// set, as make their error lower than that of most test sets.
func wholeEffort(how bounds) effort { return effort{how, []string{"test", "valid", "train"}, 10_000} }

// part is the part of a set of that name of which so much is scored; not ok where
// there is none.
func (e effort) part(set *data.Set, name string) (b *surprisal.Batch, ok bool) {
	b, ok = splits(set)[name]
	if ok && name == "train" && b.Len() > e.train {
		b = someTraining(b, e.train)
	}
	return b, ok
}

// kept are the results that measureAll would find again, where the run has
// them all of these weights; else nil.
func (t *trained) kept(set *data.Set, e effort) map[string]measured {
	all := map[string]measured{}
	for _, part := range e.parts {
		b, ok := e.part(set, part)
		if !ok {
			continue
		}
		r, err := t.folder.Result(part)
		sameDraws := r.Likelihood.Samples == 0 ||
			r.Likelihood.Samples == e.samples && r.Bound == string(e.bound) && r.Seed == t.folder.Manifest.Seed
		if err != nil || !sameDraws || r.Format != run.ResultFormat || r.Weights != t.weights || r.Numerics != kern.Version || r.Source != "" || r.Likelihood.Data.Checksum != b.Checksum() {
			return nil
		}
		kept, err := t.folder.Events(part)
		if err != nil {
			return nil
		}
		addDoubts(&r.Likelihood, t.folder.Manifest)
		all[part] = measured{r, eval.Scores{Nats: kept.Nats, Weight: kept.Weight, Group: kept.Group, Ordered: kept.Ordered}}
	}
	return all
}

// addDoubts warns of a choice by these events that was made since the result.
func addDoubts(l *surprisal.Likelihood, m run.Manifest) {
	for _, w := range m.Doubts(*l) {
		if !slices.Contains(l.Warnings, w) {
			l.Warnings = append(l.Warnings, w)
		}
	}
}

// measureAll scores the parts of a set.
func (l *lab) measureAll(ctx context.Context, t *trained, set *data.Set, e effort) (map[string]measured, error) {
	all := map[string]measured{}
	for _, part := range e.parts {
		b, ok := e.part(set, part)
		if !ok {
			continue
		}
		m, err := l.measure(ctx, t, part, scoring{set: set.Name, part: part, events: b, how: e.bounds, key: surprisal.Key(t.folder.Manifest.Seed)})
		if ctx.Err() != nil {
			again := cmp.Or(t.again, "surprisal eval "+shellWord(t.folder.Dir))
			return nil, fmt.Errorf("%w before %s was evaluated; its weights are kept, go on with: %s", err, t.folder.Manifest.Family, again)
		}
		if err != nil {
			return nil, fmt.Errorf("evaluating on %s: %w", part, err)
		}
		all[part] = m
	}
	return all, nil
}
