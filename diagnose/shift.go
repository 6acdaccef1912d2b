package diagnose

import (
	"cmp"
	"math"
	"slices"

	"github.com/surprisal-go/surprisal"
)

// Excess is what a model costs over a baseline on some events.
type Excess struct {
	Events *surprisal.Batch
	// Nats is nats(model) − nats(baseline) of every event (N).
	Nats []float64
	// Columns is the same of every column (N × D), in the order of
	// Space.Columns; see [ColumnCosts] for models that do not factor over them.
	// It is NaN for events of which it is not known, and nil where it is of none.
	Columns []float64
	// Units number what is independent of each other (N), as in [Scored].
	Units []int32
}

// Enough reports whether the events can be searched for shifts: at least 80, in
// ten groups or blocks.
func (e Excess) Enough() bool {
	_, ends := byUnit(e.Units, e.Events.Len())
	return e.Events.Len() >= 4*leastSlice && len(ends) >= leastUnits
}

// Shift is a part of the test events that costs more than the same part of the
// validation events.
type Shift struct {
	// Of is the column whose nats were looked at, or empty for all together.
	Of string `json:"of,omitempty"`
	// Where says what marks the part out, by one condition or two; empty is all
	// events.
	Where string `json:"where"`
	// Test events that fulfil it and how many would if they were like the
	// validation events.
	Test     int     `json:"test"`
	Expected float64 `json:"expected"`
	// Extra is what they add to the mean nats of a test event, counted above
	// the mean of all validation events, over what the part adds to that of a
	// validation event; StdErr is its standard error, of events or of groups or
	// blocks of them.
	Extra  float64 `json:"extra"`
	StdErr float64 `json:"stderr"`
	// Seen reports whether that is beyond chance, among all that were tested,
	// and a hundredth of a nat or more.
	Seen bool `json:"seen"`
}

const (
	// suspects is the most columns that are searched by themselves.
	suspects = 8
	// strict is how many times clearer the difference of all nats over all
	// events must be: validation has chosen the weights, for which it costs a
	// little less than fresh events.
	strict = 10
)

// ShiftsOf searches for a part of the test events that costs more than chance
// allows. Validation events are the control: the model was trained on neither,
// so that parts of honest splits cost the same in both, however rare they are
// or badly modelled. On one half of the events it finds, for all nats together
// and for the columns that differ most, the part that differs most; on the other
// half it tests these few, so that searching costs no evidence.
//
// Parts are those of [SlicesOf], and those where two of their conditions hold.
// All nats, and every column, are also compared over all events. Groups of
// events, and blocks of ordered ones, stay together in a half, and errors are of
// them. Where either split is not [Excess.Enough] it finds nothing, and of one
// long text it looks at all nats together only.
func ShiftsOf(test, valid Excess, clusters *Clusters) []Shift {
	if !test.Enough() || !valid.Enough() {
		return nil
	}
	s := newSearch(test, valid, clusters)
	found := s.overall(test, valid)
	for _, j := range s.responses(test, valid) {
		if f, ok := s.shift(j, test, valid); ok {
			found = append(found, f)
		}
	}
	return verified(found)
}

// finding is a shift and the chance of a contrast as clear as that.
type finding struct {
	Shift
	chance float64
}

// verified marks what holds together. Parts come first, the clearest first, then
// columns in which no part was found, or all of them where nothing was.
func verified(found []finding) []Shift {
	p := make([]float64, len(found))
	for i, f := range found {
		p[i] = f.chance
	}
	named := map[string]bool{}
	for _, i := range holm(p) {
		f := &found[i]
		f.Seen = f.Extra > trifle
		named[f.Of] = named[f.Of] || f.Seen && f.Where != ""
		named[""] = named[""] || f.Seen && f.Of != "" // what columns cost, all cost
	}
	slices.SortStableFunc(found, func(a, b finding) int {
		switch {
		case a.Where != "" && b.Where == "":
			return -1
		case a.Where == "" && b.Where != "":
			return 1
		}
		return cmp.Compare(a.chance, b.chance)
	})
	var out []Shift
	for _, f := range found {
		if f.Where != "" || f.Seen && !named[f.Of] {
			out = append(out, f.Shift)
		}
	}
	return out
}

// together stands for all columns.
const together = -1

// responses are what to search: all nats together, and the columns whose test
// nats are the most above the validation nats in the first half.
func (s *search) responses(test, valid Excess) []int {
	out := []int{together}
	if !s.byColumn {
		return out
	}
	z := make([]float64, len(s.columns))
	order := make([]int, len(z))
	for j := range z {
		z[j], order[j] = s.sum(s.costs(j, test, valid), s.first, everything).z(), j
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(z[j], z[i]) })
	return append(out, order[:min(suspects, len(order))]...)
}

// costs are the nats of each event above the mean of the validation events, 0
// for those below it: what costs little is no fault, and would blur what does.
// They are NaN where they are not known, or infinite.
func (s *search) costs(j int, test, valid Excess) []float64 {
	out := make([]float64, s.events[inTest]+s.events[inValid])
	read := func(e Excess, i int) float64 {
		v := math.NaN()
		if j == together {
			v = e.Nats[i]
		} else if e.Columns != nil {
			v = e.Columns[i*len(s.columns)+j]
		}
		if math.IsInf(v, 0) {
			return math.NaN()
		}
		return v
	}
	mean, n := 0.0, 0
	for i := range valid.Events.Len() {
		if v := read(valid, i); !math.IsNaN(v) {
			mean += v
			n++
		}
	}
	mean /= float64(max(n, 1))
	for i := range out {
		e, at := test, i
		if i >= s.events[inTest] {
			e, at = valid, i-s.events[inTest]
		}
		if v := read(e, at) - mean; v > 0 || math.IsNaN(v) {
			out[i] = v
		}
	}
	return out
}

// shift finds the part of one response and tests it.
func (s *search) shift(j int, test, valid Excess) (f finding, ok bool) {
	costs := s.costs(j, test, valid)
	best, ok := s.find(costs)
	if !ok {
		return f, false
	}
	c := s.sum(costs, s.second, best.part)
	if c[inTest].inside+c[inValid].inside < 2 {
		return f, false
	}
	f = s.finding(j, best.part, c)
	whole := s.sum(costs, s.all, best.part)
	f.Test = whole[inTest].events
	f.Expected = float64(whole[inValid].events) * whole[inTest].n / whole[inValid].n
	return f, true
}

// overall compares all nats, and every column, over all events: nothing is
// searched for.
func (s *search) overall(test, valid Excess) (out []finding) {
	for j := together; j < len(s.columns); j++ {
		if j != together && !s.byColumn {
			break
		}
		c := s.sum(s.costs(j, test, valid), s.all, everything)
		f := s.finding(j, everything, c)
		f.Test, f.Expected = c[inTest].events, c[inTest].n
		if j == together {
			f.chance = min(1, strict*f.chance)
		}
		out = append(out, f)
	}
	return out
}

func (s *search) finding(j int, p part, c contrast) finding {
	f := finding{chance: below(-c.z(), c[inTest].inside+c[inValid].inside-1)}
	f.Where, f.Extra, f.StdErr = s.name(p), c.value(), math.Sqrt(c.variance())
	if j != together {
		f.Of = s.columns[j].Name
	}
	return f
}

func (s *search) name(p part) string {
	name := ""
	for i, c := range p {
		if i > 0 {
			name += " and "
		}
		name += s.dividers.names[c.way][c.part]
	}
	return name
}
