package main

import (
	"context"
	"fmt"
	"math"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/diagnose"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/internal/digits"
	"github.com/surprisal-go/surprisal/model"
)

const (
	// mostKept is the most values of nats that are kept by column.
	mostKept = 20_000_000
	// mostReplaced is the most events of a split that are scored, with so many
	// draws each where the model has a bound only, to tell what columns cost
	// under models that do not factor over them: about as long as it takes to
	// score 25,000 events with the usual number of draws.
	mostReplaced     = 200_000
	replacementDraws = 8
	// leastReplaced is the fewest events of which that is worth while.
	leastReplaced = 500
)

// costs scores events under a run's model and under a baseline, by column too.
type costs struct {
	*lab
	run        *trained
	base       model.Model
	key        surprisal.Key
	values     [][]float64 // of each column, see diagnose.ValuesOf
	unsearched string      // why there are none by column
}

func (c *costs) score(ctx context.Context, b *surprisal.Batch) (s both, err error) {
	s.events = b
	if s.model, err = c.lab.score(ctx, c.run, scoring{events: b, how: bounds{samples: 64, bound: eval.IW}, key: c.key}); err != nil {
		return s, err
	}
	if s.baseline, err = eval.Score(ctx, c.base, b, eval.Options{}); err != nil {
		return s, err
	}
	if s.columns, err = c.columns(ctx, b); err != nil {
		return s, err
	}
	values := [][]float64{s.model.Nats, s.excess().Nats}
	if b.Ordered && c.unsearched == "" {
		values = append(values, s.byColumn()...)
	}
	s.units = s.model.Units(values...)
	return s, nil
}

// byColumn are what each column costs, column by column.
func (s both) byColumn() [][]float64 {
	n := s.events.Len()
	out := make([][]float64, len(s.columns)/n)
	for j := range out {
		out[j] = make([]float64, n)
		for i := range n {
			out[j][i] = s.columns[i*len(out)+j]
		}
	}
	return out
}

// excess is what the model costs over the baseline.
func (s both) excess() diagnose.Excess {
	e := diagnose.Excess{Events: s.events, Nats: make([]float64, s.events.Len()), Columns: s.columns, Units: s.units}
	for i := range e.Nats {
		e.Nats[i] = s.model.Nats[i] - s.baseline.Nats[i]
	}
	return e
}

// columns is what every column costs over the baseline: by the factors of both,
// or by what the events would cost with other values in the column's place.
func (c *costs) columns(ctx context.Context, b *surprisal.Batch) ([]float64, error) {
	d := b.Space.Dims()
	if b.Space.Ragged || d == 1 || diagnose.OneText(b) {
		return nil, nil
	}
	a, ok := c.run.model.(surprisal.Autoregressive)
	base, also := c.base.(surprisal.Autoregressive)
	switch {
	case b.Len()*d > mostKept:
		c.unsearched = fmt.Sprintf("more than %s values", digits.Count(mostKept))
		return nil, nil
	case !ok || !also:
		return c.byReplacement(ctx, b)
	}
	out, others := make([]float64, b.Len()*d), make([]float64, b.Len()*d)
	if err := a.Conditionals(out, b); err != nil {
		return nil, err
	}
	if err := base.Conditionals(others, b); err != nil {
		return nil, err
	}
	for i, v := range others {
		out[i] = v - out[i]
	}
	return out, nil
}

// byReplacement is that of as many events as there is time for, NaN of others.
func (c *costs) byReplacement(ctx context.Context, b *surprisal.Batch) ([]float64, error) {
	d := b.Space.Dims()
	some := mostReplaced / max(1, diagnose.Replacements(c.values))
	if some < leastReplaced {
		c.unsearched = fmt.Sprintf("%s does not factor over columns, and %s are too many to look at one by one", c.run.folder.Manifest.Family, digits.Count(d))
		return nil, nil
	}
	rows := diagnose.Rows(b.Len(), some, c.key)
	part := b.Take(rows)
	told := c.progress("columns of " + c.run.folder.Manifest.Family)
	defer told.Clear()
	done, all := 0, 2*len(rows)*(1+diagnose.Replacements(c.values))
	by := func(m model.Model) ([]float64, error) {
		return diagnose.ColumnCosts(part, c.values, func(x *surprisal.Batch) ([]float64, error) {
			s, err := eval.Score(ctx, m, x, eval.Options{Samples: replacementDraws, Key: c.key.Named("columns")})
			done += x.Len()
			told.Note(fmt.Sprintf("%s of %s events scored", digits.Count(done), digits.Count(all)))
			return s.Nats, err
		})
	}
	costs, err := by(c.run.model)
	if err != nil {
		return nil, err
	}
	others, err := by(c.base)
	if err != nil {
		return nil, err
	}
	out := make([]float64, b.Len()*d)
	for i := range out {
		out[i] = math.NaN()
	}
	for k, at := range rows {
		for j := range d {
			out[at*d+j] = costs[k*d+j] - others[k*d+j]
		}
	}
	return out, nil
}
