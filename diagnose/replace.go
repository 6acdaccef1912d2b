package diagnose

import (
	"fmt"
	"math"
	"slices"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/fmath"
)

// someValues is the number of values that stand for a column of many.
const someValues = 8

// ValuesOf are values of each column by which [ColumnCosts] replaces others: all
// that a discrete column of few has, the most frequent categories of many, and
// else evenly spaced quantiles.
func ValuesOf(b *surprisal.Batch) [][]float64 {
	fields := b.Space.Columns()
	out := make([][]float64, len(fields))
	for j, column := range columnsOf(b) {
		sorted := slices.Sorted(slices.Values(column))
		levels := slices.Compact(slices.Clone(sorted))
		switch f := fields[j]; {
		case f.Discrete() && len(levels) <= mostLevels:
			out[j] = levels
		case f.Kind == surprisal.Categorical:
			out[j] = frequent(column, someValues)
		default:
			for k := range someValues {
				out[j] = append(out[j], sorted[len(sorted)*(2*k+1)/(2*someValues)])
			}
			out[j] = slices.Compact(out[j])
		}
	}
	return out
}

// Replacements is the number of events that ColumnCosts scores for each one.
func Replacements(values [][]float64) (n int) {
	for _, v := range values {
		n += max(0, len(v)-1)
	}
	return n
}

// ColumnCosts is what each column of events costs under a model that does not
// factor over columns (N × D): ln(1 + Σ p(x′)/p(x)), where x′ is the event with
// another of the values in the column's place. If these are all values that the
// column can have it is the conditional surprisal −ln p(xⱼ | the other columns);
// in any case it is a function of the event alone, so that it has one
// distribution in all honest splits. nats scores events; draws must depend on
// their ids alone. It is NaN where p(x) = 0.
func ColumnCosts(b *surprisal.Batch, values [][]float64, nats func(*surprisal.Batch) ([]float64, error)) ([]float64, error) {
	own, err := nats(b)
	if err != nil {
		return nil, err
	}
	d := b.Space.Dims()
	out := make([]float64, b.Len()*d)
	columns := columnsOf(b)
	for j := range d {
		ratios := make([][]float64, b.Len())
		for i := range ratios {
			ratios[i] = []float64{0}
		}
		for k := range max(0, len(values[j])-1) {
			x := replaced(b, j, others(columns[j], values[j], k))
			other, err := nats(x)
			if err != nil {
				return nil, fmt.Errorf("replacing values of %s: %w", b.Space.Columns()[j].Name, err)
			}
			for i, v := range other {
				ratios[i] = append(ratios[i], own[i]-v)
			}
		}
		for i, r := range ratios {
			out[i*d+j] = math.NaN()
			if !math.IsInf(own[i], 0) {
				out[i*d+j] = fmath.LogSumExp(r)
			}
		}
	}
	return out, nil
}

// others are the k-th values that a column does not have: the k-th of the list,
// or the last in place of what it has.
func others(column, values []float64, k int) []float64 {
	out := make([]float64, len(column))
	for i, has := range column {
		if out[i] = values[k]; has == values[k] {
			out[i] = values[len(values)-1]
		}
	}
	return out
}

// replaced is events with other values in a column.
func replaced(b *surprisal.Batch, column int, values []float64) *surprisal.Batch {
	out := *b
	out.Columns = slices.Clone(b.Columns)
	f := 0
	for ; column >= b.Space.Fields[f].Size(); f++ {
		column -= b.Space.Fields[f].Size()
	}
	size := b.Space.Fields[f].Size()
	switch c := b.Columns[f].(type) {
	case surprisal.Values[uint8]:
		out.Columns[f] = put(c, size, column, values)
	case surprisal.Values[int32]:
		out.Columns[f] = put(c, size, column, values)
	case surprisal.Values[float64]:
		out.Columns[f] = put(c, size, column, values)
	}
	return &out
}

func put[T uint8 | int32 | float64](c surprisal.Values[T], size, at int, values []float64) surprisal.Values[T] {
	out := slices.Clone(c)
	for i, v := range values {
		out[i*size+at] = T(v)
	}
	return out
}
