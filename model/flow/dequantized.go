package flow

import (
	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/objective"
	"github.com/surprisal-go/surprisal/prep"
	"github.com/surprisal-go/surprisal/tensor"
)

// Dequantized is a flow of events with discrete columns: a [Flow] of the events
// with uniform noise on their cells. It has a bound and samples, and no
// density, because the mass of a cell is an integral of the flow's.
type Dequantized struct {
	*prep.Dequantized
	flow *Flow
}

func dequantized(space *surprisal.Space, f *Flow) (*Dequantized, error) {
	d, err := prep.NewDequantized(space, f)
	if err != nil {
		return nil, err
	}
	return &Dequantized{d, f}, nil
}

// Flow is the flow of the events with noise, over the continuous twin of the
// space.
func (d *Dequantized) Flow() *Flow { return d.flow }

// State implements [Model].
func (d *Dequantized) State() *tensor.Store { return d.flow.State() }

// NumParams implements [Model].
func (d *Dequantized) NumParams() int { return d.flow.NumParams() }

// Init implements [Model].
func (d *Dequantized) Init(key surprisal.Key, train *surprisal.Batch) error {
	return d.flow.init(d.Space(), key, train)
}

// Objective implements [Model]: the bound with one draw of noise, which
// depends on the event and on the step's key.
func (d *Dequantized) Objective() (*objective.Objective, error) {
	noise := func(dst []float64, b *surprisal.Batch, key surprisal.Key) error {
		prep.Dequantize(dst, b, key, 0)
		return nil
	}
	return d.flow.objective(d.Space(), noise, prep.LogCell(d.Space())), nil
}

var _ interface {
	Model
	surprisal.Bounded
} = (*Dequantized)(nil)
