package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/surprisal-go/surprisal/data"
	"github.com/surprisal-go/surprisal/model"
	"github.com/surprisal-go/surprisal/report"
	"github.com/surprisal-go/surprisal/run"
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
	seeds    int // trainings of each family; 0 is 1
}

// contestant is a trained family with what was measured of it.
type contestant struct {
	*trained // by the first seed that ended
	name     string
	row      report.Row
	folders  []*run.Folder // of all seeds that ended
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

// noteChoice writes into the runs of the best that they were chosen by these
// events.
func noteChoice(board *report.Board, done []contestant) error {
	best, ok := board.Best()
	if !ok || len(done) < 2 {
		return nil
	}
	for _, d := range done {
		if d.name != board.Rows[best].Model {
			continue
		}
		for _, f := range d.folders {
			if err := f.SetChosen(run.Chosen{Of: len(done), By: "rank", Split: board.Split, Checksum: board.Data.Checksum}); err != nil {
				return err
			}
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
