package main

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/internal/digits"
	"github.com/surprisal-go/surprisal/report"
)

// comparedJSON is one of the results: of a run with the checksums by which verify
// confirms it, of a file unverified.
type comparedJSON struct {
	Name       string               `json:"name"`
	Run        string               `json:"run"`
	Likelihood surprisal.Likelihood `json:"likelihood"`
	Weights    string               `json:"weights,omitempty"`
	Config     string               `json:"config,omitempty"`
	Numerics   string               `json:"numerics,omitempty"`
	Events     string               `json:"events,omitempty"`
	Seen       eval.Seen            `json:"seen,omitempty"`
	Unverified bool                 `json:"unverified,omitempty"`
	Excess     *eval.Gap            `json:"excess,omitempty"`
}

// json is the form that scripts rely on.
func (c contrast) json() any {
	runs := make([]comparedJSON, len(c.all))
	for i, one := range c.all {
		r := one.result
		runs[i] = comparedJSON{one.Name, one.path, one.Likelihood, r.Weights, r.Config, r.Numerics, r.Events, one.Seen, one.Unverified, one.excess}
	}
	out := map[string]any{"runs": runs, "comparisons": c.pairs}
	if c.entropy != nil {
		out["entropy_nats"] = c.entropy.Nats
	}
	if c.families != nil {
		out["families"], out["family_comparisons"] = c.families.Families, c.families.Comparisons
	}
	if c.delta == 0 {
		return out
	}
	// null where unknown
	events, needs := make([]*int, len(c.pairs)), make([]*eval.Need, len(c.pairs))
	for i, pair := range c.pairs {
		if n, ok := pair.EventsFor(c.delta); ok {
			events[i], needs[i] = &n.Events, &n
		}
	}
	out["delta"], out["events_for_delta"], out["needs_for_delta"] = c.delta, events, needs
	if c.families != nil {
		seeds := make([]*int, len(c.families.Comparisons))
		for i, f := range c.families.Comparisons {
			if n, ok := f.SeedsFor(c.delta); ok {
				seeds[i] = &n
			}
		}
		out["seeds_for_delta"] = seeds
	}
	return out
}

func (a *app) printContrast(c contrast) {
	var name, nats int
	first := c.all[0]
	for _, one := range c.all {
		if first.folder == nil { // a file: the runs know what the events are
			first = one
		}
		name, nats = max(name, utf8.RuneCountInString(one.Name)), max(nats, utf8.RuneCountInString(one.Likelihood.String()))
	}
	l := first.Likelihood
	about := []string{countedOf(l.N, first.training()), string(l.Measure)}
	if l.Given != "" {
		about = append(about, "given "+l.Given)
	}
	if c.entropy != nil {
		about = append(about, fmt.Sprintf("true entropy %.4f nats", c.entropy.Nats))
	}
	fmt.Fprintf(a.stdout, "%s, %s: %s\n", l.Data.Name, l.Split, strings.Join(about, ", "))
	for _, one := range c.all {
		l, indent := one.Likelihood, strings.Repeat(" ", 2+name+2)
		fmt.Fprintf(a.stdout, "  %-*s  %*s  %s bits/dim  %s\n", name, one.Name, nats, l, bits(l.BitsPerDim()), kindOf(l))
		warnings := l.Warnings
		if g := one.excess; g != nil {
			fmt.Fprintf(a.stdout, "%s%s\n", indent, g)
			for _, w := range g.Warnings {
				if !slices.Contains(l.Warnings, w) {
					warnings = append(warnings[:len(warnings):len(warnings)], "above the truth: "+w)
				}
			}
		}
		a.printWarnings(indent, warnings)
	}
	for _, pair := range c.pairs {
		fmt.Fprintf(a.stdout, "\n%s\n", report.Wrap(pair.Verdict(), helpWidth, ""))
		a.printWarnings("  ", pair.Warnings)
		fmt.Fprintf(a.stdout, "  %s wins on %.0f%% of events, %s on %.0f%%\n", pair.B, 100*pair.WonB, pair.A, 100*pair.WonA)
		if c.delta > 0 {
			a.printTold("  ", needText(pair, c.delta))
		}
	}
	if c.families != nil {
		a.printClaims(c.families, c.delta)
	}
}

// needText says what would settle a difference of delta nats.
func needText(c eval.Comparison, delta float64) string {
	n, ok := c.EventsFor(delta)
	switch {
	case !ok && c.StdErr > 0 && c.Clusters > 1:
		return fmt.Sprintf("a difference of %g nats would take more events than can be had to settle", delta)
	case !ok:
		return fmt.Sprintf("how many events would settle a difference of %g nats is not known", delta)
	}
	many := fmt.Sprintf("%s events", digits.Count(n.Events))
	if n.Events != n.Clusters {
		many = fmt.Sprintf("%s %s (%s)", digits.Count(n.Clusters), n.Unit, many)
	}
	return fmt.Sprintf("a difference of %g nats would be settled by about %s, at 95%% with power 80%%", delta, many)
}

// seedsText says it of families.
func seedsText(f eval.FamilyComparison, delta float64) string {
	if n, ok := f.SeedsFor(delta); ok {
		return fmt.Sprintf("a difference of %g nats would be settled by about %d seeds of each on these events, at 95%% with power 80%%", delta, n)
	}
	if min(f.SeedsA, f.SeedsB) < 2 {
		return fmt.Sprintf("how many seeds would settle a difference of %g nats is not known", delta)
	}
	return fmt.Sprintf("no number of seeds settles a difference of %g nats on these events, whose own standard error is %.2g: it takes more events", delta, f.EventStdErr)
}

// bits formats bits/dim.
func bits(v float64) string { return digits.Fixed(v, 4) }

func kindOf(l surprisal.Likelihood) string { return strings.ReplaceAll(l.Kind.String(), "_", " ") }
