package data

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/surprisal-go/surprisal"
)

// Options say how a set is read. The zero value infers everything. All but
// Length, Seed and Space are about tables.
type Options struct {
	// Columns sets the type of columns by name: binary, categorical, count,
	// grid (its step found), grid:STEP, real, or skip to leave a column out.
	Columns map[string]string `json:"columns,omitempty"`
	// Label names the column that becomes Batch.Label; models do not see it.
	Label string `json:"label,omitempty"`
	// Group names the column whose equal values stay in one split.
	Group string `json:"group,omitempty"`
	// TimeColumn names the column (numbers or dates) that orders the events:
	// the last tenth is tested, the tenth before validates.
	TimeColumn string `json:"time_column,omitempty"`
	// Categorical names columns whose values have no order.
	Categorical []string `json:"categorical,omitempty"`
	// DropMissing leaves out rows with a missing value instead of refusing.
	DropMissing bool `json:"drop_missing,omitempty"`
	// Length of the windows that text and bytes are cut into; zero means 64.
	Length int `json:"length,omitempty"`
	// Seed of the splits that the files do not give.
	Seed surprisal.Key `json:"seed,omitempty"`
	// Space that the events must have, as when a trained model scores new
	// rows; columns are found by name. Nil means that it is inferred.
	Space *surprisal.Space `json:"-"`
}

// defaultLength of text windows.
const defaultLength = 64

// columnType is a parsed value of Options.Columns.
type columnType struct {
	kind surprisal.Kind
	step float64 // of a grid, 0: to be found
	skip bool
	set  bool // false: to be inferred
}

func parseColumnType(s string) (columnType, error) {
	if s == "skip" {
		return columnType{skip: true, set: true}, nil
	}
	if step, ok := strings.CutPrefix(s, "grid:"); ok {
		v, err := strconv.ParseFloat(step, 64)
		if err != nil || !(v > 0) || v > 1e300 {
			return columnType{}, fmt.Errorf("grid step %q: want a positive number, as in grid:0.25", step)
		}
		return columnType{kind: surprisal.Grid, step: v, set: true}, nil
	}
	k, err := surprisal.ParseKind(s)
	if err != nil {
		return columnType{}, fmt.Errorf("unknown column type %q: want binary, categorical, count, grid, grid:STEP, real or skip", s)
	}
	return columnType{kind: k, set: true}, nil
}

// columnTypes parses Columns and Categorical.
func (o Options) columnTypes() (map[string]columnType, error) {
	types := map[string]columnType{}
	for name, s := range o.Columns {
		t, err := parseColumnType(s)
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", name, err)
		}
		types[name] = t
	}
	for _, name := range o.Categorical {
		if t, ok := types[name]; ok && t.kind != surprisal.Categorical {
			return nil, fmt.Errorf("column %q is set to %s and to categorical: choose one", name, o.Columns[name])
		}
		types[name] = columnType{kind: surprisal.Categorical, set: true}
	}
	return types, nil
}

// tableOnly returns the first option that speaks of table columns, or "".
func (o Options) tableOnly() string {
	switch {
	case len(o.Columns) > 0:
		return "column types"
	case len(o.Categorical) > 0:
		return "categorical columns"
	case o.Label != "":
		return "a label column"
	case o.Group != "":
		return "a group column"
	case o.TimeColumn != "":
		return "a time column"
	}
	return ""
}

// Validate reports the first fault that shows without the data.
func (o Options) Validate() error {
	if o.Length < 0 {
		return fmt.Errorf("window length %d: want a positive number of symbols", o.Length)
	}
	if o.Group != "" && o.TimeColumn != "" {
		return fmt.Errorf("splits by group (%s) and by time (%s): choose one", o.Group, o.TimeColumn)
	}
	_, err := o.columnTypes()
	return err
}
