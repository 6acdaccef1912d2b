package ar

import (
	"fmt"
	"math"
	"slices"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/model/feed"
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

	bitFields []bitField
	rest      []int // columns of the other fields, by place in the layout
	all       []int // columns
	onlyBits  bool  // the features are the values of the only head

	raw      []float64
	features feed.Buffer[float32]
	values   []feed.Buffer[float32] // of heads that take f32
	levels   []feed.Buffer[int32]   // of heads of codes
	mass     feed.Buffer[float32]   // of the values of the cells head as spikes
}

func newEncoder(space *surprisal.Space, l *layout, shift, scale []float64, s *spikes) *encoder {
	e := &encoder{space: space, layout: l, shift: shift, scale: scale, spikes: s,
		values: make([]feed.Buffer[float32], len(l.heads)), levels: make([]feed.Buffer[int32], len(l.heads))}
	e.bitFields, e.rest = bitFields(space, l)
	for i := range l.columns {
		e.all = append(e.all, i)
	}
	e.onlyBits = len(l.heads) == 1 && l.heads[0].answer == bits
	return e
}

// feed sets the inputs of a graph from the events of b.
func (e *encoder) feed(feeds graph.Feeds, b *surprisal.Batch) error {
	if err := feed.CheckSpace(b, e.space); err != nil {
		return err
	}
	n, d := b.Len(), len(e.layout.columns)
	e.reserve(feeds, n)
	bytes, columns := e.bytes(b), e.all
	if bytes {
		columns = e.rest
	}
	if len(columns) > 0 {
		e.raw = resize(e.raw, n*d)
	}
	if n*d < 2*feed.Grain {
		return e.rows(b, bytes, columns, 0, n)
	}
	return feed.Split(n, func(lo, hi int) error { return e.rows(b, bytes, columns, lo, hi) })
}

// reserve makes room for n events in the inputs and sets them.
func (e *encoder) reserve(feeds graph.Feeds, n int) {
	e.features.Rows(n, len(e.layout.features))
	feeds[featuresIn] = e.features.Tensor()
	for i := range e.layout.heads {
		h := &e.layout.heads[i]
		g := len(h.columns)
		switch {
		case h.answer == codes:
			e.levels[i].Rows(n, g)
			feeds[h.name] = e.levels[i].Tensor()
		case e.onlyBits:
			feeds[h.name] = e.features.Tensor()
		default:
			e.values[i].Rows(n, g)
			feeds[h.name] = e.values[i].Tensor()
		}
		if h.answer == cells {
			e.mass.Rows(n, g)
			feeds[massIn] = e.mass.Tensor()
		}
	}
}

// bytes points the fields of bits at their columns and reports whether all are
// stored as bytes.
func (e *encoder) bytes(b *surprisal.Batch) bool {
	for i := range e.bitFields {
		f := &e.bitFields[i]
		v, ok := b.Columns[f.field].(surprisal.Values[uint8])
		if !ok {
			return false
		}
		f.bytes = v
	}
	return true
}

// rows encodes events lo … hi−1: the fields of bits from their bytes, if told
// so, and the given columns one by one.
func (e *encoder) rows(b *surprisal.Batch, bytes bool, columns []int, lo, hi int) error {
	d, f := len(e.layout.columns), len(e.layout.features)
	if len(columns) > 0 {
		b.Float64s(e.raw[lo*d:hi*d], lo)
	}
	for r := lo; r < hi; r++ {
		features, ok := e.features.All()[r*f:(r+1)*f], true
		if bytes {
			ok = e.bitRow(r, features)
		}
		var err error
		if len(columns) > 0 {
			err = e.row(r, e.raw[r*d:(r+1)*d], features, columns)
		}
		if !ok { // again, one by one, for the first fault in the order
			raw := make([]float64, d)
			b.Float64s(raw, r)
			err = e.row(r, raw, features, e.all)
		}
		if err != nil {
			return fmt.Errorf("event of id %d: %w", b.ID(r), err)
		}
	}
	return nil
}

// bitRow encodes the fields of bits of one event, and reports whether their
// values are bits.
func (e *encoder) bitRow(r int, features []float32) bool {
	ok := true
	for i := range e.bitFields {
		f := &e.bitFields[i]
		var values []float32
		if !e.onlyBits {
			g := len(e.layout.heads[f.head].columns)
			values = e.values[f.head].All()[r*g : (r+1)*g]
		}
		ok = f.row(r, features, values) && ok
	}
	return ok
}

// row encodes the given columns of one event.
func (e *encoder) row(r int, raw []float64, features []float32, columns []int) error {
	for _, i := range columns {
		c := &e.layout.columns[i]
		h := &e.layout.heads[c.head]
		at := r*len(h.columns) + c.slot
		v, err := e.encode(c, raw[c.at], features)
		if err != nil {
			return err
		}
		switch {
		case h.answer == codes:
			e.levels[c.head].All()[at] = int32(v)
		case !e.onlyBits:
			e.values[c.head].All()[at] = float32(v)
		}
		if h.answer == cells {
			k, _ := c.level(raw[c.at])
			e.mass.All()[at] = float32(e.spikes.at(c.slot, k))
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
