package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/report"
	"github.com/surprisal-go/surprisal/run"
)

func (a *app) compareVerb() *cobra.Command {
	var part string
	cmd := &cobra.Command{
		Use:   "compare RUN RUN...",
		Short: "paired difference of models on the same events",
		Long: `Compare runs event by event on the same test events. Every other run is compared
with the first; p-values are corrected for the number of comparisons (Holm). A ~
marks a difference that may be noise. Results on other events or under another
measure do not compare: that is an error.`,
		Example: `  surprisal compare runs/gaussian runs/realnvp
  surprisal compare runs/a runs/b runs/c --json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usagef("%d runs: want two or more to compare", len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
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
			if a.json {
				return a.printJSON(comparisonsJSON(args, entries, cs))
			}
			a.printComparisons(entries, cs)
			return nil
		},
	}
	cmd.Flags().StringVar(&part, "split", "test", "which `RESULTS`: train, valid, test, or what 'eval --data' has kept")
	return cmd
}

func loadEntries(dirs []string, part string) ([]eval.Entry, error) {
	names := shortNames(dirs)
	entries := make([]eval.Entry, len(dirs))
	for i, dir := range dirs {
		f, err := run.Open(dir)
		if err != nil {
			return nil, err
		}
		r, err := f.Result(part)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("run %s has not been evaluated on %q: do so with surprisal eval %s", dir, part, shellWord(dir))
		}
		if err != nil {
			return nil, err
		}
		e, err := f.Events(part)
		if err != nil {
			return nil, err
		}
		if _, sum, err := f.LoadWeights(); err != nil {
			return nil, err
		} else if sum != r.Weights {
			return nil, fmt.Errorf("run %s: its %s result is of earlier weights: evaluate it again with surprisal eval %s", dir, part, shellWord(dir))
		}
		entries[i] = eval.Entry{Name: names[i], Likelihood: r.Likelihood, Nats: e.Nats, Weight: e.Weight, Group: e.Group}
	}
	return entries, nil
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
func comparisonsJSON(dirs []string, entries []eval.Entry, cs []eval.Comparison) any {
	type compared struct {
		Name       string               `json:"name"`
		Run        string               `json:"run"`
		Likelihood surprisal.Likelihood `json:"likelihood"`
	}
	runs := make([]compared, len(entries))
	for i, e := range entries {
		runs[i] = compared{e.Name, dirs[i], e.Likelihood}
	}
	return map[string]any{"runs": runs, "comparisons": cs}
}

func (a *app) printComparisons(entries []eval.Entry, cs []eval.Comparison) {
	var name, nats int
	for _, e := range entries {
		name, nats = max(name, utf8.RuneCountInString(e.Name)), max(nats, utf8.RuneCountInString(e.Likelihood.String()))
	}
	l := entries[0].Likelihood
	fmt.Fprintf(a.stdout, "%s, %s: %s events, %s\n", l.Data.Name, l.Split, report.Count(l.N), l.Measure)
	for _, e := range entries {
		fmt.Fprintf(a.stdout, "  %-*s  %*s  %.4f bits/dim  %s\n", name, e.Name, nats, e.Likelihood, e.Likelihood.BitsPerDim(), kindOf(e.Likelihood))
	}
	for _, c := range cs {
		fmt.Fprintf(a.stdout, "\n%s\n", report.Wrap(c.Verdict(), helpWidth, ""))
		for _, w := range c.Warnings {
			fmt.Fprintf(a.stdout, "  warning: %s\n", w)
		}
	}
}

func kindOf(l surprisal.Likelihood) string { return strings.ReplaceAll(l.Kind.String(), "_", " ") }
