package feed

import (
	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/graph"
)

// Mapped feeds events through an invertible map in float64: the input Events
// (B, D) is z = f(x), and the input Offset (B, 1) is what the map and the cells
// of dequantised columns add to log p, log |det ∂f/∂x| + LogCell. Its buffers
// are used again.
type Mapped struct {
	Events, Offset string // names of the inputs
	// Rows writes the raw events of b (N × D), with noise drawn by key where
	// they are dequantised. Nil writes them as they are.
	Rows func(dst []float64, b *surprisal.Batch, key surprisal.Key) error
	// Map is f; nil is the identity.
	Map interface {
		Forward(x, logDet []float64)
	}
	LogCell float64

	wide, logDet   []float64
	events, offset Buffer[float32]
}

// Feed sets both inputs from the events of b.
func (m *Mapped) Feed(feeds graph.Feeds, b *surprisal.Batch, key surprisal.Key) error {
	n, d := b.Len(), b.Space.Dims()
	m.logDet = resize(m.logDet, n)
	clear(m.logDet)
	dst := m.events.Rows(n, d)
	if m.Rows == nil && m.Map == nil {
		raw(dst, b)
	} else {
		m.wide = resize(m.wide, n*d)
		if err := m.rows(m.wide, b, key); err != nil {
			return err
		}
		round(dst, m.wide, len(dst), len(dst))
	}
	offset := m.offset.Rows(n, 1)
	for i, v := range m.logDet {
		offset[i] = float32(v + m.LogCell)
	}
	feeds[m.Events], feeds[m.Offset] = m.events.Tensor(), m.offset.Tensor()
	return nil
}

// rows writes f(x) into dst and log |det| into logDet.
func (m *Mapped) rows(dst []float64, b *surprisal.Batch, key surprisal.Key) error {
	if m.Rows == nil {
		b.Float64s(dst, 0)
	} else if err := m.Rows(dst, b, key); err != nil {
		return err
	}
	if m.Map != nil {
		m.Map.Forward(dst, m.logDet)
	}
	return nil
}
