package baseline

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// eachChunk calls work(c, lo, hi) for every chunk [lo, hi) of [0, n) of at most
// size, on all processors. Chunks depend on n and size alone, so that work
// which writes only what belongs to its chunk gives the same bits on any number
// of threads.
func eachChunk(n, size int, work func(c, lo, hi int)) {
	chunks := (n + size - 1) / size
	var next atomic.Int64
	var wg sync.WaitGroup
	claim := func() {
		for {
			c := int(next.Add(1)) - 1
			if c >= chunks {
				return
			}
			work(c, c*size, min(n, (c+1)*size))
		}
	}
	for range min(chunks, runtime.GOMAXPROCS(0)) - 1 {
		wg.Go(claim)
	}
	claim()
	wg.Wait()
}

// chunkSize cuts n events into at most 64 chunks, of at least 512.
func chunkSize(n int) int { return max(512, (n+63)/64) }
