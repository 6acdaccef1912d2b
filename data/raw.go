package data

import (
	"fmt"
	"slices"

	"github.com/surprisal-go/surprisal"
)

// column is one column as it was read, before its kind is known. One of u8,
// f64 and text holds its values, row by row.
type column struct {
	name  string
	shape []int // nil: a scalar
	axes  string
	u8    []uint8
	f64   []float64
	text  *texts
	// single: the values were stored in single precision, so that they lie
	// only near the step of their grid.
	single bool
	bytes  bool // u8 holds the bytes of a text, to be coded by the alphabet
	typ    columnType
	field  *surprisal.Field // fixed by the format; nil: to be inferred
}

// size is the number of scalars in a row.
func (c *column) size() int { return surprisal.Field{Shape: c.shape}.Size() }

// append adds the rows of d.
func (c *column) append(d *column) {
	c.u8 = concat(c.u8, d.u8)
	c.f64 = concat(c.f64, d.f64)
}

// concat adds b to a, without copying what is there already if a is empty.
func concat[T any](a, b []T) []T {
	if len(a) == 0 {
		return b
	}
	return append(a, b...)
}

// texts are the cells of a text column as codes into their distinct values.
type texts struct {
	codes  []int32
	names  []string // in order of first appearance
	lookup map[string]int32
}

func (t *texts) add(s string) {
	if t.lookup == nil {
		t.lookup = map[string]int32{}
	}
	c, ok := t.lookup[s]
	if !ok {
		s = string([]byte(s)) // s may be a piece of a whole row
		c = int32(len(t.names))
		t.lookup[s] = c
		t.names = append(t.names, s)
	}
	t.codes = append(t.codes, c)
}

// sorted returns codes into the distinct values in sorted order: by number if
// all are numbers, else by bytes.
func (t *texts) sorted() ([]int32, []string) {
	names := slices.Clone(t.names)
	sortTexts(names)
	rank := make(map[string]int32, len(names))
	for i, n := range names {
		rank[n] = int32(i)
	}
	to := make([]int32, len(names))
	for i, n := range t.names {
		to[i] = rank[n]
	}
	codes := make([]int32, len(t.codes))
	for i, c := range t.codes {
		codes[i] = to[c]
	}
	return codes, names
}

// span is a run of rows that came from one place.
type span struct {
	split  string
	lo, hi int
}

// raw is all that was read: rows in the order of the files.
type raw struct {
	rows    int
	cols    []*column
	unnamed bool // the names of the columns are ours: x0, x1, …
	spans   []span
	label   *texts
	group   *texts
	time    []float64
	inOrder bool // neighbouring rows belong together: text
	sources []Source
	notes   []string
}

func (r *raw) note(format string, args ...any) {
	r.notes = append(r.notes, fmt.Sprintf(format, args...))
}

// block is what one file, or one array of an archive, holds.
type block struct {
	rows    int
	cols    []*column
	label   []string // one a row, or nil
	unnamed bool     // the columns of a matrix without names
}

// append adds a block, which must look like those before it.
func (r *raw) append(b *block, split, path, before string) error {
	if r.cols == nil {
		r.cols, r.unnamed = b.cols, b.unnamed
		if b.label != nil {
			r.label = &texts{}
		}
	} else {
		if len(r.cols) != len(b.cols) {
			return fmt.Errorf("%s has %d columns and %s has %d: want the same in every file", before, len(r.cols), path, len(b.cols))
		}
		for i, c := range r.cols {
			d := b.cols[i]
			if c.name != d.name || !slices.Equal(c.shape, d.shape) {
				return fmt.Errorf("%s holds %q of shape %v and %s holds %q of shape %v: want the same in every file", before, c.name, c.shape, path, d.name, d.shape)
			}
			widen(c, d)
			c.append(d)
			c.single = c.single || d.single
		}
	}
	if (b.label != nil) != (r.label != nil) {
		return fmt.Errorf("one of %s and %s has labels and the other has none", before, path)
	}
	for _, l := range b.label {
		r.label.add(l)
	}
	if n := len(r.spans); n > 0 && r.spans[n-1].split == split {
		r.spans[n-1].hi += b.rows
	} else {
		r.spans = append(r.spans, span{split, r.rows, r.rows + b.rows})
	}
	r.rows += b.rows
	return nil
}

// widen makes two columns use the same storage.
func widen(c, d *column) {
	if (c.u8 == nil) == (d.u8 == nil) {
		return
	}
	for _, x := range []*column{c, d} {
		if x.u8 != nil {
			x.f64, x.u8 = widened(x.u8), nil
		}
	}
}

func widened(b []uint8) []float64 {
	out := make([]float64, len(b))
	for i, v := range b {
		out[i] = float64(v)
	}
	return out
}
