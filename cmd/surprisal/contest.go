package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/surprisal-go/surprisal/data"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/model"
	"github.com/surprisal-go/surprisal/report"
	"github.com/surprisal-go/surprisal/run"
	"github.com/surprisal-go/surprisal/train"
)

// contest is one ranking: families trained on one set.
type contest struct {
	set      *data.Set
	ref      string
	read     data.Options
	families []model.Family
	budget   time.Duration // of all families together
	dir      string
	how      bounds
}

// contestant is a trained family with what was measured of it.
type contestant struct {
	*trained
	name string
	row  report.Row
}

// hold trains the families, prints the board, unless as JSON, and keeps it.
func (l *lab) hold(ctx context.Context, c contest) (*report.Board, error) {
	l.tellSet(c.set)
	board, done, err := l.contest(ctx, c)
	if err == nil {
		err = noteChoice(board, done)
	}
	if err != nil {
		return nil, err
	}
	if !l.json {
		fmt.Fprintln(l.stdout)
		if err := board.WriteText(l.stdout); err != nil {
			return nil, err
		}
		fmt.Fprintln(l.stdout)
	}
	return board, l.keep(ctx, c, board, done)
}

// contest trains the families one after the other, each with an equal share of
// the time that is left, and makes the board.
func (l *lab) contest(ctx context.Context, c contest) (*report.Board, []contestant, error) {
	deadline := time.Now().Add(c.budget)
	fit, missing := c.fitting()
	var done []contestant
	for i, fam := range fit {
		share := time.Until(deadline) / time.Duration(len(fit)-i)
		got, err := l.enter(ctx, c, fam, max(share, time.Second))
		if ctx.Err() != nil {
			return nil, nil, c.interrupted(err, done)
		}
		if err != nil {
			l.say("%s: %s", fam.Name, oneLine(err))
			missing = append(missing, report.Failure{Model: fam.Name, Why: oneLine(err)})
			continue
		}
		done = append(done, got)
	}
	if len(done) == 0 {
		// Only if they are empty.
		_ = os.Remove(filepath.Join(c.dir, runsDir))
		_ = os.Remove(c.dir)
		return nil, nil, fmt.Errorf("no family could be trained on %s: %s: %s", c.set.Name, missing[0].Model, missing[0].Why)
	}
	rows := make([]report.Row, len(done))
	for i, d := range done {
		rows[i] = d.row
	}
	board, err := report.New(rows, l.key())
	if err != nil {
		return nil, nil, err
	}
	board.Missing = missing
	if c.set.Entropy != nil {
		board.Entropy = &c.set.Entropy.Nats
	}
	return board, done, nil
}

// noteChoice writes into the best run that it was chosen by these events.
func noteChoice(board *report.Board, done []contestant) error {
	best, ok := board.Best()
	if !ok || len(done) < 2 {
		return nil
	}
	for _, d := range done {
		if d.name == board.Rows[best].Model {
			return d.folder.SetChosen(run.Chosen{Of: len(done), By: "rank", Split: board.Split, Checksum: board.Data.Checksum})
		}
	}
	return nil
}

// fitting parts the families into those that fit the set and the others.
func (c contest) fitting() (fit []model.Family, missing []report.Failure) {
	for _, f := range c.families {
		if err := f.Fits(c.set.Space); err != nil {
			missing = append(missing, report.Failure{Model: f.Name, Why: oneLine(err)})
			continue
		}
		fit = append(fit, f)
	}
	return fit, missing
}

// interrupted adds to what stopped the contest what is done already.
func (c contest) interrupted(err error, done []contestant) error {
	if len(done) == 0 {
		return err
	}
	names := make([]string, len(done))
	for i, d := range done {
		names[i] = d.name
	}
	return fmt.Errorf("%w; finished before: %s, in %s", err, strings.Join(names, ", "), filepath.Join(c.dir, runsDir))
}

// runsDir holds the runs of a contest.
const runsDir = "runs"

// toTrain is the part of a family's time that is for training; the rest is for
// scoring.
const toTrain = 0.75

// enter trains and measures one family.
func (l *lab) enter(ctx context.Context, c contest, fam model.Family, share time.Duration) (contestant, error) {
	j := job{
		family: fam, config: fam.Defaults(c.set.Space, c.set.Train.Len()), set: c.set, ref: c.ref, read: c.read,
		opts: train.Options{Seed: l.key(), TimeLimit: time.Duration(toTrain * float64(share))}, dir: filepath.Join(c.dir, runsDir, fam.Name),
	}
	t, err := l.train(ctx, j)
	if err != nil {
		return contestant{}, err
	}
	effort, err := l.pace(ctx, t, c.set, c.how, share-time.Duration(toTrain*float64(share)))
	if err != nil {
		return contestant{}, err
	}
	all, err := l.measureAll(ctx, t, c.set, effort)
	if err != nil {
		return contestant{}, err
	}
	test := all["test"]
	row := report.Row{
		Model: fam.Name, Test: test.Likelihood, Gap: report.Gap(test.Likelihood, all["train"].Likelihood),
		Params: t.model.NumParams(), Seconds: t.seconds, Run: j.dir,
		Events: eval.Entry{Nats: test.scores.Nats, Weight: test.scores.Weight, Group: test.scores.Group, Ordered: test.scores.Ordered},
	}
	if c.set.Entropy != nil {
		g, err := eval.Excess(ctx, test.scores, c.set.Entropy.Truth, c.set.Test)
		if err != nil {
			return contestant{}, err
		}
		row.SetExcess(g)
	}
	return contestant{trained: t, name: fam.Name, row: row}, nil
}
