package data

import (
	"fmt"
	"slices"
	"strings"

	"github.com/surprisal-go/surprisal"
)

// plan says what each column of the tables becomes.
type plan struct {
	opts   Options
	names  []string
	types  []columnType
	text   []bool // the column's cells are text
	use    []bool // the column is read: as part of the event or of label, group, time
	label  int    // column numbers, −1 for none
	group  int
	time   int
	first  []firstText
	counts []struct{ numbers, texts int }
	// dropped counts the rows left out for a missing value.
	dropped int
}

// firstText is where a column's first cell that is no number stands.
type firstText struct {
	path string
	line int
	cell string
}

func newPlan(t *table, opts Options) (*plan, error) {
	n := t.width
	p := &plan{opts: opts, names: t.names(), types: make([]columnType, n), text: make([]bool, n), use: make([]bool, n),
		first: make([]firstText, n), counts: make([]struct{ numbers, texts int }, n)}
	types, err := opts.columnTypes()
	if err != nil {
		return nil, err
	}
	p.label, p.group, p.time = slices.Index(p.names, opts.Label), slices.Index(p.names, opts.Group), slices.Index(p.names, opts.TimeColumn)
	known := map[string]bool{}
	for j, name := range p.names {
		known[name] = true
		p.types[j] = types[name]
		p.use[j] = !p.types[j].skip
	}
	if opts.Space != nil {
		if err := p.follow(opts.Space, t.header != nil); err != nil {
			return nil, err
		}
	}
	for _, j := range []int{p.label, p.group, p.time} {
		if j < 0 {
			continue
		}
		if p.types[j].set {
			return nil, fmt.Errorf("column %q has a type and is used as label, group or time: choose one", p.names[j])
		}
		p.use[j] = true
	}
	if opts.Space != nil {
		return p, nil // new rows may lack the label, the group and what was skipped
	}
	return p, checkNames(known, p.names, types, opts)
}

// follow takes the types of columns from a space and leaves out the columns
// that it does not have.
func (p *plan) follow(space *surprisal.Space, named bool) error {
	if !named && slices.ContainsFunc(space.Fields, func(f surprisal.Field) bool { return f.Shape != nil }) {
		return nil // an unnamed matrix: all columns
	}
	fields := map[string]surprisal.Field{}
	for _, f := range space.Columns() {
		fields[f.Name] = f
	}
	found := false
	for j, name := range p.names {
		f, ok := fields[name]
		p.use[j] = ok
		p.types[j] = columnType{}
		if ok && f.Labels != nil {
			p.types[j] = columnType{kind: surprisal.Categorical, set: true}
		}
		found = found || ok
	}
	if !found {
		return fmt.Errorf("none of its columns (%s) is one of those wanted (%s)", list(p.names), list(fieldNames(space.Columns())))
	}
	return nil
}

func fieldNames(fields []surprisal.Field) []string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return names
}

// checkNames reports options that speak of columns which are not there.
func checkNames(known map[string]bool, names []string, types map[string]columnType, opts Options) error {
	asked := append(sortedKeys(types), opts.Label, opts.Group, opts.TimeColumn)
	for _, name := range asked {
		if name != "" && !known[name] {
			return fmt.Errorf("there is no column %q: the columns are %s", name, list(names))
		}
	}
	return nil
}

// numeric reports whether column j may be read as numbers.
func (p *plan) numeric(j int) bool {
	return j != p.label && j != p.group && j != p.time && !(p.types[j].set && p.types[j].kind == surprisal.Categorical)
}

// inspect counts numbers and texts, and refuses missing values.
func (p *plan) inspect(t *table) error {
	return t.each(func(line int, cells []string) error {
		if j := p.missing(cells); j >= 0 {
			if p.opts.DropMissing {
				p.dropped++
				return nil
			}
			return p.missingValue(t, line, j, cells[j])
		}
		for j, c := range cells {
			if !p.use[j] || !p.numeric(j) {
				continue
			}
			if _, ok := parseNumber(c); ok {
				p.counts[j].numbers++
				continue
			}
			if p.counts[j].texts == 0 {
				p.first[j] = firstText{t.file.path, line, strings.Clone(c)}
			}
			p.counts[j].texts++
		}
		return nil
	})
}

func (p *plan) missingValue(t *table, line, j int, cell string) error {
	return fmt.Errorf("reading %s: line %d, column %q: the value %q is missing; fill it in or drop such rows (--drop-missing)", t.file.path, line, p.names[j], cell)
}

// missing returns the first column whose cell is missing, or −1.
func (p *plan) missing(cells []string) int {
	for j, c := range cells {
		if p.use[j] && isMissing(c) {
			return j
		}
	}
	return -1
}

// decide settles which columns are text: those told so, and those with more
// texts than numbers.
func (p *plan) decide() error {
	for j, c := range p.counts {
		if !p.numeric(j) {
			p.text[j] = true
			continue
		}
		p.text[j] = c.texts > c.numbers
		if c.texts == 0 || p.text[j] && (!p.types[j].set || p.types[j].kind == surprisal.Binary) {
			continue
		}
		return p.notNumber(j, p.first[j])
	}
	return nil
}

func (p *plan) notNumber(j int, f firstText) error {
	hint := fmt.Sprintf("mend it, or say that the column is categorical (--column %s=categorical)", p.names[j])
	if isDecimalComma(f.cell) {
		hint = "write decimals with a point, not a comma"
	}
	return fmt.Errorf("reading %s: line %d, column %q: %q is no number; %s", f.path, f.line, p.names[j], f.cell, hint)
}
