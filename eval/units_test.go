package eval_test

import (
	"math"
	"slices"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/internal/fmath"
)

// TestUnits: groups are units, blocks of ordered events as long as the most
// dependent values need, and else events.
func TestUnits(t *testing.T) {
	r := surprisal.Key(6).Rand()
	noise, slow := make([]float64, 2000), make([]float64, 2000)
	for i := range noise {
		noise[i] = fmath.Normal(r)
		if slow[i] = fmath.Normal(r); i > 0 {
			slow[i] += 0.9 * slow[i-1]
		}
	}
	noise[3], slow[8] = math.Inf(1), math.NaN()
	s := eval.Scores{Nats: noise}
	if s.Units(noise, slow) != nil {
		t.Error("independent events have units")
	}
	s.Ordered = true
	blocks := func(values ...[]float64) int {
		u := s.Units(values...)
		if u == nil {
			return len(noise)
		}
		if !slices.IsSorted(u) {
			t.Error("blocks are not of neighbours")
		}
		return int(u[len(u)-1]) + 1
	}
	few, both, many := blocks(slow), blocks(noise, slow), blocks(noise)
	if few > 200 || few != both || many < 2*few {
		t.Errorf("%d blocks of slow values, %d of both, %d of noise", few, both, many)
	}
	s.Group = make([]int32, len(noise))
	if !slices.Equal(s.Units(slow), s.Group) {
		t.Error("groups are not units")
	}
}
