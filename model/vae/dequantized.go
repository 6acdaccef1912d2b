package vae

import (
	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/model/feed"
	"github.com/surprisal-go/surprisal/objective"
	"github.com/surprisal-go/surprisal/prep"
	"github.com/surprisal-go/surprisal/tensor"
)

// Dequantized is a variational autoencoder of events with discrete columns: a
// Gaussian [VAE] of the events with uniform noise on their cells. A draw of its
// weights draws the noise and the latent anew.
type Dequantized struct {
	*prep.Dequantized
	vae *VAE
}

func dequantized(space *surprisal.Space, v *VAE) (*Dequantized, error) {
	d, err := prep.NewDequantized(space, v)
	if err != nil {
		return nil, err
	}
	return &Dequantized{d, v}, nil
}

// VAE is the model of the events with noise, over the continuous twin of the
// space.
func (d *Dequantized) VAE() *VAE { return d.vae }

// State implements [Model].
func (d *Dequantized) State() *tensor.Store { return d.vae.State() }

// NumParams implements [Model].
func (d *Dequantized) NumParams() int { return d.vae.NumParams() }

// Init implements [Model].
func (d *Dequantized) Init(key surprisal.Key, train *surprisal.Batch) error {
	if err := feed.CheckSpace(train, d.Space()); err != nil {
		return err
	}
	return d.vae.Init(key, train)
}

// Objective implements [Model]: the bound with one draw of noise, which
// depends on the event and on the step's key.
func (d *Dequantized) Objective() (*objective.Objective, error) {
	noise := func(dst []float64, b *surprisal.Batch, key surprisal.Key) error {
		prep.Dequantize(dst, b, key, 0)
		return nil
	}
	return d.vae.objective(d.Space(), noise, prep.LogCell(d.Space())), nil
}

var _ Model = (*Dequantized)(nil)
