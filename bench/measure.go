package bench

import (
	"slices"
	"time"
)

// Pace is how fast a work ran in one turn.
type Pace struct {
	// Seconds a step: the median over chunks of steps.
	Seconds float64 `json:"seconds"`
	// Best is the fastest chunk: what others on the machine disturb least.
	Best float64 `json:"best"`
	// Steps that were timed.
	Steps int `json:"steps"`
	// Nats of the last step.
	Nats float64 `json:"nats"`
}

// chunk is the least time to be read off the clock: what is shorter is timed
// several steps together.
const chunk = 5 * time.Millisecond

// Measure repeats the work for about the given time. Warming up is the
// caller's: steps before it.
func (r *Run) Measure(d time.Duration) (Pace, error) {
	var p Pace
	var times []float64
	size := 1
	for begin := time.Now(); time.Since(begin) < d || len(times) < 3; {
		start := time.Now()
		for range size {
			nats, err := r.Step()
			if err != nil {
				return Pace{}, err
			}
			p.Nats = nats
		}
		took := time.Since(start)
		if len(times) == 0 && took < chunk && time.Since(begin) < d {
			size *= 2 // not counted: still finding the size
			continue
		}
		times = append(times, took.Seconds()/float64(size))
		p.Steps += size
	}
	p.Seconds, p.Best = Median(times), slices.Min(times)
	return p, nil
}

// Median of at least one value.
func Median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	n := len(v)
	return (v[(n-1)/2] + v[n/2]) / 2
}
