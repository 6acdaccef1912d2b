package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/data"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/report"
	"github.com/surprisal-go/surprisal/run"
)

func (a *app) evalVerb() *cobra.Command {
	var ref, part, perEvent string
	var how bounds
	var ais annealing
	cmd := &cobra.Command{
		Use:   "eval RUN [--data NAME|PATH] [--split test]",
		Short: "likelihood of a run's model on its own or on other events",
		Long: `Evaluate a trained model. Without --data it is a split of the set that the run was
trained on. With --data and no --split it is all events of that set (of a set from
'surprisal data list' the test events). The result is kept in the run.
A table that does not fit into memory is scored as it is read, if the model is exact.

Of a model that has only a bound it also shows the two terms of the evidence lower
bound, how the importance-weighted bound moves with the number of draws, and how
heavy the tails of the weights are: a Pareto k̂ above 0.7 means that the bound rests
on few draws. --ais checks the bound of a vae from another side, by annealed
importance sampling on a few events: forward it is a second lower bound of log p;
on events that the model itself has drawn it also runs in reverse, and the two
enclose the truth in expectation.`,
		Example: `  surprisal eval runs/made
  surprisal eval runs/vae --samples 16,64,256
  surprisal eval runs/vae --ais 1000
  surprisal eval runs/made --data new.csv --per-event nats.npy`,
		Args: want("RUN"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := errors.Join(how.check(), ais.check(cmd)); err != nil {
				return err
			}
			l, t, err := a.openRun(args[0])
			if err == nil {
				err = ais.suits(t)
			}
			if err != nil {
				return err
			}
			s := scoring{source: ref, part: part, how: how, ais: ais, key: a.drawKey(cmd, t.folder.Manifest)}
			if ref != "" && !cmd.Flags().Changed("split") {
				s.part = partOf(ref)
			}
			return l.runEval(cmd.Context(), t, ref, perEvent, s)
		},
	}
	cmd.Flags().StringVar(&ref, "data", "", "`SET` to evaluate on, of the same columns (default: the run's own)")
	cmd.Flags().StringVar(&part, "split", "test", "`PART` of the set: train, valid or test")
	cmd.Flags().StringVar(&perEvent, "per-event", "", "npy `FILE` for the nats of every event, in order, written as they are scored")
	how.addList(cmd)
	ais.add(cmd)
	return cmd
}

// allEvents is the part of a file that is evaluated whole.
const allEvents = "all"

// partOf is the part of a foreign set that is evaluated unless another is told.
func partOf(ref string) string {
	if slices.ContainsFunc(data.List(), func(i data.Info) bool { return i.Name == ref }) {
		return "test"
	}
	return allEvents
}

// drawKey is the seed of draws: the run's own unless another is told.
func (a *app) drawKey(cmd *cobra.Command, man run.Manifest) surprisal.Key {
	if cmd.Flags().Changed("seed") {
		return a.key()
	}
	return surprisal.Key(man.Seed)
}

func (l *lab) runEval(ctx context.Context, t *trained, ref, perEvent string, s scoring) (err error) {
	if err := l.pick(t, ref, &s); err != nil {
		return err
	}
	name := s.part
	if ref != "" {
		name = "on-" + plainName(s.set) + "-" + s.part
	}
	begin := time.Now()
	scores, more, err := l.explainInto(ctx, t, perEvent, s)
	if err != nil {
		return err
	}
	r, err := t.keep(name, s, scores, time.Since(begin))
	if err != nil {
		return err
	}
	if more.Annealed, err = l.anneal(ctx, t, s, s.ais); err != nil {
		return err
	}
	if ref != "" {
		l.say("kept in the run: compare it with others by --split %s", name)
	}
	if l.json {
		return l.printJSON(evaluation{r.Likelihood, spread(r.scores), more})
	}
	l.printLikelihoods(r.Likelihood)
	l.printSpread(spread(r.scores))
	l.printExplanation(more)
	l.printAnnealed(more.Annealed, r.Likelihood.N)
	return nil
}

// explainInto explains, and writes the nats of events into a file as they are
// scored, if one is named.
func (l *lab) explainInto(ctx context.Context, t *trained, perEvent string, s scoring) (eval.Scores, explanation, error) {
	if perEvent == "" {
		return l.explain(ctx, t, s)
	}
	w, err := data.CreateVector(perEvent)
	if err != nil {
		return eval.Scores{}, explanation{}, err
	}
	defer w.Discard()
	s.each = w.Write
	scores, more, err := l.explain(ctx, t, s)
	if err == nil {
		err = w.Close()
	}
	if err == nil {
		l.say("wrote the nats of %s events to %s", report.Count(len(scores.Nats)), perEvent)
	}
	return scores, more, err
}

// pick settles which events are scored. Those of a file are read while an exact
// model scores them, so that the file need not fit into memory; bounds go over
// their events more than once.
func (l *lab) pick(t *trained, ref string, s *scoring) (err error) {
	man := t.folder.Manifest
	if _, exact := t.model.(surprisal.Density); ref == "" || s.part != allEvents || !exact {
		s.set, s.events, err = eventsOf(man, ref, s.part)
		return err
	}
	read, err := readOptions(man)
	s.set, s.batches = filepath.Base(ref), data.Batches(ref, man.Space, read, batchRows)
	return err
}

// batchRows is how many rows of a file are in memory at a time.
const batchRows = 4096

// eventsOf reads the events to evaluate and the name of their set.
func eventsOf(man run.Manifest, ref, part string) (string, *surprisal.Batch, error) {
	if ref == "" {
		set, err := openSet(man)
		if err != nil {
			return "", nil, err
		}
		b, err := split(set, part)
		return set.Name, b, err
	}
	read, err := readOptions(man)
	if err != nil {
		return "", nil, err
	}
	if part == allEvents {
		b, err := data.Read(ref, man.Space, read)
		return filepath.Base(ref), b, err
	}
	read.Space = man.Space
	set, err := data.Open(ref, read)
	if err != nil {
		return "", nil, err
	}
	b, err := split(set, part)
	return set.Name, b, err
}

// resultEvents reads the events that a result is about, and the run's own set
// if they are of it. It fails where they are no longer the same.
func resultEvents(man run.Manifest, r run.Result) (set *data.Set, b *surprisal.Batch, err error) {
	l := r.Likelihood
	if r.Source == "" {
		if set, err = openSet(man); err == nil {
			b, err = split(set, l.Split)
		}
	} else {
		_, b, err = eventsOf(man, r.Source, l.Split)
	}
	if err != nil {
		return nil, nil, err
	}
	if l.N < b.Len() {
		b = b.Slice(0, l.N) // of long training sets the first are scored
	}
	if got := b.Checksum(); got != l.Data.Checksum {
		return nil, nil, fmt.Errorf("the events have changed: their checksum is %s, want %s", got, l.Data.Checksum)
	}
	return set, b, nil
}

var notPlain = regexp.MustCompile(`[^A-Za-z0-9_.-]+`)

// plainName makes a set's name one that files and results can have.
func plainName(s string) string { return notPlain.ReplaceAllString(s, "_") }
