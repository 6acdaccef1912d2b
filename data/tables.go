package data

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// readTables reads tables of the same columns in two passes: the first finds
// which columns are text, the second fills them.
func readTables(files []file, opts Options) (*raw, error) {
	tables := make([]*table, len(files))
	for i := range files {
		t, err := openTable(&files[i])
		if err != nil {
			return nil, err
		}
		tables[i] = t
		if err := sameColumns(tables[0], t); err != nil {
			return nil, err
		}
	}
	p, err := newPlan(tables[0], opts)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", files[0].path, err)
	}
	for _, t := range tables {
		if err := p.inspect(t); err != nil {
			return nil, err
		}
	}
	if err := p.decide(); err != nil {
		return nil, err
	}
	r := p.newRaw(tables[0].header == nil)
	for _, t := range tables {
		if err := p.fill(r, t); err != nil {
			return nil, err
		}
	}
	if p.dropped > 0 {
		r.note("%d rows with a missing value are left out", p.dropped)
	}
	return r, nil
}

func sameColumns(a, b *table) error {
	if (a.header == nil) != (b.header == nil) {
		return fmt.Errorf("one of %s and %s has a header and the other has none", a.file.path, b.file.path)
	}
	if x, y := a.names(), b.names(); !slices.Equal(x, y) {
		return fmt.Errorf("%s has columns %s and %s has %s: want the same in every file", a.file.path, list(x), b.file.path, list(y))
	}
	return nil
}

// list names at most eight of the names.
func list(names []string) string {
	if len(names) > 8 {
		return strings.Join(names[:8], ", ") + fmt.Sprintf(", … (%d)", len(names))
	}
	return strings.Join(names, ", ")
}

func (p *plan) newRaw(unnamed bool) *raw {
	r := &raw{unnamed: unnamed}
	for j, name := range p.names {
		if !p.use[j] || j == p.label || j == p.group || j == p.time {
			continue
		}
		c := &column{name: name, typ: p.types[j]}
		if p.text[j] {
			c.text = &texts{}
		}
		r.cols = append(r.cols, c)
	}
	if p.label >= 0 {
		r.label = &texts{}
	}
	if p.group >= 0 {
		r.group = &texts{}
		r.note("column %q groups the events for the splits and is not modelled", p.names[p.group])
	}
	if p.time >= 0 {
		r.note("column %q orders the events in time for the splits and is not modelled", p.names[p.time])
	}
	return r
}

// fill adds the rows of a table.
func (p *plan) fill(r *raw, t *table) error {
	lo := r.rows
	err := t.each(func(line int, cells []string) error {
		if p.opts.DropMissing && p.missing(cells) >= 0 {
			return nil
		}
		return p.addRow(r, t, line, cells)
	})
	if r.rows > lo {
		r.spans = append(r.spans, span{t.file.split, lo, r.rows})
	}
	return err
}

func (p *plan) addRow(r *raw, t *table, line int, cells []string) error {
	r.rows++
	at := 0
	for j, c := range cells {
		switch {
		case j == p.label:
			r.label.add(c)
		case j == p.group:
			r.group.add(c)
		case j == p.time:
			when, err := parseTime(c)
			if err != nil {
				return fmt.Errorf("reading %s: line %d, column %q: %w", t.file.path, line, p.names[j], err)
			}
			r.time = append(r.time, when)
		case !p.use[j]:
		default:
			if !r.cols[at].add(c) {
				return p.notNumber(j, firstText{t.file.path, line, strings.Clone(c)})
			}
			at++
		}
	}
	return nil
}

// add appends a cell and reports whether the column can hold it.
func (c *column) add(cell string) bool {
	if c.text != nil {
		c.text.add(cell)
		return true
	}
	v, ok := parseNumber(cell)
	c.f64 = append(c.f64, v)
	return ok
}

// timeLayouts are the dates that a time column may hold beside plain numbers.
var timeLayouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02", "2006/01/02", "2006-01"}

// parseTime returns a number that grows with time.
func parseTime(s string) (float64, error) {
	if v, ok := parseNumber(s); ok {
		return v, nil
	}
	for _, l := range timeLayouts {
		if t, err := time.Parse(l, s); err == nil {
			return float64(t.Unix()) + float64(t.Nanosecond())/1e9, nil
		}
	}
	return 0, fmt.Errorf("%q is no time: want a number or a date such as 2006-01-02 or 2006-01-02 15:04:05", s)
}
