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
	Nats float64 `json:"nats"`
	// Events is N, Distinct the number of distinct ones.
	Events   int `json:"events"`
	Distinct int `json:"distinct"`
}

// FloorOf returns the floor of events. It is not ok where there is none: for
// densities, which may put any mass on a point, for a single ragged text, and
// for events with context, whose floor is that of the pairs.
func FloorOf(b *surprisal.Batch) (f Floor, ok bool) {
	if b.Space.Measure() != surprisal.Mass || b.Context != nil || b.Len() < 2 {
		return Floor{}, false
	}
	n := float64(b.Len())
	counts := map[string]int{}
	each(b, func(_ int, key []byte) { counts[string(key)]++ })
	// Few counts differ, so their sum is exact enough in any order once they are
	// counted themselves.
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
	return Floor{Nats: fmath.Log(n) - sum/n, Events: b.Len(), Distinct: len(counts)}, true
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
