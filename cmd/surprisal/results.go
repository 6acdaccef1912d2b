package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/report"
)

// printResults prints likelihoods: test first, then validation, training and
// others by name.
func (a *app) printResults(results map[string]surprisal.Likelihood) {
	names := slices.Sorted(maps.Keys(results))
	order := []string{"train", "valid", "test"}
	slices.SortStableFunc(names, func(x, y string) int { return slices.Index(order, y) - slices.Index(order, x) })
	all := make([]surprisal.Likelihood, len(names))
	for i, name := range names {
		all[i] = results[name]
	}
	a.printLikelihoods(all...)
}

// printLikelihoods prints a line each, and after lines of the same nature what
// that is.
func (a *app) printLikelihoods(all ...surprisal.Likelihood) {
	for i, l := range all {
		fmt.Fprintf(a.stdout, "%-5s  %s  %.4f bits/dim  %s events of %s\n", l.Split, l, l.BitsPerDim(), report.Count(l.N), l.Data.Name)
		for _, w := range l.Warnings {
			fmt.Fprintf(a.stdout, "       warning: %s\n", w)
		}
		if i+1 == len(all) || nature(l) != nature(all[i+1]) {
			fmt.Fprintf(a.stdout, "       %s\n", nature(l))
		}
	}
}

// nature is the measure of a likelihood and what is known of it.
func nature(l surprisal.Likelihood) string {
	s := string(l.Measure) + ", " + kindOf(l)
	if l.Samples > 0 {
		s += fmt.Sprintf(" of log p by %d draws an event", l.Samples)
	}
	return s
}
