package main

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/spf13/cobra"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/internal/digits"
	"github.com/surprisal-go/surprisal/report"
)

// annealing is what eval was asked to check a bound by.
type annealing struct {
	steps, chains, events int
}

// few is how many events are annealed unless told: each takes steps × moves
// decoder passes of all its chains, three times over.
const few = 64

// leastAnnealed is how many events are annealed at least: one has no error.
const leastAnnealed = 2

func (f *annealing) add(cmd *cobra.Command) {
	cmd.Flags().IntVar(&f.steps, "ais", 0, "check a bound by annealing at `N` temperatures, as 1000 (0: no check)")
	cmd.Flags().IntVar(&f.chains, "ais-chains", 16, "with --ais, `N` chains an event")
	cmd.Flags().IntVar(&f.events, "ais-events", few, "with --ais, `N` events at most, evenly spaced")
}

// check reports a flag that means nothing.
func (f annealing) check(cmd *cobra.Command) error {
	for _, v := range []struct {
		flag               string
		value, least, most int
	}{{"ais", f.steps, 1, eval.MostSteps}, {"ais-chains", f.chains, 1, eval.MostChains}, {"ais-events", f.events, leastAnnealed, math.MaxInt}} {
		if cmd.Flags().Changed(v.flag) && v.value < v.least {
			return usagef("--%s %d: want at least %d", v.flag, v.value, v.least)
		}
		if v.value > v.most {
			return usagef("--%s %d: want at most %s", v.flag, v.value, digits.Count(v.most))
		}
		if v.flag != "ais" && cmd.Flags().Changed(v.flag) && f.steps == 0 {
			return usagef("--%s is for --ais", v.flag)
		}
	}
	return nil
}

// suits reports why a run's model cannot be annealed.
func (f annealing) suits(t *trained) error {
	if f.steps == 0 {
		return nil
	}
	if _, exact := t.model.(surprisal.Density); exact {
		return usagef("--ais: the nats of a %s are exact: there is no bound to check", t.folder.Manifest.Family)
	}
	if _, ok := t.model.(eval.Annealable); !ok {
		return usagef("--ais: annealing moves a latent, and this %s has none that can be moved: it works for a vae whose columns are all binary or all real", t.folder.Manifest.Family)
	}
	return nil
}

// enough reports too few events to anneal.
func (f annealing) enough(events *surprisal.Batch) error {
	if f.steps > 0 && events.Len() < leastAnnealed {
		return usagef("--ais: there is %d event, want at least %d: the difference of one has no error", events.Len(), leastAnnealed)
	}
	return nil
}

// evenly are n rows of b at most, evenly spaced.
func evenly(b *surprisal.Batch, n int) *surprisal.Batch {
	n = min(n, b.Len())
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i * b.Len() / n
	}
	return b.Take(rows)
}

// anneal checks the bound of a model on a few of the events.
func (l *lab) anneal(ctx context.Context, t *trained, s scoring, f annealing) (*eval.Annealed, error) {
	m, ok := t.model.(eval.Annealable)
	if !ok || f.steps == 0 {
		return nil, nil
	}
	told := l.progress(t.folder.Manifest.Family)
	defer told.Clear()
	begin := time.Now()
	a := eval.Annealing{Steps: f.steps, Chains: f.chains, Key: s.key.Named("ais"), Progress: func(done, total int) {
		left := time.Duration(float64(time.Since(begin)) / float64(done) * float64(total-done))
		told.Note(fmt.Sprintf("annealed %s of %s temperatures of all events, %s left", digits.Count(done), digits.Count(total), report.Duration(left)))
	}}
	o := eval.Options{Samples: s.how.samples, Key: s.key.Named("eval")}
	got, err := eval.Anneal(ctx, m, evenly(s.events, f.events), s.set, s.part, a, o)
	return &got, err
}

// printAnnealed says what annealing has found.
func (l *lab) printAnnealed(a *eval.Annealed, of int) {
	if a == nil {
		return
	}
	g, s := a.Given, a.Simulated
	deeper := under + "  "
	tell := func(indent, format string, args ...any) { l.printTold(indent, fmt.Sprintf(format, args...)) }
	tell(under, "annealed importance sampling of %s of %s, evenly spaced: %s × %d moves, %s",
		digits.Count(g.Forward.N), digits.Counted(of, "event"), digits.Counted(a.Steps, "temperature"), a.Moves, digits.Counted(a.Chains, "chain"))
	tell(deeper, "forward %s, K = %d %s, lower bounds of log p in expectation", g.Forward, g.Bound.Samples, g.Bound)
	tell(deeper, "%s", agreement(g))
	tell(under, "of %s that the model has drawn, whose log p it encloses in expectation", digits.Counted(s.Forward.N, "event"))
	tell(deeper, "forward %s, reverse %s: %s nats between them", s.Forward, s.Reverse, s.Width.Round(3))
	tell(deeper, "K = %d %s: %s nats above the reverse, and in expectation no further above the truth", s.Bound.Samples, s.Bound, s.Off.Round(3))
	l.printWarnings(deeper, g.Forward.Warnings)
}

// agreement is what annealing says of the bound.
func agreement(g eval.Sandwich) string {
	of, than := g.Saved, "fewer"
	of.Nats = math.Abs(of.Nats)
	if g.Saved.Nats < 0 {
		than = "more"
	}
	text := fmt.Sprintf("annealing takes %s nats an event %s than K = %d, paired", of.Round(3), than, g.Bound.Samples)
	switch {
	case math.IsNaN(of.Nats):
		return fmt.Sprintf("nothing to compare: no event has finite nats both by annealing and by K = %d", g.Bound.Samples)
	case !of.Clear():
		return "~ no clear difference: " + text
	case g.Saved.Nats > 0:
		return text + ": the bound is that loose at least"
	}
	return text + ": the chains have not arrived; more temperatures will tell more"
}
