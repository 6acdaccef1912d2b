package eval

import (
	"math"
	"slices"
)

// sample is a number of values with the weights and groups of their events;
// nil weights are 1, nil groups are one for each event. Ordered events without
// groups are taken in blocks of neighbours.
type sample struct {
	x, w    []float64
	group   []int32
	ordered bool
}

// sample are values of the events of s.
func (s Scores) sample(x []float64) sample { return sample{x, s.Weight, s.Group, s.Ordered} }

// finite returns the values that count: those that are finite and have a
// positive weight. Where all do, it copies nothing.
func (s sample) finite() sample {
	if !slices.ContainsFunc(s.x, isInf) && !slices.Contains(s.w, 0) {
		return s
	}
	out := sample{ordered: s.ordered}
	for i, x := range s.x {
		if isInf(x) || s.w != nil && s.w[i] == 0 {
			continue
		}
		out.x = append(out.x, x)
		if s.w != nil {
			out.w = append(out.w, s.w[i])
		}
		if s.group != nil {
			out.group = append(out.group, s.group[i])
		}
	}
	return out
}

func isInf(x float64) bool { return math.IsInf(x, 0) }

func (s sample) weight(i int) float64 {
	if s.w == nil {
		return 1
	}
	return s.w[i]
}

// mean is an average and its standard error.
type mean struct {
	value, stdErr float64 // NaN where the sample is too small
	// clusters are the groups of events that are independent of each other.
	clusters clusters
	of       unit
	block    int // events in a block, where clusters are blocks
}

// unit is what a cluster is.
type unit uint8

const (
	events unit = iota
	groups
	blocks
)

// Fewer events, groups or blocks than these make a standard error uncertain.
const (
	leastEvents = 30
	leastGroups = 20
)

func (u unit) String() string { return [...]string{"events", "groups", "blocks"}[u] }

func meanOf(s sample) mean {
	m := mean{value: average(s)}
	switch {
	case s.group != nil:
		m.of = groups
	case s.ordered:
		m.of, m.block = blocks, blockLength(s, m.value)
		s.group = blockGroups(len(s.x), m.block)
	}
	m.clusters = clustersOf(s, m.value)
	m.stdErr = m.clusters.stdErr()
	return m
}

// average is the weighted mean, NaN for an empty sample.
func average(s sample) float64 {
	var sum, weight exactSum
	for i, x := range s.x {
		w := s.weight(i)
		sum.add(float64(w * x))
		weight.add(w)
	}
	return sum.value() / weight.value()
}
