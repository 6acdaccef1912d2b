package ar

import (
	"math"

	"github.com/surprisal-go/surprisal/internal/fmath"
	"github.com/surprisal-go/surprisal/tensor"
)

// The fixed state of a MADE: the standardisation, and what follows from it for
// the cells head in its units (G each) and for the loss.
const (
	shiftName  = "standard/shift"  // (D), by place in Space.Columns
	scaleName  = "standard/scale"  // (D)
	halfName   = "standard/half"   // half a cell
	lowName    = "standard/low"    // first grid point
	highName   = "standard/high"   // last grid point, or +Inf
	floorName  = "standard/floor"  // least log scale
	offsetName = "standard/offset" // Σ log scale of the real columns
)

// newStandard makes the fixed state in a store, not standardising anything.
func newStandard(store *tensor.Store, l *layout) (shift, scale []float64) {
	d := len(l.columns)
	store.Set(shiftName, tensor.New[float64](d))
	store.Set(scaleName, tensor.New[float64](d))
	for _, h := range l.heads {
		if h.answer == cells {
			for _, name := range []string{halfName, lowName, highName, floorName} {
				store.Set(name, tensor.New[float32](len(h.columns)))
			}
		}
	}
	store.Set(offsetName, tensor.New[float32]())
	shift, scale = store.Must(shiftName).F64(), store.Must(scaleName).F64()
	for i := range scale {
		scale[i] = 1
	}
	return shift, scale
}

// standardize computes what follows from shift and scale. Grid points are
// rounded to float32 as the encoder rounds them, so that the outermost cells
// are known by equality.
func (m *MADE) standardize() {
	all := make([]float64, len(m.layout.columns)) // by place, to add in that order
	for h, scales := range m.logScales() {
		for slot, v := range scales {
			all[m.layout.heads[h].at[slot]] = v
		}
	}
	offset := 0.0
	for _, v := range all {
		offset += v
	}
	m.state.Must(offsetName).F32()[0] = float32(offset)
	for _, c := range m.layout.columns {
		if m.layout.heads[c.head].answer != cells {
			continue
		}
		shift, scale := m.enc.shift[c.at], m.enc.scale[c.at]
		low, step, levels := c.field.Grid()
		high := math.Inf(1)
		if levels > 0 {
			high = (float64(float64(levels-1)*step) + low - shift) / scale
		}
		half := step / 2 / scale
		m.state.Must(halfName).F32()[c.slot] = float32(half)
		m.state.Must(lowName).F32()[c.slot] = float32((low - shift) / scale)
		m.state.Must(highName).F32()[c.slot] = float32(high)
		// At an eighth of a half cell a component has 0.9993 of its mass in
		// one cell: there is nothing to win below.
		m.state.Must(floorName).F32()[c.slot] = float32(fmath.Log(half / 8))
	}
}
