package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"unicode/utf8"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/report"
	"github.com/surprisal-go/surprisal/run"
)

// lineage is the runs of one comparison that differ by seed alone.
type lineage struct {
	eval.Family
	runs   []string
	recipe string
	seeds  []uint64
}

// lineages groups the runs of a comparison, in the order in which they are
// named. A seed that is named twice counts once. There are none where no two
// runs differ by seed alone.
func lineages(args []string, entries []eval.Entry) ([]lineage, error) {
	var all []lineage
	several := false
	for i, dir := range args {
		if isNpy(dir) {
			continue
		}
		f, err := run.Open(dir)
		if err != nil {
			return nil, err
		}
		recipe, err := f.Manifest.Recipe()
		if err != nil {
			return nil, fmt.Errorf("run %s: %w", dir, err)
		}
		at := slices.IndexFunc(all, func(l lineage) bool { return l.recipe == recipe })
		if at < 0 {
			at, all = len(all), append(all, lineage{recipe: recipe})
		}
		l := &all[at]
		if slices.Contains(l.seeds, f.Manifest.Seed) {
			continue
		}
		l.runs, l.seeds = append(l.runs, dir), append(l.seeds, f.Manifest.Seed)
		l.Seeds = append(l.Seeds, entries[i])
		several = several || len(l.Seeds) > 1
	}
	if !several {
		return nil, nil
	}
	nameLineages(all)
	return all, nil
}

var seedSuffix = regexp.MustCompile(`-seed[0-9]+$`)

// nameLineages names families by their first runs, without the seed.
func nameLineages(all []lineage) {
	names := make([]string, len(all))
	for i, l := range all {
		names[i] = seedSuffix.ReplaceAllString(filepath.Clean(l.runs[0]), "")
	}
	for i, name := range shortNames(names) {
		all[i].Name = name
	}
}

// familyClaims is what a comparison says of families, beside what it says of
// the weights at hand.
type familyClaims struct {
	Families    []familySpread          `json:"families"`
	Comparisons []eval.FamilyComparison `json:"family_comparisons"`
}

type familySpread struct {
	Name   string      `json:"name"`
	Runs   []string    `json:"runs"`
	Spread eval.Spread `json:"spread"`
}

// claims compares every family with the first; nil where there is none of
// several seeds, or where their results say nothing of families, which it tells:
// what they say of the weights at hand stands all the same.
func (a *app) claims(args []string, entries []eval.Entry) (*familyClaims, error) {
	c, err := claimsOf(args, entries)
	if errors.Is(err, surprisal.ErrNotComparable) {
		a.say("no claim about families: %v", err)
		return nil, nil
	}
	return c, err
}

func claimsOf(args []string, entries []eval.Entry) (*familyClaims, error) {
	all, err := lineages(args, entries)
	if all == nil || err != nil {
		return nil, err
	}
	c := &familyClaims{Comparisons: []eval.FamilyComparison{}}
	for i, l := range all {
		s, err := l.Spread()
		if err != nil {
			return nil, err
		}
		c.Families = append(c.Families, familySpread{l.Name, l.runs, s})
		if i == 0 {
			continue
		}
		f, err := eval.CompareFamilies(all[0].Family, l.Family)
		if err != nil {
			return nil, err
		}
		c.Comparisons = append(c.Comparisons, f)
	}
	eval.HolmFamilies(c.Comparisons)
	return c, nil
}

// printClaims prints the families, and each against the first, and what would
// settle a difference of delta, if it is above 0.
func (a *app) printClaims(c *familyClaims, delta float64) {
	wide := 0
	for _, f := range c.Families {
		wide = max(wide, utf8.RuneCountInString(f.Name))
	}
	fmt.Fprintf(a.stdout, "\nfamilies, over seeds and events:\n")
	for _, f := range c.Families {
		a.printBeside(fmt.Sprintf("  %-*s  ", wide, f.Name), f.Spread.String())
	}
	for _, f := range c.Comparisons {
		fmt.Fprintf(a.stdout, "\n%s\n", report.Wrap(f.Verdict(), helpWidth, ""))
		a.printWarnings("  ", f.Warnings)
		if delta > 0 {
			a.printTold("  ", seedsText(f, delta))
		}
	}
}

// familyVerdicts adds what the runs say of families, where some differ by seed
// alone. A board of families has said it already.
func (r *reporting) familyVerdicts(p *report.Page) error {
	if r.board != nil {
		return nil
	}
	var dirs []string
	var entries []eval.Entry
	for _, one := range r.runs {
		dirs, entries = append(dirs, one.row.Run), append(entries, one.row.Entry())
	}
	c, err := r.claims(dirs, entries)
	if c == nil || err != nil {
		return err
	}
	for _, f := range c.Families {
		p.AddVerdict(f.Name+" as a family: "+f.Spread.String(), nil)
	}
	for _, f := range c.Comparisons {
		p.AddVerdict(f.B+" against "+f.A+" as families, over seeds and events: "+f.Verdict(), f.Warnings)
	}
	return nil
}
