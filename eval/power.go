package eval

import "math"

// EventsFor is about how many events would settle a true difference of delta
// nats an event between the two models: enough that a 95% interval leaves out
// zero four times in five,
//
//	n = (z₀.₉₇₅ + z₀.₈)² · N·SE² / delta²
//
// where N·SE² is the variance of the paired difference, dependence within
// groups included. It is not ok where the standard error is unknown or zero.
func (c Comparison) EventsFor(delta float64) (n int, ok bool) {
	if !(c.StdErr > 0) || !(delta > 0) {
		return 0, false
	}
	const z = 1.959963984540054 + 0.8416212335729143
	r := z * c.StdErr / delta
	events := math.Ceil(r * r * float64(c.N))
	if !(events < 1e15) {
		return 0, false
	}
	return max(2, int(events)), true
}
