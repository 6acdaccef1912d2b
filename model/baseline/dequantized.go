package baseline

import (
	"context"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/prep"
	"github.com/surprisal-go/surprisal/tensor"
)

// Dequantized is a Gaussian or a mixture on events with discrete columns: a
// model of the events with uniform noise on their cells. It has a bound and
// samples, and no density.
type Dequantized struct {
	*prep.Dequantized
	inner Model
}

// dequantize wraps inner, a model over the continuous twin of space whose Fit
// takes events of space itself.
func dequantize(space *surprisal.Space, inner Model) (Model, error) {
	d, err := prep.NewDequantized(space, inner)
	if err != nil {
		return nil, err
	}
	return &Dequantized{d, inner}, nil
}

// State implements [Model].
func (d *Dequantized) State() *tensor.Store { return d.inner.State() }

// NumParams implements [Model].
func (d *Dequantized) NumParams() int { return d.inner.NumParams() }

// Fit implements [Model].
func (d *Dequantized) Fit(ctx context.Context, train, valid *surprisal.Batch, key surprisal.Key, progress func(string)) error {
	return d.inner.Fit(ctx, train, valid, key, progress)
}

var _ interface {
	Model
	surprisal.Bounded
} = (*Dequantized)(nil)
