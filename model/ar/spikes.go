package ar

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/tensor"
)

// The fixed state of the spikes: grid indices ascending and then +Inf (G, S),
// their masses (G, S), and what is added to a column's logit (G): 0, or −Inf
// where the column has no spikes.
const (
	indexName = "spikes/index"
	massName  = "spikes/mass"
	gateName  = "spikes/gate"
)

// mostSpikes is S, the greatest number of spikes of a column: all the levels
// of a byte, and of a longer grid the values that matter.
const mostSpikes = 256

// spikes are the values that a column of the cells head repeats in training,
// with the mass (n − 1)/Σ(n − 1) of a value that n events have: its frequency
// as the other events know it. A value seen once has none, for a network would
// learn from it to expect every training event to be known already. The slices
// are the memory of the state.
type spikes struct {
	index, mass []float64
	gate        []float32
}

// newSpikes makes the state of a layout's cells head, if there is one, without
// any spikes.
func newSpikes(store *tensor.Store, l *layout) *spikes {
	i := slices.IndexFunc(l.heads, func(h head) bool { return h.answer == cells })
	if i < 0 {
		return &spikes{}
	}
	g := len(l.heads[i].columns)
	store.Set(indexName, tensor.New[float64](g, mostSpikes))
	store.Set(massName, tensor.New[float64](g, mostSpikes))
	store.Set(gateName, tensor.New[float32](g))
	s := &spikes{store.Must(indexName).F64(), store.Must(massName).F64(), store.Must(gateName).F32()}
	for slot := range g {
		s.set(slot, nil)
	}
	return s
}

// column returns the indices and masses of a column (S each).
func (s *spikes) column(slot int) (index, mass []float64) {
	lo, hi := slot*mostSpikes, (slot+1)*mostSpikes
	return s.index[lo:hi], s.mass[lo:hi]
}

// at is the mass that spikes give grid index k.
func (s *spikes) at(slot, k int) float64 {
	index, mass := s.column(slot)
	if i, ok := slices.BinarySearch(index, float64(k)); ok {
		return mass[i]
	}
	return 0
}

// draw returns the grid index at quantile u in [0, 1) of a column that has
// spikes.
func (s *spikes) draw(slot int, u float64) float64 {
	index, mass := s.column(slot)
	last := index[0]
	for i, p := range mass {
		if math.IsInf(index[i], 1) {
			break
		}
		last = index[i]
		if u -= p; u < 0 {
			break
		}
	}
	return last // the greatest spike, where rounding left a sliver
}

// spike is a grid index, the number of events that have it, and their weight.
type spike struct {
	index  int
	events int
	weight float64
}

// repeated is the weight of its events that see another one of the same value.
func (p spike) repeated() float64 { return p.weight * float64(p.events-1) / float64(p.events) }

// set replaces a column's spikes by the commonest of the values that repeat,
// and returns the weight that they stand for.
func (s *spikes) set(slot int, values []spike) float64 {
	values = slices.DeleteFunc(values, func(p spike) bool { return !(p.repeated() > 0) })
	slices.SortFunc(values, func(a, b spike) int {
		return cmp.Or(cmp.Compare(b.repeated(), a.repeated()), cmp.Compare(a.index, b.index))
	})
	values = values[:min(len(values), mostSpikes)]
	slices.SortFunc(values, func(a, b spike) int { return cmp.Compare(a.index, b.index) })
	total := 0.0
	for _, p := range values {
		total += p.repeated()
	}
	index, mass := s.column(slot)
	for i := range index {
		index[i], mass[i] = math.Inf(1), 0
		if i < len(values) {
			index[i], mass[i] = float64(values[i].index), values[i].repeated()/total
		}
	}
	s.gate[slot] = 0
	if len(values) == 0 {
		s.gate[slot] = float32(math.Inf(-1))
	}
	return total
}

// fit sets the spikes of every column of the cells head to those of the
// training events, and returns the share of the events that they stand for (G).
func (s *spikes) fit(l *layout, train *surprisal.Batch) ([]float64, error) {
	counts := make([]map[int]spike, len(s.gate))
	for i := range counts {
		counts[i] = map[int]spike{}
	}
	row := make([]float64, len(l.columns))
	total := 0.0
	for i := range train.Len() {
		w := 1.0
		if train.Weight != nil {
			w = train.Weight[i]
		}
		if w == 0 {
			continue
		}
		total += w
		train.Float64s(row, i)
		for j := range l.columns {
			c := &l.columns[j]
			if l.heads[c.head].answer != cells {
				continue
			}
			k, ok := c.level(row[c.at])
			if !ok {
				return nil, fmt.Errorf("training event %d: value %g does not lie on column %s", i, row[c.at], c.field)
			}
			p := counts[c.slot][k]
			counts[c.slot][k] = spike{k, p.events + 1, p.weight + w}
		}
	}
	shares := make([]float64, len(counts))
	for slot, byIndex := range counts {
		values := make([]spike, 0, len(byIndex))
		for _, p := range byIndex {
			values = append(values, p)
		}
		if known := s.set(slot, values); known > 0 {
			shares[slot] = known / total
		}
	}
	return shares, nil
}
