package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/data"
	"github.com/surprisal-go/surprisal/internal/digits"
)

// readFlags name the flags of dataFlags.
var readFlags = []string{"column", "categorical", "label", "group", "time-column", "drop-missing", "length"}

// dataFlags say how a set is read.
type dataFlags struct {
	columns []string
	opts    data.Options
}

func (d *dataFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVar(&d.columns, "column", nil, "set a column's type, `NAME=TYPE`: binary, categorical, count, grid, grid:STEP, real, skip (repeatable)")
	f.StringSliceVar(&d.opts.Categorical, "categorical", nil, "`COLUMNS` whose values have no order")
	f.StringVar(&d.opts.Label, "label", "", "`COLUMN` to read results by; models do not see it")
	f.StringVar(&d.opts.Group, "group", "", "`COLUMN` whose equal values stay in one split")
	f.StringVar(&d.opts.TimeColumn, "time-column", "", "`COLUMN` that orders the events: the latest are tested")
	f.BoolVar(&d.opts.DropMissing, "drop-missing", false, "leave out rows with missing values instead of refusing them")
	f.IntVar(&d.opts.Length, "length", 0, "`N` symbols in a window of text or bytes (0: 64)")
}

// options returns what the flags say; splits are drawn by the seed.
func (d *dataFlags) options(seed surprisal.Key) (data.Options, error) {
	o := d.opts
	o.Seed = seed
	for _, c := range d.columns {
		name, kind, ok := strings.Cut(c, "=")
		if !ok || name == "" || kind == "" {
			return o, usagef("--column %s: want NAME=TYPE, as in --column age=count", c)
		}
		if o.Columns == nil {
			o.Columns = map[string]string{}
		}
		o.Columns[name] = kind
	}
	if err := o.Validate(); err != nil {
		return o, usageError{err}
	}
	return o, nil
}

// given reports whether any of the flags was set.
func (d *dataFlags) given(cmd *cobra.Command) bool {
	for _, name := range readFlags {
		if cmd.Flags().Changed(name) {
			return true
		}
	}
	return false
}

// tellSet prints the schema: what a set holds and what was inferred. Long
// lists of like columns are cut.
func (a *app) tellSet(s *data.Set) {
	a.say("%s: %s train, %s valid, %s test events of %s dims, %s", s.Name,
		digits.Count(s.Train.Len()), digits.Count(s.Valid.Len()), digits.Count(s.Test.Len()), digits.Count(s.Space.Dims()), s.Space.Measure())
	for _, line := range schema(s.Space, 24) {
		a.say("  %s", line)
	}
	for _, n := range s.Notes {
		a.say("  note: %s", n)
	}
}

// schema describes the fields, a line each, and folds runs of fields that
// differ in name only where there are more than most lines.
func schema(s *surprisal.Space, most int) []string {
	var lines []string
	for i := 0; i < len(s.Fields); {
		f, j := s.Fields[i], i+1
		for j < len(s.Fields) && len(s.Fields) > most && alike(f, s.Fields[j]) {
			j++
		}
		line := f.String()
		if j-i > 2 {
			g := f
			g.Name = f.Name + " … " + s.Fields[j-1].Name
			line = g.String()
		} else {
			j = i + 1
		}
		lines = append(lines, line)
		i = j
	}
	return lines
}

func alike(a, b surprisal.Field) bool {
	b.Name = a.Name
	return a.String() == b.String()
}
