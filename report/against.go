package report

import (
	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
)

// against is a comparison of a row with the best, its sentence, and what that
// rests on.
type against struct {
	eval.Comparison
	verdict  string
	warnings []string
}

// Comparisons are what the best row saves over every other that can be compared
// with it, in the order of the rows, with p-values corrected for their number.
// Where a row is a family of several seeds they are of families, over seeds and
// events: see [eval.CompareFamilies].
func (b *Board) Comparisons(key surprisal.Key) ([]eval.Comparison, error) {
	_, all, err := b.against(key)
	out := make([]eval.Comparison, len(all))
	for i, c := range all {
		out[i] = c.Comparison
	}
	return out, err
}

// against compares rows with the best, and tells which. Rows with infinite nats
// are among them: of those the verdict says how many events they are.
func (b *Board) against(key surprisal.Key) (at []int, all []against, err error) {
	best, ok := b.Best()
	if !ok {
		return nil, nil, nil
	}
	overSeeds := false
	for i, r := range b.Rows {
		overSeeds = overSeeds || r.Seeds != nil
		if i != best && r.Events.Nats != nil && b.Rows[best].Events.Nats != nil {
			at = append(at, i)
		}
	}
	if overSeeds {
		all, err = b.families(best, at)
	} else {
		all, err = b.weights(best, at, key)
	}
	return at, all, err
}

// weights compares the models at hand.
func (b *Board) weights(best int, at []int, key surprisal.Key) ([]against, error) {
	cs := make([]eval.Comparison, len(at))
	for j, i := range at {
		var err error
		if cs[j], err = eval.Compare(b.Rows[i].Entry(), b.Rows[best].Entry(), key); err != nil {
			return nil, err
		}
	}
	eval.Holm(cs)
	all := make([]against, len(cs))
	for j, c := range cs {
		all[j] = against{c, c.Verdict(), c.Warnings}
	}
	return all, nil
}

// families compares families over their seeds.
func (b *Board) families(best int, at []int) ([]against, error) {
	fs := make([]eval.FamilyComparison, len(at))
	for j, i := range at {
		var err error
		if fs[j], err = eval.CompareFamilies(b.Rows[i].family(), b.Rows[best].family()); err != nil {
			return nil, err
		}
	}
	eval.HolmFamilies(fs)
	all := make([]against, len(fs))
	for j, f := range fs {
		all[j] = against{f.Comparison(), f.Verdict(), f.Warnings}
	}
	return all, nil
}

// SetSeeds makes the row one of a family: Test and Events become the mean over
// its seeds, whose standard error is over test events, and Spread says how far
// the seeds lie from each other. It fails as [eval.Family.Mean] does.
func (r *Row) SetSeeds(f eval.Family) error {
	mean, err := f.Mean()
	if err != nil {
		return err
	}
	spread, err := f.Spread()
	if err != nil {
		return err
	}
	r.Test, r.Events, r.Spread, r.Seeds = mean.Likelihood, mean, &spread, f.Seeds
	return nil
}

// family is the row as [eval.CompareFamilies] takes it.
func (r Row) family() eval.Family {
	if r.Seeds == nil {
		return eval.Family{Name: r.Model, Seeds: []eval.Entry{r.Entry()}}
	}
	return eval.Family{Name: r.Model, Seeds: r.Seeds}
}
