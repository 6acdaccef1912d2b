package ar

import (
	"fmt"
	"math"
	"slices"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/model/feed"
	"github.com/surprisal-go/surprisal/tensor"
)

const (
	featuresIn = "features"
	massIn     = "spikes" // mass of the values of the cells head as spikes (B, G)
)

// encoder turns events into features and the values of every head. Its buffers
// are used again.
type encoder struct {
	space        *surprisal.Space
	layout       *layout
	shift, scale []float64 // standardisation, by place in Space.Columns
	spikes       *spikes   // of the cells head

	raw      []float64
	features []float32
	values   [][]float32 // of heads that take f32
	levels   [][]int32   // of heads of codes
	mass     []float32   // of the values of the cells head as spikes
}

func newEncoder(space *surprisal.Space, l *layout, shift, scale []float64, s *spikes) *encoder {
	return &encoder{space: space, layout: l, shift: shift, scale: scale, spikes: s, values: make([][]float32, len(l.heads)), levels: make([][]int32, len(l.heads))}
}

// feed sets the inputs of a graph from the events of b.
func (e *encoder) feed(feeds graph.Feeds, b *surprisal.Batch) error {
	if err := feed.CheckSpace(b, e.space); err != nil {
		return err
	}
	n, d, f := b.Len(), len(e.layout.columns), len(e.layout.features)
	e.raw = resize(e.raw, n*d)
	e.features = resize(e.features, n*f)
	b.Float64s(e.raw, 0)
	for i, h := range e.layout.heads {
		if g := len(h.columns); h.answer == codes {
			e.levels[i] = resize(e.levels[i], n*g)
			feeds[h.name] = tensor.Of(e.levels[i], n, g)
		} else {
			e.values[i] = resize(e.values[i], n*g)
			feeds[h.name] = tensor.Of(e.values[i], n, g)
		}
		if h.answer == cells {
			e.mass = resize(e.mass, n*len(h.columns))
			feeds[massIn] = tensor.Of(e.mass, n, len(h.columns))
		}
	}
	feeds[featuresIn] = tensor.Of(e.features, n, f)
	for r := range n {
		if err := e.row(r, e.raw[r*d:(r+1)*d], e.features[r*f:(r+1)*f]); err != nil {
			return fmt.Errorf("event of id %d: %w", b.ID(r), err)
		}
	}
	return nil
}

// row encodes one event.
func (e *encoder) row(r int, raw []float64, features []float32) error {
	for i := range e.layout.columns {
		c := &e.layout.columns[i]
		h := &e.layout.heads[c.head]
		at := r*len(h.columns) + c.slot
		v, err := e.encode(c, raw[c.at], features)
		if err != nil {
			return err
		}
		if h.answer == codes {
			e.levels[c.head][at] = int32(v)
		} else {
			e.values[c.head][at] = float32(v)
		}
		if h.answer == cells {
			k, _ := c.level(raw[c.at])
			e.mass[at] = float32(e.spikes.at(c.slot, k))
		}
	}
	return nil
}

// encode writes the features of a column's value into its event's features,
// and returns what the head takes: level or standardised value.
func (e *encoder) encode(c *column, v float64, features []float32) (float64, error) {
	h := &e.layout.heads[c.head]
	switch h.answer {
	case bits, codes:
		k, ok := c.level(v)
		if !ok {
			return 0, fmt.Errorf("value %g does not lie on column %s", v, c.field)
		}
		if h.answer == bits {
			features[c.feature] = float32(k)
		} else {
			hot := features[c.feature : c.feature+h.levels]
			clear(hot)
			hot[k] = 1
		}
		return float64(k), nil
	case cells:
		if _, ok := c.level(v); !ok {
			return 0, fmt.Errorf("value %g does not lie on column %s", v, c.field)
		}
	case densities:
		if !(math.Abs(v) <= math.MaxFloat64) {
			return 0, fmt.Errorf("value %g of column %q is not finite", v, c.field.Name)
		}
	}
	z := (v - e.shift[c.at]) / e.scale[c.at]
	features[c.feature] = float32(max(-featureLimit, min(z, featureLimit)))
	return z, nil
}

// featureLimit bounds standardised features, so that one wild value does not
// swamp the units. What the heads score is not bounded.
const featureLimit = 8

// level is the index of a value on the column's grid, by Field.Index, with a
// short way for the first two points, which is what bits are.
func (c *column) level(v float64) (int, bool) {
	switch v {
	case c.low:
		return 0, true
	case c.low + c.step:
		if c.field.Levels != 1 {
			return 1, true
		}
	}
	return c.field.Index(v)
}

func resize[T any](v []T, n int) []T { return slices.Grow(v[:0], n)[:n] }
