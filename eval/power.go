package eval

import (
	"math"
	"sort"

	"gonum.org/v1/gonum/stat/distuv"
)

// power is the chance with which a difference is to be settled.
const power = 0.8

// Need is how many test events would settle a difference.
type Need struct {
	// Events are about so many as stand in Clusters of Unit: events, groups or
	// blocks, of the size of those at hand.
	Events   int    `json:"events"`
	Clusters int    `json:"clusters"`
	Unit     string `json:"unit"`
}

// EventsFor is about how many events would settle a true difference of delta
// nats an event between the two models: enough that a 95% interval leaves out
// zero four times in five. In clusters, which are what is independent, that is
// the least n with
//
//	n ≥ (t₀.₉₇₅ + t₀.₈)² · G·SE² / delta²
//
// for Student's quantiles with n−1 degrees of freedom, where G·SE² is the
// variance of one of the G clusters at hand; and never fewer than make a
// standard error certain: 30 events, 20 groups or blocks. It is not ok where the
// standard error is unknown or zero.
func (c Comparison) EventsFor(delta float64) (need Need, ok bool) {
	if !(c.StdErr > 0) || !(delta > 0) || c.Clusters < 2 {
		return need, false
	}
	r := c.StdErr / delta
	variance := r * r * float64(c.Clusters)
	least := leastEvents
	if c.Unit != events.String() {
		least = leastGroups
	}
	enough := func(n int) bool { return settling(n)*settling(n)*variance <= float64(n) }
	most := math.Ceil(settling(least)*settling(least)*variance) + 1
	if !(most < 1e15) {
		return need, false
	}
	n := least + sort.Search(max(0, int(most)-least), func(i int) bool { return enough(least + i) })
	size := max(1, float64(c.N)/float64(c.Clusters))
	return Need{int(math.Ceil(float64(n) * size)), n, c.Unit}, true
}

// settling is how many standard errors of n clusters a difference must measure.
func settling(n int) float64 {
	if n > 1e6 { // where Student's is normal to six digits
		return distuv.UnitNormal.Quantile(1-level/2) + distuv.UnitNormal.Quantile(power)
	}
	t := distuv.StudentsT{Sigma: 1, Nu: float64(n - 1)}
	return t.Quantile(1-level/2) + t.Quantile(power)
}

// mostSeeds are more than anyone trains.
const mostSeeds = 1000

// SeedsFor is about how many trainings of each family would settle a true
// difference of delta nats an event, on the events at hand: enough that the
// interval leaves out zero four times in five, if seeds spread as those at hand
// do. It is not ok where that is unknown, or where no number of seeds is enough,
// because the events are too few: see [FamilyComparison.EventStdErr].
func (f FamilyComparison) SeedsFor(delta float64) (seeds int, ok bool) {
	if f.parts == nil {
		return 0, false
	}
	enough := func(s int) bool {
		n := float64(s)
		parts := []part{
			{f.parts[0].variance * float64(f.SeedsA) / n, n - 1},
			{f.parts[1].variance * float64(f.SeedsB) / n, n - 1},
			f.parts[2],
		}
		sd := math.Sqrt(parts[0].variance + parts[1].variance + parts[2].variance)
		return half(parts, level)+float64(distuv.UnitNormal.Quantile(power)*sd) <= delta
	}
	s := 2 + sort.Search(mostSeeds-1, func(i int) bool { return enough(2 + i) })
	return s, s <= mostSeeds
}
