package feed

import (
	"runtime"
	"sync"
)

// Grain is the number of scalars from which on it pays to prepare a part of a
// batch on a goroutine of its own: about a quarter of a millisecond.
const Grain = 1 << 18

// Split calls do on ranges that cover 0 … n−1, at the same time, and returns
// the error of the first range that has one: if do stops at the first fault of
// its range, that is the first fault of all.
func Split(n int, do func(lo, hi int) error) error {
	parts := max(1, min(n, runtime.GOMAXPROCS(0)))
	errs := make([]error, parts)
	var wg sync.WaitGroup
	for i := range parts {
		wg.Go(func() { errs[i] = do(n*i/parts, n*(i+1)/parts) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
