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
// positive weight.
func (s sample) finite() sample {
	out := sample{ordered: s.ordered}
	for i, x := range s.x {
		if math.IsInf(x, 0) || s.w != nil && s.w[i] == 0 {
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
	clusters []cluster
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

// cluster holds the sums over a group of w·(x − mean) and of w.
type cluster struct{ residual, weight float64 }

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
	m.stdErr = stdErr(m.clusters)
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

// clustersOf returns the clusters in the order in which they first occur.
func clustersOf(s sample, mean float64) []cluster {
	if s.group == nil {
		out := make([]cluster, len(s.x))
		for i, x := range s.x {
			w := s.weight(i)
			out[i] = cluster{residual: w * (x - mean), weight: w}
		}
		return out
	}
	index := map[int32]int{}
	var sums []struct{ residual, weight exactSum }
	for i, x := range s.x {
		g, ok := index[s.group[i]]
		if !ok {
			g = len(sums)
			index[s.group[i]] = g
			sums = append(sums, struct{ residual, weight exactSum }{})
		}
		w := s.weight(i)
		sums[g].residual.add(float64(w * (x - mean)))
		sums[g].weight.add(w)
	}
	out := make([]cluster, len(sums))
	for g := range sums {
		out[g] = cluster{sums[g].residual.value(), sums[g].weight.value()}
	}
	return out
}

// stdErr is the square root of the variance in the package comment.
func stdErr(cs []cluster) float64 {
	if len(cs) < 2 {
		return math.NaN()
	}
	var square, weight exactSum
	for _, c := range cs {
		square.add(float64(c.residual * c.residual))
		weight.add(c.weight)
	}
	g := float64(len(cs))
	return math.Sqrt(g/(g-1)*square.value()) / weight.value()
}

// heavyShare is the share of the variance above which the largest hundredth of
// the clusters makes tails heavy. It is 0.08 for a normal distribution, 0.2 for
// an exponential one and about 0.4 for Student's t with 3 degrees of freedom.
const heavyShare = 0.5

// topShare is the share of the variance that comes from the largest hundredth
// of the clusters, rounded up.
func topShare(cs []cluster) float64 {
	squares := make([]float64, len(cs))
	var all, top exactSum
	for i, c := range cs {
		squares[i] = c.residual * c.residual
		all.add(squares[i])
	}
	if all.value() == 0 {
		return 0
	}
	slices.Sort(squares)
	for _, s := range squares[len(squares)-(len(squares)+99)/100:] {
		top.add(s)
	}
	return top.value() / all.value()
}

// heavy reports whether tails are heavy. Below 100 clusters a hundredth of them
// says nothing.
func heavy(cs []cluster) bool { return len(cs) >= 100 && topShare(cs) > heavyShare }
