package main

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/surprisal-go/surprisal/bench"
	"github.com/surprisal-go/surprisal/internal/kern"
)

// rate is what we make of the machine in the fastest chunk of steps, in 10⁹
// float32 operations a second.
type rate struct {
	GFlops float64 `json:"gflops_best"`
	// Peak of the threads at once, measured after our turns.
	Peak float64 `json:"gflops_peak,omitempty"`
}

// newRate returns nil for a work whose operations are not counted.
func newRate(flops float64, turns []bench.Pace, threads int) *rate {
	if flops == 0 {
		return nil
	}
	best := math.Inf(1)
	for _, p := range turns {
		best = min(best, p.Best)
	}
	return &rate{GFlops: flops / best / 1e9, Peak: peak(threads) / 1e9}
}

// peak is the sum over threads that run at once, so that processors which
// share a core do not count twice.
func peak(threads int) float64 {
	each := make([]float64, threads)
	var running sync.WaitGroup
	for i := range each {
		running.Go(func() { each[i] = kern.Default.Peak() })
	}
	running.Wait()
	total := 0.0
	for _, p := range each {
		total += p
	}
	return total
}

// rateHeader names the columns that [rate.String] fills, if a work has them.
func rateHeader(works []bench.Work) string {
	if !slices.ContainsFunc(works, bench.Work.IsProduct) {
		return ""
	}
	return fmt.Sprintf(rateColumns, "gflops_best", "of_peak")
}

const rateColumns = " %11s %7s"

// String is the rate and its share of the peak.
func (r *rate) String() string {
	switch {
	case r == nil:
		return ""
	case r.Peak == 0:
		return fmt.Sprintf(rateColumns, fmt.Sprintf("%.1f", r.GFlops), "-")
	}
	return fmt.Sprintf(rateColumns, fmt.Sprintf("%.1f", r.GFlops), fmt.Sprintf("%.0f%%", 100*r.GFlops/r.Peak))
}
