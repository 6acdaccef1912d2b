package flow

import (
	"fmt"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/model/feed"
	"github.com/surprisal-go/surprisal/prep"
)

// Init implements [Model].
func (f *Flow) Init(key surprisal.Key, train *surprisal.Batch) error {
	return f.init(f.space, key, train)
}

// init fits the standardisation to training events of a space, the flow's or
// the discrete one that it is the continuous twin of, and draws the parameters.
func (f *Flow) init(space *surprisal.Space, key surprisal.Key, train *surprisal.Batch) error {
	if err := feed.CheckSpace(train, space); err != nil {
		return fmt.Errorf("flow: training events: %w", err)
	}
	if train.Len() == 0 {
		return fmt.Errorf("flow: fitting the standardisation: there are no training events")
	}
	if len(f.before()) > 0 {
		train = f.mapped(train, key)
	}
	fitted := prep.Standardize(train)
	copy(f.standardize.Shift, fitted.Shift)
	copy(f.standardize.Scale, fitted.Scale)
	f.drawParams(key.Named("flow"))
	return nil
}

// before is the maps that come before the standardisation.
func (f *Flow) before() prep.Chain { return f.maps[: len(f.maps)-2 : len(f.maps)-2] }

// mapped returns the first training events with noise on their cells and after
// the maps that come before the standardisation. Some eight million scalars are
// enough to fit a mean and a spread of each dim.
func (f *Flow) mapped(train *surprisal.Batch, key surprisal.Key) *surprisal.Batch {
	const scalars = 8 << 20
	d := f.space.Dims()
	train = train.Slice(0, min(train.Len(), max(scalars/d, 1)))
	rows := make([]float64, train.Len()*d)
	prep.Dequantize(rows, train, key.Named("standardize"), 0)
	f.before().Forward(rows, make([]float64, train.Len()))
	return prep.Pack(f.space, rows)
}

// unitInterval maps the cells of every column onto the interval from 0 to 1; it
// fails where a column has no upper end.
func unitInterval(space *surprisal.Space) (*prep.Affine, error) {
	unit := &prep.Affine{}
	for _, f := range space.Fields {
		if !f.Discrete() {
			return nil, fmt.Errorf("logit: column %q is real: want columns of a known number of levels, or logit=0", f.Name)
		}
		low, step, levels := f.Grid()
		if levels == 0 {
			return nil, fmt.Errorf("logit: column %q has no upper end: want columns of a known number of levels, or logit=0", f.Name)
		}
		for range f.Size() {
			unit.Shift = append(unit.Shift, low)
			unit.Scale = append(unit.Scale, step*float64(levels))
		}
	}
	return unit, nil
}
