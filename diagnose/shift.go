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
	// Space.Columns, or nil where the two do not factor over columns.
	Columns []float64
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
	// validation event; StdErr is its standard error.
	Extra  float64 `json:"extra"`
	StdErr float64 `json:"std_err"`
	// Seen reports whether that is beyond chance, among all that were tested,
	// and a hundredth of a nat or more.
	Seen bool `json:"seen"`
}

const (
	// suspects is the most columns that are searched by themselves.
	suspects = 8
	// narrower is how much of what it adds, and of its clearness, a part may
	// lose to a second condition: a smaller part is easier to look at.
	narrower = 0.8
	// beam is the number of conditions that pairs are tried with.
	beam = 10
)

// ShiftsOf searches for a part of the test events that costs more than chance
// allows. Validation events are the control: the model was trained on neither,
// so that parts of honest splits cost the same in both, however rare they are
// or badly modelled. On one half of the events it finds, for all nats together
// and for the columns that differ most, the part that differs most; on the other
// half it tests these few, so that searching costs no evidence.
//
// Parts are those of [SlicesOf], and those where two of their conditions hold.
// Every column is also compared over all events.
func ShiftsOf(test, valid Excess, clusters *Clusters) []Shift {
	if test.Events.Len() < 4*leastSlice || valid.Events.Len() < 4*leastSlice {
		return nil
	}
	s := newSearch(test, valid, clusters)
	found := s.columnsOf(test, valid)
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
// columns in which no part was found.
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

// search holds the test events and then the validation events, cut into parts.
type search struct {
	columns       []surprisal.Field
	dividers      *dividers
	parts         [][]uint8 // by way
	nTest, n      int
	factors       bool  // whether there are nats by column
	first, second []int // rows of the half that is searched, and of the one that tests
}

func newSearch(test, valid Excess, clusters *Clusters) *search {
	s := &search{columns: test.Events.Space.Columns(), dividers: dividersOf(test.Events, clusters)}
	s.factors = test.Columns != nil && valid.Columns != nil && len(s.columns) > 1
	s.nTest = test.Events.Len()
	s.n = s.nTest + valid.Events.Len()
	s.parts = s.dividers.parts(test.Events)
	for way, more := range s.dividers.parts(valid.Events) {
		s.parts[way] = append(s.parts[way], more...)
	}
	for i := range s.n {
		if i%2 == 0 {
			s.first = append(s.first, i)
		} else {
			s.second = append(s.second, i)
		}
	}
	return s
}

// together stands for all columns.
const together = -1

// responses are what to search: all nats together, and the columns whose test
// nats are the most above the validation nats in the first half.
func (s *search) responses(test, valid Excess) []int {
	out := []int{together}
	if !s.factors {
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
// for those below it and for infinite ones: what costs little is no fault, and
// would blur what does.
func (s *search) costs(j int, test, valid Excess) []float64 {
	out := make([]float64, s.n)
	read := func(e Excess, i int) float64 {
		if j == together {
			return e.Nats[i]
		}
		return e.Columns[i*len(s.columns)+j]
	}
	mean, n := 0.0, 0
	for i := range valid.Events.Len() {
		if v := read(valid, i); !math.IsInf(v, 0) && !math.IsNaN(v) {
			mean += v
			n++
		}
	}
	mean /= float64(max(n, 1))
	for i := range out {
		e, at := test, i
		if i >= s.nTest {
			e, at = valid, i-s.nTest
		}
		if v := read(e, at) - mean; v > 0 && !math.IsInf(v, 0) {
			out[i] = v
		}
	}
	return out
}

// part is where up to two conditions hold.
type part []condition

type condition struct{ way, part int }

var everything part

func (s *search) holds(p part, i int) bool {
	for _, c := range p {
		if int(s.parts[c.way][i]) != c.part {
			return false
		}
	}
	return true
}

// contrast is the sum of the costs of a part in the test events, less that in
// the validation events, each for one event of the split.
type contrast struct {
	value, square float64
	test, valid   int
}

func (c contrast) z() float64 { return c.value / max(math.Sqrt(c.square), math.SmallestNonzeroFloat64) }

// add takes in an event of costs v, one of n of its split.
func (c *contrast) add(v float64, n int, test bool) {
	v /= float64(n)
	if test {
		c.value += v
		c.test++
	} else {
		c.value -= v
		c.valid++
	}
	c.square += float64(v * v)
}

// sizes are the numbers of test and of validation events among rows.
func (s *search) sizes(rows []int) (test, valid int) {
	for _, i := range rows {
		if i < s.nTest {
			test++
		}
	}
	return test, len(rows) - test
}

func (s *search) size(i, test, valid int) int {
	if i < s.nTest {
		return test
	}
	return valid
}

// sum is the contrast of a part over rows.
func (s *search) sum(costs []float64, rows []int, p part) contrast {
	var c contrast
	test, valid := s.sizes(rows)
	for _, i := range rows {
		if s.holds(p, i) {
			c.add(costs[i], s.size(i, test, valid), i < s.nTest)
		}
	}
	return c
}

// candidate is a part and its contrast over the rows that are searched.
type candidate struct {
	part
	contrast
}

// narrow adds a condition to a part in every way that leaves enough events, and
// returns the clearest few, the clearest first.
func (s *search) narrow(costs []float64, p part, few int) []candidate {
	test, valid := s.sizes(s.first)
	var inside []int
	for _, i := range s.first {
		if s.holds(p, i) {
			inside = append(inside, i)
		}
	}
	var out []candidate
	for way, names := range s.dividers.names {
		sums := make([]contrast, len(names))
		for _, i := range inside {
			if k := s.parts[way][i]; k != none {
				sums[k].add(costs[i], s.size(i, test, valid), i < s.nTest)
			}
		}
		for k, c := range sums {
			if c.test >= leastSlice/2 && c.test+c.valid < len(inside) {
				out = append(out, candidate{append(slices.Clone(p), condition{way, k}), c})
			}
		}
	}
	slices.SortStableFunc(out, func(x, y candidate) int { return cmp.Compare(y.z(), x.z()) })
	return out[:min(few, len(out))]
}

// find returns the clearest part of one condition, or of two where the second
// costs little: pairs begin with any of the clearest few of one.
func (s *search) find(costs []float64) (best candidate, ok bool) {
	ones := s.narrow(costs, everything, beam)
	if len(ones) == 0 {
		return best, false
	}
	best = ones[0]
	var pair candidate
	for _, one := range ones {
		for _, two := range s.narrow(costs, one.part, 1) {
			if two.z() > pair.z() {
				pair = two
			}
		}
	}
	if z := pair.z(); z >= best.z() || z > narrower*best.z() && pair.value > narrower*best.value {
		best = pair
	}
	return best, true
}

// shift finds the part of one response and tests it.
func (s *search) shift(j int, test, valid Excess) (f finding, ok bool) {
	costs := s.costs(j, test, valid)
	best, ok := s.find(costs)
	if !ok {
		return f, false
	}
	p := best.part
	c := s.sum(costs, s.second, p)
	if c.test+c.valid < 2 {
		return f, false
	}
	f = s.finding(j, p, c)
	whole := s.sum(costs, append(slices.Clone(s.first), s.second...), p)
	f.Test, f.Expected = whole.test, float64(whole.valid)*float64(s.nTest)/float64(s.n-s.nTest)
	return f, true
}

// columnsOf compares every column over all events: nothing is searched for.
func (s *search) columnsOf(test, valid Excess) (out []finding) {
	if !s.factors {
		return nil
	}
	rows := append(slices.Clone(s.first), s.second...)
	for j := range s.columns {
		f := s.finding(j, everything, s.sum(s.costs(j, test, valid), rows, everything))
		f.Test, f.Expected = s.nTest, float64(s.nTest)
		out = append(out, f)
	}
	return out
}

func (s *search) finding(j int, p part, c contrast) finding {
	f := finding{chance: below(-c.z(), c.test+c.valid-1)}
	f.Where, f.Extra, f.StdErr = s.name(p), c.value, math.Sqrt(c.square)
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
