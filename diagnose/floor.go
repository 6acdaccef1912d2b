package diagnose

import (
	"encoding/binary"
	"math"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/fmath"
)

// Floor is the least mean nats that any model of masses can reach on the very
// events that it was trained on.
type Floor struct {
	// Nats is the empirical entropy ln N − (1/N) Σ c·ln c over the distinct
	// events, of which event v stands c times among N: ln N where all differ.
	// Of events with context it is that of pairs less that of contexts, the
	// empirical H(y | x): 0 where all contexts differ.
	Nats float64 `json:"nats"`
	// Events is N, Distinct the number of distinct ones, or of distinct pairs.
	Events   int `json:"events"`
	Distinct int `json:"distinct"`
}

// FloorOf returns the floor of events. It is not ok where there is none: for
// densities, which may put any mass on a point, for less than two events, and
// for the windows of one long text, which are no events of their own.
func FloorOf(b *surprisal.Batch) (f Floor, ok bool) {
	if b.Space.Measure() != surprisal.Mass || b.Len() < 2 || OneText(b) {
		return Floor{}, false
	}
	f.Events = b.Len()
	if b.Context == nil {
		counts := map[string]int{}
		each(b, func(_ int, key []byte) { counts[string(key)]++ })
		f.Nats, f.Distinct = entropy(counts, f.Events), len(counts)
		return f, true
	}
	given := make([]string, b.Len())
	each(b.Context, func(i int, key []byte) { given[i] = string(key) })
	contexts, pairs := map[string]int{}, map[string]int{}
	each(b, func(i int, key []byte) {
		contexts[given[i]]++
		pairs[given[i]+string(key)]++ // contexts of one space are of one size
	})
	f.Nats, f.Distinct = max(0, entropy(pairs, f.Events)-entropy(contexts, f.Events)), len(pairs)
	return f, true
}

// entropy is ln n − (1/n) Σ c·ln c over counts that sum to n. Few counts
// differ, so that their sum is exact enough in any order once they are counted
// themselves.
func entropy(counts map[string]int, n int) float64 {
	times := map[int]int{}
	for _, c := range counts {
		times[c]++
	}
	sum := 0.0
	for c := 1; len(times) > 0; c++ {
		if k := times[c]; k > 0 {
			sum += float64(float64(k*c) * fmath.Log(float64(c)))
			delete(times, c)
		}
	}
	return fmath.Log(float64(n)) - sum/float64(n)
}

// each hands out the bytes of every event's values: equal events have equal
// bytes. They are valid during the call.
func each(b *surprisal.Batch, f func(i int, key []byte)) {
	row := make([]float64, b.Space.Dims())
	key := make([]byte, 0, 8*len(row)+4)
	for i := range b.Len() {
		b.Float64s(row, i)
		key = key[:0]
		if b.Lengths != nil {
			key = binary.LittleEndian.AppendUint32(key, uint32(b.Lengths[i]))
		}
		for _, v := range row {
			key = binary.LittleEndian.AppendUint64(key, math.Float64bits(v+0)) // −0 is 0
		}
		f(i, key)
	}
}
