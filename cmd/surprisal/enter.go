package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/model"
	"github.com/surprisal-go/surprisal/report"
	"github.com/surprisal-go/surprisal/train"
)

// entrant is a family in a contest by several seeds: what the first of them
// settles holds for all, so that they differ by seed alone.
type entrant struct {
	contest
	first job
	share time.Duration // of each seed
	how   effort        // of scoring, once the first is trained
	runs  []seedRun
	lost  []error // of seeds that failed
	c     contestant
}

// enter trains and measures one family by all its seeds. A seed that fails is
// left out, with a warning; it is an error if none is left.
func (l *lab) enter(ctx context.Context, c contest, fam model.Family, share time.Duration) (contestant, error) {
	n := max(1, c.seeds)
	e := entrant{contest: c, share: share / time.Duration(n), c: contestant{name: fam.Name}}
	e.first = job{
		family: fam, config: fam.Defaults(c.set.Space, c.set.Train.Len()), set: c.set, ref: c.ref, read: c.read,
		opts: train.Options{Seed: l.key(), TimeLimit: time.Duration(toTrain * float64(e.share))}, dir: filepath.Join(c.dir, runsDir, fam.Name),
	}
	for at := range n {
		j := e.first
		j.turn = turn{e.first.dir, at, n}
		if at > 0 {
			j.opts.Seed += surprisal.Key(at)
			j.dir = seedFolder(e.first.dir, j.opts.Seed)
		}
		err := l.enterSeed(ctx, &e, j)
		if ctx.Err() != nil {
			return contestant{}, err
		}
		if err != nil {
			e.lost = append(e.lost, err)
			if n > 1 {
				l.say("%s: %s", j.name(), oneLine(err))
			}
		}
	}
	if len(e.runs) == 0 {
		return contestant{}, e.lost[0]
	}
	err := e.score(ctx)
	return e.c, err
}

// enterSeed trains and measures by one seed.
func (l *lab) enterSeed(ctx context.Context, e *entrant, j job) error {
	t, err := l.train(ctx, j)
	if err != nil {
		return err
	}
	if len(e.runs) == 0 {
		e.c.trained = t
		if e.how, err = l.pace(ctx, t, e.set, e.contest.how, e.share-j.opts.TimeLimit); err != nil {
			return err
		}
	}
	all, err := l.measureAll(ctx, t, e.set, e.how)
	if err != nil {
		return err
	}
	e.runs, e.c.folders = append(e.runs, newSeedRun(j, t, all)), append(e.c.folders, t.folder)
	return nil
}

// score makes the family's row of what was measured.
func (e *entrant) score(ctx context.Context) error {
	test, row := e.runs[0].Results["test"], &e.c.row
	*row = report.Row{
		Model: e.c.name, Test: test.Likelihood, Params: e.c.model.NumParams(), Run: e.runs[0].Run, Events: test.entry(),
	}
	train := e.runs[0].Results["train"].Likelihood
	if len(e.runs) > 1 {
		if err := row.SetSeeds(familyOf(e.c.name, "test", e.runs)); err != nil {
			return err
		}
		mean, err := familyOf(e.c.name, "train", e.runs).Mean()
		if err != nil {
			return err
		}
		train = mean.Likelihood
		for _, r := range e.runs {
			row.Runs = append(row.Runs, r.Run)
		}
	}
	for _, r := range e.runs {
		row.Seconds += r.Seconds / float64(len(e.runs))
	}
	if n := len(e.lost); n > 0 {
		row.Test.Warnings = append(row.Test.Warnings, fmt.Sprintf("%d of %d seeds failed and are left out, the first by: %s", n, n+len(e.runs), oneLine(e.lost[0])))
	}
	row.Gap = report.Gap(row.Test, train)
	if e.set.Entropy == nil {
		return nil
	}
	scores := test.scores
	scores.Nats = row.Events.Nats
	g, err := eval.Excess(ctx, scores, e.set.Entropy.Truth, e.set.Test)
	if err != nil {
		return fmt.Errorf("nats above the truth: %w", err)
	}
	row.SetExcess(g)
	return nil
}
