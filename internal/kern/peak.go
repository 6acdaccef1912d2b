package kern

import "time"

// Peak measures what products are held against: how many float32 operations a
// second one core makes at most with the set's fused multiply-adds, each
// counted as two, when the operands stay in registers. It takes about 10 ms.
// Where the set has no such loop, as the portable one, it is 0.
func (k *Impl) Peak() float64 {
	if k.fma == nil {
		return 0
	}
	best := 0.0
	for range 10 { // of which the undisturbed one counts
		start := time.Now()
		operations := k.fma(peakTurns)
		best = max(best, operations/time.Since(start).Seconds())
	}
	return best
}

// peakTurns of the loop take about a millisecond.
const peakTurns = 500_000
