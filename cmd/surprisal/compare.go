package main

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/data"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/report"
	"github.com/surprisal-go/surprisal/run"
)

func (a *app) compareVerb() *cobra.Command {
	var part string
	var delta float64
	cmd := &cobra.Command{
		Use:   "compare RUN RUN|FILE.npy...",
		Short: "paired difference of models on the same events",
		Long: `Compare runs event by event on the same test events. Every other run is compared
with the first; p-values are corrected for the number of comparisons (Holm). A ~
marks a difference that may be noise. Results on other events or under another
measure do not compare: that is an error.

Such claims are for the weights at hand. Of runs that differ by seed alone (train
--seeds 3) it also compares the families: the interval then allows for other seeds
and other events, and both errors are shown.

A FILE.npy holds the nats (−log p, natural logarithm, in raw data units) of the same
events in the same order, from another tool; that they are is not verified.`,
		Example: `  surprisal compare runs/gaussian runs/realnvp
  surprisal compare runs/made runs/flow --delta 0.1
  surprisal compare runs/made* runs/flow*
  surprisal compare runs/made theirs.npy --json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usagef("%d runs: want two or more to compare", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("delta") && !(delta > 0 && delta <= math.MaxFloat64) {
				return usagef("--delta %g: want a difference in nats above 0", delta)
			}
			entries, err := loadEntries(args, part)
			if err != nil {
				return err
			}
			cs := make([]eval.Comparison, 0, len(args))
			for _, e := range entries[1:] {
				c, err := eval.Compare(entries[0], e, a.key())
				if err != nil {
					return err
				}
				cs = append(cs, c)
			}
			eval.Holm(cs)
			families, err := a.claims(args, entries)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(comparisonsJSON(args, entries, cs, families, delta))
			}
			a.printComparisons(entries, cs, delta)
			if families != nil {
				a.printClaims(families)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&part, "split", "test", "which `RESULTS`: train, valid, test, or what 'eval --data' has kept")
	cmd.Flags().Float64Var(&delta, "delta", 0, "also say how many events would settle a difference of `NATS` an event")
	return cmd
}

func loadEntries(args []string, part string) ([]eval.Entry, error) {
	names := shortNames(args)
	entries := make([]eval.Entry, len(args))
	first := -1 // of the runs
	for i, arg := range args {
		if isNpy(arg) {
			continue
		}
		e, err := runEntry(arg, part)
		if err != nil {
			return nil, err
		}
		if e.Name = names[i]; first < 0 {
			first = i
		}
		entries[i] = e
	}
	if first < 0 {
		return nil, usagef("%d npy files and no run: want one run at least, which says what the events are", len(args))
	}
	for i, arg := range args {
		if !isNpy(arg) {
			continue
		}
		e, err := foreignEntry(arg, entries[first])
		if err != nil {
			return nil, err
		}
		e.Name = names[i]
		entries[i] = e
	}
	return entries, nil
}

func isNpy(path string) bool { return strings.EqualFold(filepath.Ext(path), ".npy") }

// runEntry is the result of a run on a part.
func runEntry(dir, part string) (eval.Entry, error) {
	f, err := run.Open(dir)
	if err != nil {
		return eval.Entry{}, err
	}
	r, err := f.Result(part)
	if errors.Is(err, fs.ErrNotExist) {
		return eval.Entry{}, fmt.Errorf("run %s has not been evaluated on %q: do so with surprisal eval %s", dir, part, shellWord(dir))
	}
	if err != nil {
		return eval.Entry{}, err
	}
	e, err := f.Events(part)
	if err != nil {
		return eval.Entry{}, err
	}
	if _, sum, err := f.LoadWeights(); err != nil {
		return eval.Entry{}, err
	} else if sum != r.Weights {
		return eval.Entry{}, fmt.Errorf("run %s: its %s result is of earlier weights: evaluate it again with surprisal eval %s", dir, part, shellWord(dir))
	}
	addDoubts(&r.Likelihood, f.Manifest)
	return eval.Entry{Likelihood: r.Likelihood, Nats: e.Nats, Weight: e.Weight, Group: e.Group, Ordered: e.Ordered}, nil
}

// foreignEntry is the nats of another tool, taken to be exact and about the
// events of a run.
func foreignEntry(path string, like eval.Entry) (eval.Entry, error) {
	nats, err := data.ReadVector(path)
	if err != nil {
		return eval.Entry{}, err
	}
	l := like.Likelihood
	if len(nats) != l.N {
		return eval.Entry{}, fmt.Errorf("%s holds %d numbers, want one for each of the %d events of %s", path, len(nats), l.N, l.Data.Name)
	}
	for i, v := range nats {
		if math.IsNaN(v) || math.IsInf(v, -1) {
			return eval.Entry{}, fmt.Errorf("%s: event %d has %g nats, want a number or +Inf for probability zero", path, i, v)
		}
	}
	s := eval.Scores{Nats: nats, Weight: like.Weight, Group: like.Group, Ordered: like.Ordered, Dims: l.Dims, Measure: l.Measure, Given: l.Given, Checksum: l.Data.Checksum}
	e := eval.Entry{Likelihood: s.Likelihood(l.Data.Name, l.Split), Nats: nats, Weight: like.Weight, Group: like.Group, Ordered: like.Ordered}
	e.Likelihood.Warnings = append([]string{"unverified: from " + path + ", taken to be exact nats of the same events in the same order"}, e.Likelihood.Warnings...)
	return e, nil
}

// shortNames are the last elements of the paths, or the paths where those
// repeat.
func shortNames(dirs []string) []string {
	names, seen := make([]string, len(dirs)), map[string]bool{}
	for i, d := range dirs {
		names[i] = filepath.Base(filepath.Clean(d))
		if seen[names[i]] {
			return dirs
		}
		seen[names[i]] = true
	}
	return names
}

// comparisonsJSON is the form that scripts rely on.
func comparisonsJSON(dirs []string, entries []eval.Entry, cs []eval.Comparison, families *familyClaims, delta float64) any {
	type compared struct {
		Name       string               `json:"name"`
		Run        string               `json:"run"`
		Likelihood surprisal.Likelihood `json:"likelihood"`
	}
	runs := make([]compared, len(entries))
	for i, e := range entries {
		runs[i] = compared{e.Name, dirs[i], e.Likelihood}
	}
	out := map[string]any{"runs": runs, "comparisons": cs}
	if families != nil {
		out["families"], out["family_comparisons"] = families.Families, families.Comparisons
	}
	if delta > 0 {
		needed := make([]*int, len(cs)) // null where unknown
		for i, c := range cs {
			if n, ok := c.EventsFor(delta); ok {
				needed[i] = &n
			}
		}
		out["delta"], out["events_for_delta"] = delta, needed
	}
	return out
}

func (a *app) printComparisons(entries []eval.Entry, cs []eval.Comparison, delta float64) {
	var name, nats int
	for _, e := range entries {
		name, nats = max(name, utf8.RuneCountInString(e.Name)), max(nats, utf8.RuneCountInString(e.Likelihood.String()))
	}
	l := entries[0].Likelihood
	fmt.Fprintf(a.stdout, "%s, %s: %s events, %s\n", l.Data.Name, l.Split, report.Count(l.N), l.Measure)
	for _, e := range entries {
		fmt.Fprintf(a.stdout, "  %-*s  %*s  %.4f bits/dim  %s\n", name, e.Name, nats, e.Likelihood, e.Likelihood.BitsPerDim(), kindOf(e.Likelihood))
		for _, w := range e.Likelihood.Warnings {
			fmt.Fprintf(a.stdout, "  %-*s  warning: %s\n", name, "", w)
		}
	}
	for _, c := range cs {
		fmt.Fprintf(a.stdout, "\n%s\n", report.Wrap(c.Verdict(), helpWidth, ""))
		for _, w := range c.Warnings {
			fmt.Fprintf(a.stdout, "  warning: %s\n", w)
		}
		fmt.Fprintf(a.stdout, "  %s wins on %.0f%% of events, %s on %.0f%%\n", c.B, 100*c.WonB, c.A, 100*c.WonA)
		if n, ok := c.EventsFor(delta); ok && delta > 0 {
			fmt.Fprintf(a.stdout, "  a difference of %g nats would be settled by about %s events (95%% level, 80%% power)\n", delta, report.Count(n))
		}
	}
}

func kindOf(l surprisal.Likelihood) string { return strings.ReplaceAll(l.Kind.String(), "_", " ") }
