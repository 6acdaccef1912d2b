package eval

import (
	"math"
	"slices"
)

// cluster holds the sums over a group of w·(x − mean) and of w.
type cluster struct{ residual, weight float64 }

// clusters of a sample. Where each event is one of its own they are computed
// when asked for, so that ten million of them need no memory.
type clusters struct {
	s    sample
	mean float64
	sums []cluster // of groups; nil where each event is a cluster
}

// clustersOf returns the clusters in the order in which they first occur.
func clustersOf(s sample, mean float64) clusters {
	if s.group == nil {
		return clusters{s: s, mean: mean}
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
	return clusters{sums: out}
}

func (c clusters) len() int { return len(c.sums) + len(c.s.x) }

func (c clusters) at(i int) cluster {
	if c.sums != nil {
		return c.sums[i]
	}
	w := c.s.weight(i)
	return cluster{residual: w * (c.s.x[i] - c.mean), weight: w}
}

// list computes all of them.
func (c clusters) list() []cluster {
	out := make([]cluster, c.len())
	for i := range out {
		out[i] = c.at(i)
	}
	return out
}

// stdErr is the square root of the variance in the package comment.
func (c clusters) stdErr() float64 {
	n := c.len()
	if n < 2 {
		return math.NaN()
	}
	var square, weight exactSum
	for i := range n {
		one := c.at(i)
		square.add(float64(one.residual * one.residual))
		weight.add(one.weight)
	}
	g := float64(n)
	return math.Sqrt(g/(g-1)*square.value()) / weight.value()
}

// heavyShare is the share of the variance above which the largest hundredth of
// n clusters makes tails heavy. From 100 on it is a half: the share is 0.08 for a
// normal distribution, 0.2 for an exponential one and about 0.4 for Student's t
// with 3 degrees of freedom. Below, it is that of the largest alone, which is
// large by chance in few: half a squared normal passes ½ + 8/n in at most 3% of
// sets of 20 to 99.
func heavyShare(n int) float64 {
	if n >= 100 {
		return 0.5
	}
	return 0.5 + 8/float64(n)
}

// topShare is the share of the variance that comes from the largest hundredth
// of the clusters, rounded up.
func (c clusters) topShare() float64 {
	n := c.len()
	most := largest{keep: (n + 99) / 100}
	var all, top exactSum
	for i := range n {
		r := c.at(i).residual
		square := float64(r * r)
		all.add(square)
		most.add(square)
	}
	if all.value() == 0 {
		return 0
	}
	for _, s := range most.values() {
		top.add(s)
	}
	return top.value() / all.value()
}

// heavy reports whether tails are heavy. Below 20 clusters none are: in so few
// the largest always has much of the variance.
func (c clusters) heavy() bool { n := c.len(); return n >= 20 && c.topShare() > heavyShare(n) }

// largest keeps the greatest of the numbers it is given, of equals any.
type largest struct {
	keep  int
	some  []float64 // the greatest are among them
	floor float64   // once there are enough, none below it counts
}

func (l *largest) add(x float64) {
	if len(l.some) >= l.keep && x <= l.floor {
		return
	}
	if l.some = append(l.some, x); len(l.some) == 2*l.keep {
		l.some = l.some[:copy(l.some, l.values())]
		l.floor = l.some[0]
	}
}

// values are the numbers that are kept, ascending.
func (l *largest) values() []float64 {
	slices.Sort(l.some)
	return l.some[max(0, len(l.some)-l.keep):]
}
