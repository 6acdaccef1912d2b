package diagnose_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/diagnose"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/internal/fmath"
)

// Simulations of honest data: the chance that any finding of a kind is false is
// a hundredth. More rounds than the quick ones:
//
//	SURPRISAL_ROUNDS=2000 go test -v -run Level ./diagnose

// rounds are how often a simulation is repeated.
func rounds(t *testing.T, quick int) int {
	n, err := strconv.Atoi(os.Getenv("SURPRISAL_ROUNDS"))
	if err != nil {
		return quick
	}
	t.Logf("%d rounds", n)
	return n
}

// wantLevel fails where findings in some of n rounds are too many for a chance
// of a hundredth each: by more than three standard deviations, and one.
func wantLevel(t *testing.T, what string, seen, n int) {
	t.Helper()
	t.Logf("%-50s %d of %d (%.1f%%)", what, seen, n, 100*float64(seen)/float64(n))
	if limit := 0.01*float64(n) + 3*math.Sqrt(0.0099*float64(n)) + 1; float64(seen) > limit {
		t.Errorf("%s: findings in %d of %d honest rounds", what, seen, n)
	}
}

// honest are events in groups of about so many that have bits and costs of
// their own in common, or in an order in which both are slow to change. skew
// makes costs that are 0 but for one event in so many.
type honest struct {
	name        string
	test, valid int // events
	group       int // size; 0 is no groups
	uneven      bool
	slow        float64 // autocorrelation; 0 is no order
	rare        float64 // share of events that cost much; 0 is normal costs
}

var honests = []honest{
	{name: "independent", test: 500, valid: 500},
	{name: "independent, small validation", test: 3000, valid: 200},
	{name: "independent, small test", test: 200, valid: 3000},
	{name: "rare costs", test: 1000, valid: 1000, rare: 0.01},
	{name: "rare costs, small validation", test: 3000, valid: 300, rare: 0.01},
	{name: "rare costs, small test", test: 300, valid: 3000, rare: 0.01},
	{name: "12 groups of 40", test: 480, valid: 480, group: 40},
	{name: "60 groups of 40", test: 2400, valid: 2400, group: 40},
	{name: "40 uneven groups", test: 1600, valid: 1600, group: 40, uneven: true},
	{name: "20 groups against 100", test: 400, valid: 2000, group: 20},
	{name: "in order, slowly", test: 1000, valid: 1000, slow: 0.8},
	{name: "in order, more slowly", test: 2000, valid: 1000, slow: 0.95},
}

// draw are n honest events of so many bits and what they cost, all together
// and by bit.
func (h honest) draw(n, bits int, r *rand.Rand) diagnose.Excess {
	values := make(surprisal.Values[uint8], 0, n*bits)
	e := diagnose.Excess{}
	tilt, level := make([]float64, bits), make([]float64, bits+1)
	group, left := int32(-1), 0
	var groups []int32
	for range n {
		switch {
		case h.group > 0 && left == 0:
			group++
			if left = h.group; h.uneven {
				left = 1 + r.IntN(4*h.group)*r.IntN(h.group)/h.group
			}
			for j := range tilt {
				tilt[j] = fmath.Normal(r)
			}
			for j := range level {
				level[j] = fmath.Normal(r)
			}
		case h.slow > 0:
			for j := range level {
				level[j] = h.slow*level[j] + math.Sqrt(1-h.slow*h.slow)*fmath.Normal(r)
			}
			copy(tilt, level)
		}
		left--
		groups = append(groups, group)
		cost := func(j int) float64 {
			if h.rare > 0 {
				if r.Float64() < h.rare {
					return 10
				}
				return 0
			}
			return 0.5*level[j] + 0.5*fmath.Normal(r)
		}
		for j := range bits {
			v := uint8(0)
			if fmath.Normal(r) < tilt[j] {
				v = 1
			}
			values = append(values, v)
			e.Columns = append(e.Columns, cost(j))
		}
		e.Nats = append(e.Nats, cost(bits))
	}
	e.Events = &surprisal.Batch{Columns: []surprisal.Column{values}, Space: &surprisal.Space{Fields: []surprisal.Field{{Name: "b", Kind: surprisal.Binary, Shape: []int{bits}}}}}
	if h.group > 0 {
		e.Events.Group = groups
	}
	e.Events.Ordered = h.slow > 0
	e.Units = eval.Scores{Nats: e.Nats, Group: e.Events.Group, Ordered: h.slow > 0}.Units(e.Nats)
	return e
}

// TestLevel repeats every search on honest events.
func TestLevel(t *testing.T) {
	if testing.Short() {
		t.Skip("simulates")
	}
	const bits = 6
	for k, h := range honests {
		n := rounds(t, 20)
		var shifted, lost, drifted int
		for i := range n {
			r := surprisal.Key(uint64(k)).Fold(uint64(i)).Rand()
			test, valid := h.draw(h.test, bits, r), h.draw(h.valid, bits, r)
			for _, s := range diagnose.ShiftsOf(test, valid, nil) {
				if s.Seen {
					shifted++
					break
				}
			}
			// The model saves nothing and loses nothing, on average, in any part.
			mean := 10 * h.rare
			base := make([]float64, h.test)
			for j := range base {
				base[j] = mean
			}
			scored := diagnose.Scored{Events: test.Events, Nats: test.Nats, Baseline: base, Units: test.Units}
			for _, s := range diagnose.SlicesOf(scored, h.draw(3000, bits, r).Events, nil) {
				if s.Lost {
					lost++
					break
				}
			}
			if !test.Events.Ordered && diagnose.DriftOf(test.Nats, test.Units).Seen() {
				drifted++
			}
		}
		wantLevel(t, fmt.Sprintf("%s: shifted", h.name), shifted, n)
		wantLevel(t, fmt.Sprintf("%s: missed", h.name), lost, n)
		wantLevel(t, fmt.Sprintf("%s: drift", h.name), drifted, n)
	}
}
