package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/digits"
	"github.com/surprisal-go/surprisal/report"
)

// under is the indent below the name of a part.
const under = "       "

// printResults prints likelihoods: test first, then validation, training and
// others by name. training is how many training events there are: not all need
// be scored.
func (a *app) printResults(results map[string]surprisal.Likelihood, training int) {
	names := slices.Sorted(maps.Keys(results))
	order := []string{"train", "valid", "test"}
	slices.SortStableFunc(names, func(x, y string) int { return slices.Index(order, y) - slices.Index(order, x) })
	for i, name := range names {
		l, of := results[name], 0
		if name == "train" {
			of = training
		}
		a.printLikelihood(l, of)
		if i+1 == len(names) || nature(l) != nature(results[names[i+1]]) {
			a.printTold(under, nature(l))
		}
	}
}

// printLikelihood prints a likelihood, which is of some of so many events.
func (a *app) printLikelihood(l surprisal.Likelihood, of int) {
	value := fmt.Sprintf("%-5s  %s  %s bits/dim", l.Split, l, bits(l.BitsPerDim()))
	events, gap := fmt.Sprintf("%s of %s", countedOf(l.N, of), l.Data.Name), "  "
	if utf8.RuneCountInString(value+gap+events) > helpWidth {
		gap = "\n" + under
	}
	fmt.Fprintln(a.stdout, value+gap+events)
	a.printWarnings(under, l.Warnings)
}

// countedOf is a number of events, and of how many where those are more.
func countedOf(n, of int) string {
	if n < of {
		return digits.Count(n) + " of " + digits.Counted(of, "event")
	}
	return digits.Counted(n, "event")
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

// printBeside prints a text beside a head, in lines that begin below its own.
func (a *app) printBeside(head, text string) {
	indent := strings.Repeat(" ", utf8.RuneCountInString(head))
	lines := report.Wrap(text, max(40, helpWidth-len(indent)), "")
	fmt.Fprintln(a.stdout, head+strings.ReplaceAll(lines, "\n", "\n"+indent))
}

// inUnits is a likelihood in the other units in which it means something.
func inUnits(l surprisal.Likelihood) string {
	sign := ""
	if l.Kind.Sign() != "" {
		sign = l.Kind.Sign() + " "
	}
	if l.Infinite > 0 {
		return sign + "∞ bits an event"
	}
	all := []string{fmt.Sprintf("%s%.4g bits an event", sign, surprisal.Bits(l.Nats))}
	if perByte, ok := l.BitsPerByte(); ok {
		all = append(all, fmt.Sprintf("%s%s bits/byte", sign, bits(perByte)))
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
		s += fmt.Sprintf(" of log p by %s an event", digits.Counted(l.Samples, "draw"))
	}
	return s
}
