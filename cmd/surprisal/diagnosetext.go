package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/diagnose"
	"github.com/surprisal-go/surprisal/internal/digits"
	"github.com/surprisal-go/surprisal/report"
)

// besideFinding is the column at which text stands beside what it is about.
const besideFinding = 9

// tell prints a finding beside what it is about.
func (l *lab) tell(name, format string, args ...any) {
	l.printAligned(besideFinding, name, fmt.Sprintf(format, args...))
}

func (l *lab) printFindings(f found) {
	l.printLosses(f)
	l.printNetwork(f)
	l.printParts(f)
	l.printExchange(f)
	verdicts := f.Verdicts()
	if len(verdicts) == 0 {
		fmt.Fprintf(l.stdout, "\nnothing found\n")
	}
	for _, v := range verdicts {
		fmt.Fprintf(l.stdout, "\n%s\n", report.Wrap(fmt.Sprintf("%s: %s", v.Name, v.Evidence), report.Width, "  "))
		fmt.Fprintf(l.stdout, "  %s\n", report.Wrap("try: "+v.Try, report.Width-2, "  "))
	}
}

// printLosses tells of the likelihoods and what lies between them.
func (l *lab) printLosses(f found) {
	likelihood := func(name string, k *surprisal.Likelihood, more string) {
		if k == nil {
			return
		}
		l.tell(name, "%s over %s%s", k, digits.Counted(k.N, "event"), more)
		for _, w := range k.Warnings {
			l.tell("", "warning: %s", w)
		}
	}
	likelihood("train", &f.Train, "")
	likelihood("valid", f.Valid, "")
	likelihood("test", &f.Test, "")
	likelihood("baseline", f.Baseline, " of test, by independent marginals")
	var gaps []string
	for _, g := range f.Gaps() {
		gaps = append(gaps, g.String())
	}
	if len(gaps) > 0 {
		l.tell("gap", "%s", strings.Join(gaps, ", "))
	}
	if f.Floor != nil {
		l.tell("floor", "%.2f nats (%.1f bits): the empirical entropy of %s, %s distinct; train stands %.2f nats above it",
			f.Floor.Nats, surprisal.Bits(f.Floor.Nats), digits.Counted(f.Floor.Events, "training event"), digits.Count(f.Floor.Distinct), f.Train.MeanNats()-f.Floor.Nats)
	} else {
		l.tell("floor", "none: of densities, and of one long text, memorising has no floor")
	}
}

// printNetwork tells how the model learns.
func (l *lab) printNetwork(f found) {
	switch {
	case f.Memory != nil:
		l.tell("memory", "%s", memoryText(f.Memory))
	case f.exempt != "":
		l.tell("memory", "not tested: %s", f.exempt)
	}
	if f.closed != "" {
		l.tell("curve", "none: %s is not trained by steps", f.closed)
	} else {
		l.tell("curve", "%s", f.Curve)
	}
	for _, line := range healthLines(f.Health) {
		l.tell("health", "%s", line)
	}
}

// memoryText tells of the test of memory, and where time was short.
func memoryText(m *diagnose.Memory) string {
	s := fmt.Sprintf("%.0f%% of the way from marginals to the floor on %d events", 100*m.Way, m.Events)
	if m.Wider != nil {
		s += fmt.Sprintf(", %.0f%% by a wider model", 100**m.Wider)
	}
	if m.Longer != nil {
		s += fmt.Sprintf(", %.0f%% by a longer training", 100**m.Longer)
	}
	if m.Cut {
		s += "; --time cut the trainings short: no verdict of it"
	}
	return s
}

const (
	// mostListed is the most labels that are listed; JSON has them all.
	mostListed = 30
	// weakest is the number of slices by a column's value that are listed.
	weakest = 3
)

// printParts tells how the model does on parts of the test events.
func (l *lab) printParts(f found) {
	list := func(title string, all []diagnose.Slice, most int) {
		for i, s := range all {
			if i == most {
				if most > weakest {
					l.tell("", "and %d more", len(all)-most)
				}
				return
			}
			l.tell(title, "%s", s)
			title = ""
		}
	}
	saves := func(s diagnose.Slice) bool { return s.StdErr > 0 || math.Abs(s.Saving) > 1e-9 }
	switch {
	case slices.ContainsFunc(f.Slices, saves):
		l.tell("parts", "of the test events, the weakest first: nats, and what the model saves of those of marginals")
		list("label", f.slices(diagnose.ByLabel), mostListed)
		list("cluster", f.slices(diagnose.ByCluster), mostListed)
		list("weakest", f.slices(diagnose.ByColumn), weakest)
	case len(f.Slices) > 0:
		l.tell("parts", "of the test events: the model costs in every one of them what marginals cost")
	}
	if f.unsearched != "" {
		l.tell("shifts", "%s", f.unsearched)
	}
}

// printExchange tells whether events could change places.
func (l *lab) printExchange(f found) {
	switch d := f.Drift; {
	case d == nil:
		l.tell("order", "not tested for drift: the events follow one another")
	case math.IsNaN(d.Rho):
		l.tell("order", "not tested for drift: only %s", digits.Counted(d.Units, unit(d.Units, f.Test.N)))
	default:
		l.tell("order", "rank correlation of nats with the place of test events %.3f, %.1f standard deviations of chance among %s", d.Rho, d.Z, digits.Counted(d.Units, unit(d.Units, f.Test.N)))
	}
	title := "overlap"
	for _, o := range f.Overlaps {
		l.tell(title, "%s", o)
		title = ""
	}
}

// unit is what n of all events are.
func unit(n, all int) string {
	if n < all {
		return "group"
	}
	return "event"
}

// healthLines tell of all layers in one line, or of the first few of many in a
// line each.
func healthLines(h *diagnose.Health) (lines []string) {
	if h == nil || len(h.Layers) == 0 {
		return nil
	}
	const shown = 4
	for i, l := range h.Layers {
		if i == shown {
			return append(lines, fmt.Sprintf("and %d more layers", len(h.Layers)-shown))
		}
		line := fmt.Sprintf("%s: %.0f%% of %s dead", l.Name, 100*l.Dead, digits.Counted(l.Units, "unit"))
		if l.Saturated > 0 {
			line += fmt.Sprintf(", %.0f%% saturated", 100*l.Saturated)
		}
		lines = append(lines, line+fmt.Sprintf(", gradient %.2g", l.Gradient))
	}
	return lines
}
