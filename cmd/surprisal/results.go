package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

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
		fmt.Fprintf(a.stdout, "%-5s  %s  %.4f bits/dim  %s of %s\n", l.Split, l, l.BitsPerDim(), counted(l.N, "event"), l.Data.Name)
		a.printWarnings("       ", l.Warnings)
		if i+1 == len(all) || nature(l) != nature(all[i+1]) {
			fmt.Fprintf(a.stdout, "       %s\n", nature(l))
		}
	}
}

// printWarnings prints warnings in lines that begin with indent.
func (a *app) printWarnings(indent string, all []string) {
	for _, w := range all {
		a.printTold(indent, "warning: "+w)
	}
}

// printTold prints a text in lines that begin with indent.
func (a *app) printTold(indent, text string) {
	lines := report.Wrap(text, max(40, helpWidth-len(indent)), "  ")
	fmt.Fprintln(a.stdout, indent+strings.ReplaceAll(lines, "\n", "\n"+indent))
}

// counted is a number of things, as in "1 event" and "10,000 events".
func counted(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return report.Count(n) + " " + what
}

// inUnits is a likelihood in the other units in which it means something.
func inUnits(l surprisal.Likelihood) string {
	if l.Infinite > 0 {
		return "∞ bits an event"
	}
	sign := ""
	if l.Kind.Sign() != "" {
		sign = l.Kind.Sign() + " "
	}
	all := []string{fmt.Sprintf("%s%.4g bits an event", sign, surprisal.Bits(l.Nats))}
	if bits, ok := l.BitsPerByte(); ok {
		all = append(all, fmt.Sprintf("%s%.4f bits/byte", sign, bits))
	}
	if l.Scalar == surprisal.TextByte {
		all = append(all, fmt.Sprintf("perplexity %s%.4g a byte", sign, l.Perplexity()))
	}
	return strings.Join(all, ", ")
}

// nature is the measure of a likelihood, what the events are conditioned on, and
// what is known of it.
func nature(l surprisal.Likelihood) string {
	s := string(l.Measure)
	if l.Given != "" {
		s += " given " + l.Given
	}
	s += ", " + kindOf(l)
	if l.Samples > 0 {
		s += fmt.Sprintf(" of log p by %s an event", counted(l.Samples, "draw"))
	}
	return s
}
