package cpu

import (
	"math"
	"testing"
)

// SteadyAllocs is the least number of allocations in one of ten runs. A worker
// still allocates when it meets its first large piece, which may be at any run,
// and so does the runtime itself; what every run allocates is in all ten.
func SteadyAllocs(run func()) float64 {
	least := math.Inf(1)
	for range 10 {
		if least = min(least, testing.AllocsPerRun(1, run)); least == 0 {
			break
		}
	}
	return least
}
