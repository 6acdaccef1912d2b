package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/data"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/internal/digits"
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
'surprisal data list' the test events). The result is kept in the run; --json has it
with the checksums of weights, settings, events and their nats.
A table that does not fit into memory is scored as it is read.

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
			if perEvent == "-" {
				return usagef("--per-event -: stdout is for the result: name a file")
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
			return l.runEval(cmd.Context(), t, perEvent, s)
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

func (l *lab) runEval(ctx context.Context, t *trained, perEvent string, s scoring) (err error) {
	if err := l.pick(t.folder.Manifest, "", &s); err != nil {
		return err
	}
	if err := s.ais.enough(s.events); err != nil {
		return err
	}
	begin := time.Now()
	scores, more, err := l.explainInto(ctx, t, perEvent, s)
	if err != nil {
		return err
	}
	name := l.nameResult(t, s, scores.Checksum)
	r, err := t.keep(name, s, scores, time.Since(begin))
	if err != nil {
		return err
	}
	if more.Annealed, err = l.anneal(ctx, t, s, s.ais); err != nil {
		return err
	}
	switch {
	case r.EventsNote != "":
		l.say("kept in the run as %s, to be verified but not compared: %s", name, r.EventsNote)
	case s.source != "":
		l.say("kept in the run: compare it with others by --split %s", name)
	}
	if l.json {
		return l.printJSON(evaluation{name, r.Result, spread(r.scores), more})
	}
	l.printLikelihood(r.Likelihood, 0)
	l.printTold(under, nature(r.Likelihood))
	l.printTold(under, inUnits(r.Likelihood))
	l.printSpread(spread(r.scores))
	l.printExplanation(r.Result, more)
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
		l.say("wrote the nats of %s to %s", digits.Counted(len(scores.Nats), "event"), perEvent)
	}
	return scores, more, err
}
