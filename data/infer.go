package data

import (
	"fmt"
	"math"
	"slices"

	"github.com/surprisal-go/surprisal"
)

// remark is what may surprise about a column's kind.
type remark int

const (
	ordinary remark = iota
	constant        // one value in every row
	spiky           // real, with values that repeat
)

// infer settles what the column is, from all its values, and stores them in
// the narrowest type.
func (c *column) infer() (f surprisal.Field, values surprisal.Column, note remark, err error) {
	f = surprisal.Field{Name: c.name, Shape: c.shape, Axes: c.axes}
	switch {
	case c.field != nil:
		values, err = c.coded(*c.field)
		return *c.field, values, ordinary, err
	case c.u8 != nil:
		f.Kind, f.Step, f.Levels = surprisal.Grid, 1, 256
		if slices.Max(c.u8) <= 1 {
			f.Kind, f.Step, f.Levels = surprisal.Binary, 0, 0
		}
		return f, c.store(), ordinary, nil
	case c.text != nil:
		f, values, err = c.inferText(f)
		return f, values, ordinary, err
	}
	distinct := slices.Clone(c.f64)
	slices.Sort(distinct)
	distinct = slices.Compact(distinct)
	if c.typ.set {
		err = c.declared(&f, distinct)
	} else {
		note = c.inferNumbers(&f, distinct)
	}
	if err != nil {
		return f, nil, ordinary, fmt.Errorf("column %q: %w", c.name, err)
	}
	if f.Kind == surprisal.Categorical {
		values := make(surprisal.Values[int32], len(c.f64))
		for i, v := range c.f64 {
			code, _ := slices.BinarySearch(distinct, v)
			values[i] = int32(code)
		}
		return f, values, note, nil
	}
	if c.single && f.Kind == surprisal.Grid {
		c.snap(f)
	}
	return f, c.store(), note, nil
}

// inferNumbers applies the rules of the package comment to the distinct sorted
// values v.
func (c *column) inferNumbers(f *surprisal.Field, v []float64) remark {
	n := len(c.f64)
	lo, hi := v[0], v[len(v)-1]
	if lo >= 0 && hi <= 1 && isBits(v) {
		f.Kind = surprisal.Binary
		return ordinary
	}
	f.Kind, f.Low = surprisal.Grid, lo
	if len(v) == 1 {
		f.Step, f.Levels = 1, 1
		return constant
	}
	step, ok := commonStep(v, n, c.single)
	if !ok {
		f.Kind, f.Low = surprisal.Real, 0
		if float64(len(v)) < distinctShare*float64(n) {
			return spiky
		}
		return ordinary
	}
	f.Step = step
	if lo == 0 && step == 1 {
		f.Kind, f.Step = surprisal.Count, 0
		return ordinary
	}
	if len(v) == 2 {
		f.Levels = 2
	}
	return ordinary
}

func isBits(v []float64) bool {
	return !slices.ContainsFunc(v, func(x float64) bool { return x != 0 && x != 1 })
}

// declared applies a type that the user chose.
func (c *column) declared(f *surprisal.Field, v []float64) error {
	f.Kind = c.typ.kind
	switch c.typ.kind {
	case surprisal.Binary:
		if !isBits(v) {
			return fmt.Errorf("value %g is not binary: want 0 or 1 (or two texts)", firstWhere(v, func(x float64) bool { return x != 0 && x != 1 }))
		}
	case surprisal.Count:
		if x := firstWhere(v, func(x float64) bool { return x < 0 || x != math.Trunc(x) || x > math.MaxInt32 }); x == x {
			return fmt.Errorf("value %g is no count: want 0, 1, 2, …", x)
		}
	case surprisal.Categorical:
		f.Levels = len(v)
		for _, x := range v {
			f.Labels = append(f.Labels, formatNumber(x))
		}
	case surprisal.Grid:
		return c.declaredGrid(f, v)
	case surprisal.Real:
		if len(v) == 1 {
			return fmt.Errorf("every value is %g: a density of a constant has no bound; leave the column out (--column %s=skip)", v[0], c.name)
		}
	}
	return nil
}

func (c *column) declaredGrid(f *surprisal.Field, v []float64) error {
	f.Low, f.Step = v[0], c.typ.step
	if f.Step == 0 {
		if len(v) == 1 {
			f.Step = 1
			return nil
		}
		step, ok := commonStep(v, 0, c.single)
		if !ok {
			return fmt.Errorf("no step was found that puts its %d different values on a grid: give one, as in --column %s=grid:0.01", len(v), c.name)
		}
		f.Step = step
		return nil
	}
	if x := firstWhere(v, func(x float64) bool { _, ok := f.Index(x); return !ok }); x == x {
		return fmt.Errorf("value %g does not lie on the grid of step %g from %g", x, f.Step, f.Low)
	}
	return nil
}

// firstWhere returns the first value that fits, or NaN.
func firstWhere(v []float64, fits func(float64) bool) float64 {
	if i := slices.IndexFunc(v, fits); i >= 0 {
		return v[i]
	}
	return math.NaN()
}

// inferText makes a text column categorical, or binary with two labels.
func (c *column) inferText(f surprisal.Field) (surprisal.Field, surprisal.Column, error) {
	codes, names := c.text.sorted()
	f.Kind, f.Levels, f.Labels = surprisal.Categorical, len(names), names
	binary := len(names) == 2 && !(c.typ.set && c.typ.kind == surprisal.Categorical)
	if binary {
		f.Kind = surprisal.Binary
	}
	if c.typ.set && c.typ.kind == surprisal.Binary && !binary {
		return f, nil, fmt.Errorf("column %q has %d different texts: want two for a binary column", c.name, len(names))
	}
	return f, surprisal.Values[int32](codes), nil
}

// snap moves values of single precision to their grid.
func (c *column) snap(f surprisal.Field) {
	for i, v := range c.f64 {
		c.f64[i] = f.Low + float64(math.Round((v-f.Low)/f.Step)*f.Step)
	}
}

// store returns the values in the narrowest type that holds them.
func (c *column) store() surprisal.Column {
	if c.u8 != nil {
		return surprisal.Values[uint8](c.u8)
	}
	return narrow(c.f64)
}

func narrow(v []float64) surprisal.Column {
	lo, hi := 0.0, 0.0
	for _, x := range v {
		if x != math.Trunc(x) {
			return surprisal.Values[float64](v)
		}
		lo, hi = min(lo, x), max(hi, x)
	}
	switch {
	case lo >= 0 && hi <= math.MaxUint8:
		return converted[uint8](v)
	case lo >= math.MinInt32 && hi <= math.MaxInt32:
		return converted[int32](v)
	}
	return surprisal.Values[float64](v)
}

func converted[T uint8 | int32](v []float64) surprisal.Column {
	out := make(surprisal.Values[T], len(v))
	for i, x := range v {
		out[i] = T(x)
	}
	return out
}
