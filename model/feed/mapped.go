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
	Events, Offset Rows // names and widths; Fill is set by Feed
	Map            interface {
		Forward(x, logDet []float64)
	}
	LogCell float64
}

// Feed sets both inputs from rows, which writes the raw events (N × D).
func (m *Mapped) Feed(feeds graph.Feeds, b *surprisal.Batch, rows func(dst []float64, b *surprisal.Batch) error) error {
	offsets := make([]float64, b.Len())
	m.Events.Fill = func(dst []float64, b *surprisal.Batch) error {
		err := rows(dst, b)
		m.Map.Forward(dst, offsets)
		return err
	}
	m.Offset.Fill = func(dst []float64, _ *surprisal.Batch) error {
		for i := range dst {
			dst[i] = offsets[i] + m.LogCell
		}
		return nil
	}
	if err := m.Events.Feed(feeds, b); err != nil {
		return err
	}
	return m.Offset.Feed(feeds, b)
}
