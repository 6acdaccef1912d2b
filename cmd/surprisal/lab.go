package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/surprisal-go/surprisal/engine/cpu"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/model"
	"github.com/surprisal-go/surprisal/report"
	"github.com/surprisal-go/surprisal/run"
	"github.com/surprisal-go/surprisal/train"
)

// lab trains models into run folders and opens them again.
type lab struct {
	*app
	exec  *cpu.Executor
	check graph.Executor // finds the first NaN
}

func (a *app) lab() (*lab, error) { return a.watchedLab(nil) }

func (a *app) watchedLab(w *cpu.Watch) (*lab, error) {
	if a.threads < 0 {
		return nil, usagef("--threads %d: want 0 (one a core) or more", a.threads)
	}
	return &lab{app: a, exec: cpu.New(cpu.Options{Threads: a.threads, Watch: w}), check: cpu.New(cpu.Options{Threads: a.threads, Check: true})}, nil
}

// trained is a model with the run that holds it.
type trained struct {
	model   model.Model
	folder  *run.Folder
	weights string // checksum
	seconds float64
	again   string // command that goes on with what was asked for, if not eval
}

// train trains a model into its folder. Stopped by a signal, a limit of the
// disk or a fault, it leaves a folder to resume from, or none where nothing
// was kept.
func (l *lab) train(ctx context.Context, j job) (*trained, error) {
	m, err := j.family.New(j.set.Space, j.config, l.exec)
	if err != nil {
		return nil, err
	}
	folder, err := j.open()
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	seconds, err := l.fit(ctx, m, folder, j)
	if err == nil {
		err = folder.SaveWeights(m.State())
	}
	if err == nil {
		err = folder.SetSeconds(seconds)
	}
	if err != nil {
		return nil, j.stopped(folder, err)
	}
	_, sum, err := folder.LoadWeights()
	t := &trained{model: m, folder: folder, weights: sum, seconds: seconds}
	if j.turn.of > 1 {
		t.again = j.again()
	}
	return t, err
}

// fit trains by whichever way the model has and returns the seconds it took.
func (l *lab) fit(ctx context.Context, m model.Model, folder *run.Folder, j job) (float64, error) {
	switch m := m.(type) {
	case train.Trainable:
		return l.fitByGradients(ctx, m, folder, j)
	case model.Fitter:
		return l.fitInClosedForm(ctx, m, j)
	}
	return 0, fmt.Errorf("%s cannot be trained", j.family.Name)
}

func (l *lab) fitByGradients(ctx context.Context, m train.Trainable, folder *run.Folder, j job) (float64, error) {
	rec := &recorder{Folder: folder}
	from, err := rec.last(j.resume)
	if err != nil {
		return 0, err
	}
	told := l.progress(j.name())
	j.opts.CheckExec, j.opts.Progress = l.check, told.Train
	var rep train.Report
	if from == nil {
		rep, err = train.Fit(ctx, m, j.set.Train, j.set.Valid, l.exec, j.opts, rec)
	} else {
		rep, err = train.Resume(ctx, from, m, j.set.Train, j.set.Valid, l.exec, j.opts, rec)
	}
	if err != nil {
		told.Clear()
		return 0, err
	}
	told.Done(rep)
	return rep.Seconds, nil
}

// fitInClosedForm fits a model that knows no steps. When the time is up, the
// best that it has found so far serves.
func (l *lab) fitInClosedForm(ctx context.Context, m model.Fitter, j job) (float64, error) {
	begin, within := time.Now(), ctx
	if limit := j.opts.TimeLimit; limit > 0 {
		var cancel context.CancelFunc
		within, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	told := l.progress(j.name())
	err := m.Fit(within, j.set.Train, j.set.Valid, j.opts.Seed, told.Note)
	told.Clear()
	took, ended := time.Since(begin), ""
	late := errors.Is(err, context.DeadlineExceeded)
	switch {
	case ctx.Err() != nil:
		return 0, fmt.Errorf("%w: %w", train.ErrInterrupted, context.Cause(ctx))
	case late && m.State().Len() > 0:
		ended = ", ended by time limit: the best so far is kept"
	case late:
		return 0, fmt.Errorf("nothing was fitted within %s: give more --time", report.Duration(j.opts.TimeLimit))
	case err != nil:
		return 0, err
	}
	l.say("%s: fitted in %s%s", j.name(), report.Duration(took), ended)
	return took.Seconds(), nil
}

// shellWord quotes a path for a command line that the user may copy.
func shellWord(s string) string {
	if strings.ContainsAny(s, " \t\n'\"\\$&|;<>()*?[]{}#~`!") {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}
