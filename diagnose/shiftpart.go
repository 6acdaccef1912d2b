package diagnose

import (
	"cmp"
	"math"
	"slices"

	"github.com/surprisal-go/surprisal"
)

const (
	// narrower is how much of what it adds, and of its clearness, a part may
	// lose to a second condition: a smaller part is easier to look at.
	narrower = 0.8
	// beam is the number of conditions that pairs are tried with.
	beam = 10
)

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
