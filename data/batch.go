package data

import (
	"fmt"
	"slices"

	"github.com/surprisal-go/surprisal"
)

// batch settles the columns' kinds and returns all rows as one batch.
func (r *raw) batch(opts Options) (*surprisal.Batch, error) {
	if len(r.cols) == 0 {
		return nil, fmt.Errorf("no column is left to model")
	}
	b := &surprisal.Batch{Space: &surprisal.Space{}}
	if opts.Space != nil {
		return b, r.fit(b, opts.Space)
	}
	remarks := map[remark][]string{}
	for _, c := range r.cols {
		if c.text != nil && r.identifies(c) {
			continue
		}
		f, v, note, err := c.infer()
		if err != nil {
			return nil, err
		}
		remarks[note] = append(remarks[note], c.name)
		b.Space.Fields = append(b.Space.Fields, f)
		b.Columns = append(b.Columns, v)
	}
	if len(b.Columns) == 0 {
		return nil, fmt.Errorf("no column is left to model")
	}
	if r.unnamed && merge(b, r.rows) {
		r.note("the %d columns are bytes from 0 to 255: read as 8-bit pixels", b.Space.Dims())
	} else {
		r.noteRemarks(remarks)
	}
	r.dress(b)
	return b, b.Space.Validate()
}

func (r *raw) noteRemarks(remarks map[remark][]string) {
	if names := remarks[constant]; names != nil {
		r.note("one value in every row: %s; a grid of one level, which costs nothing", list(names))
	}
	if names := remarks[spiky]; names != nil {
		r.note("taken as real though values repeat, for want of a common step: %s; a density that puts spikes on the values wins without bound", list(names))
	}
}

// identifies reports whether a text column names its rows, one text each, and
// notes that it is left out: nothing can be learnt of it.
func (r *raw) identifies(c *column) bool {
	k := len(c.text.names)
	if c.typ.set || k < 20 || float64(k) < distinctShare*float64(r.rows) {
		return false
	}
	r.note("column %q holds %d different texts in %d rows and is left out; --column %s=categorical keeps it", c.name, k, r.rows, c.name)
	return true
}

// dress adds ids, labels and groups.
func (r *raw) dress(b *surprisal.Batch) {
	b.IDs = make([]uint64, r.rows)
	for i := range b.IDs {
		b.IDs[i] = uint64(i)
	}
	if r.label != nil {
		b.Label, b.LabelNames = r.label.sorted()
	}
	if r.group != nil {
		b.Group = r.group.codes
	}
}

// merge turns the columns of an unnamed matrix of n rows into one array field
// if they are all alike, or all bytes from 0 to 255: then it reports pixels.
func merge(b *surprisal.Batch, n int) (pixels bool) {
	f := b.Space.Fields[0]
	d := len(b.Space.Fields)
	same, top := d > 1, 0.0
	pixels = d >= pixelColumns
	for j, g := range b.Space.Fields {
		same = same && slices.Equal(g.Labels, f.Labels) && g.Kind == f.Kind && g.Levels == f.Levels && g.Low == f.Low && g.Step == f.Step
		v, ok := b.Columns[j].(surprisal.Values[uint8])
		pixels = pixels && ok
		if ok {
			top = max(top, float64(slices.Max(v)))
		}
	}
	pixels = pixels && top == 255
	if !same && !pixels {
		return false
	}
	if pixels {
		f = surprisal.Field{Kind: surprisal.Grid, Step: 1, Levels: 256}
	}
	f.Name, f.Shape = "x", []int{d}
	b.Columns = []surprisal.Column{interleave(b.Columns, n)}
	b.Space.Fields = []surprisal.Field{f}
	return pixels
}

// pixelColumns is the least number of columns that are taken for an image: 8×8.
const pixelColumns = 64

// interleave turns columns of N scalars into one of N rows.
func interleave(cols []surprisal.Column, n int) surprisal.Column {
	d := len(cols)
	out := make([]float64, n*d)
	tmp := make([]float64, n)
	for j, c := range cols {
		c.Float64s(tmp, 0)
		for i, v := range tmp {
			out[i*d+j] = v
		}
	}
	return narrow(out)
}

// fit fills b with the columns that the given space names, checked against it.
func (r *raw) fit(b *surprisal.Batch, space *surprisal.Space) error {
	b.Space = space
	cols := map[string]*column{}
	for _, c := range r.cols {
		cols[c.name] = c
	}
	if len(space.Fields) == 1 && r.unnamed && len(r.cols) == space.Dims() && space.Dims() > 1 {
		var all []surprisal.Column
		for _, c := range r.cols {
			if c.f64 == nil {
				return fmt.Errorf("column %q is text, want numbers", c.name)
			}
			all = append(all, surprisal.Values[float64](c.f64))
		}
		b.Columns = []surprisal.Column{interleave(all, r.rows)}
	} else {
		for _, f := range space.Fields {
			v, err := r.valuesOf(f, cols)
			if err != nil {
				return err
			}
			b.Columns = append(b.Columns, v)
		}
	}
	r.dress(b)
	return b.Validate()
}

// valuesOf returns a field's values from the column of its name or, where it is
// an array, from a column for each of its scalars, as [WriteCSV] writes them.
func (r *raw) valuesOf(f surprisal.Field, cols map[string]*column) (surprisal.Column, error) {
	if c := cols[f.Name]; c != nil && c.size() == f.Size() {
		return c.coded(f)
	}
	scalars := (&surprisal.Space{Fields: []surprisal.Field{f}}).Columns()
	values := make([]surprisal.Column, len(scalars))
	for i, s := range scalars {
		c := cols[s.Name]
		if c == nil || c.size() != 1 {
			return nil, fmt.Errorf("the data has columns %s; want %s with %d values", list(r.columnNames()), f.Name, f.Size())
		}
		var err error
		if values[i], err = c.coded(s); err != nil {
			return nil, err
		}
	}
	return interleave(values, r.rows), nil
}

// coded returns the column's values as the field codes them.
func (c *column) coded(f surprisal.Field) (surprisal.Column, error) {
	switch {
	case c.bytes:
		return encodeBytes(c.u8, f)
	case c.text != nil:
		to, err := categories(c.name, c.text.names, f)
		if err != nil {
			return nil, err
		}
		out := make(surprisal.Values[int32], len(c.text.codes))
		for i, v := range c.text.codes {
			out[i] = to[v]
		}
		return out, nil
	case f.Labels != nil && c.f64 != nil:
		t := texts{}
		for _, v := range c.f64 {
			t.add(formatNumber(v))
		}
		return (&column{name: c.name, text: &t}).coded(f)
	case c.single && f.Kind == surprisal.Grid:
		c.snap(f)
	}
	return c.store(), nil
}

// categories returns the codes that the field gives to the named categories.
func categories(name string, found []string, f surprisal.Field) ([]int32, error) {
	to := make([]int32, len(found))
	for i, n := range found {
		code := slices.Index(f.Labels, n)
		if code < 0 {
			return nil, fmt.Errorf("column %q: %q is none of its %d categories (%s)", name, n, len(f.Labels), list(f.Labels))
		}
		to[i] = int32(code)
	}
	return to, nil
}
