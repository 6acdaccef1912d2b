package vae

import (
	"fmt"
	"math"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/fmath"
	"github.com/surprisal-go/surprisal/model/feed"
	"github.com/surprisal-go/surprisal/nn"
	"github.com/surprisal-go/surprisal/objective"
	"github.com/surprisal-go/surprisal/optim"
	"github.com/surprisal-go/surprisal/prep"
	"github.com/surprisal-go/surprisal/tensor"
)

// drawParams sets the parameters, in the tensors that are there already.
func (v *VAE) drawParams(key surprisal.Key) {
	n := v.cfg.nets(v.space.Dims(), v.binary, nn.Dropout{})
	n.encoder.Init(v.state, key)
	n.decoder.Init(v.state, key)
	if v.binary {
		return
	}
	if t, ok := v.state.Get(logSD); ok {
		clear(t.F32())
	} else {
		v.state.Set(logSD, tensor.New[float32](v.space.Dims()))
	}
}

// Init implements [Model]. A Bernoulli decoder begins at the frequencies of the
// columns, a Gaussian one has its events standardised. The space of train may be
// the discrete one that the model's space is the continuous twin of.
func (v *VAE) Init(key surprisal.Key, train *surprisal.Batch) error {
	n := train.Len()
	if n == 0 {
		return fmt.Errorf("initialising a variational autoencoder: there are no training events")
	}
	v.drawParams(key.Named("vae"))
	if !v.binary {
		fitted := prep.Standardize(train)
		copy(v.standardize.Shift, fitted.Shift)
		copy(v.standardize.Scale, fitted.Scale)
		return nil
	}
	mean, _ := prep.Moments(train)
	bias := v.state.Must("decoder/out/b").F32()
	for j := range bias {
		// Moments counts a bit as uniform on its cell, which adds a half. One
		// event of each kind more keeps the log-odds finite.
		ones := (mean[j]-0.5)*float64(n) + 1
		bias[j] = float32(fmath.Log(ones / (float64(n) + 2 - ones)))
	}
	return nil
}

// fill writes the raw rows of a minibatch (B × D) with the noise of
// dequantisation; nil takes them as they are.
type fill func(dst []float64, b *surprisal.Batch, key surprisal.Key) error

// objective is the negative bound for events of a space, mean over the batch:
// the ELBO with the divergence in closed form, or the importance-weighted bound
// of Config.Importance draws. What the standardisation contributes, and logCell,
// what the cells of discrete columns do, moves no parameter; it is added so that
// the loss reads in nats of raw data.
func (v *VAE) objective(space *surprisal.Space, rows fill, logCell float64) *objective.Objective {
	g := graph.New()
	d, k := v.space.Dims(), v.cfg.Importance
	x, key, ids := v.inputs(g)
	n := v.cfg.nets(d, v.binary, nn.Dropout{Rate: v.cfg.Dropout, Key: key, IDs: ids})
	t := n.terms(x, key, ids, k)
	beta := g.Input(betaIn, graph.F32)
	var bound *graph.Node
	if k == 1 {
		bound = t.recon.Reshape(graph.Batch).Sub(beta.Mul(t.kl))
	} else {
		bound = t.recon.Add(beta.Mul(t.prior.Sub(t.logQ))).LogSumExp(1).AddScalar(-fmath.Log(float64(k)))
	}
	offset := g.Input("offset", graph.F32, graph.Batch, 1).Reshape(graph.Batch)

	in := feed.Mapped{Events: events, Offset: "offset", Rows: rows, Map: v.maps, LogCell: logCell}
	if v.binary {
		in.Map = nil
	}
	o := objective.New(v.state, objective.Phase{
		Loss:      bound.Add(offset).Mean().Neg(),
		Params:    n.params(g),
		Optimizer: warmup{v.cfg.optimizer(), v.cfg.KLWarmup},
		Feed: func(feeds graph.Feeds, b *surprisal.Batch, key surprisal.Key) error {
			if err := feed.CheckSpace(b, space); err != nil {
				return err
			}
			feed.Key(feeds, keyIn, key.Named("draws"))
			feed.IDs(feeds, idsIn, b)
			return in.Feed(feeds, b, key.Named("noise"))
		},
	})
	o.Batch, o.Patience = v.cfg.Batch, v.cfg.Patience
	return o
}

// Objective implements [Model].
func (v *VAE) Objective() (*objective.Objective, error) {
	return v.objective(v.space, nil, 0), nil
}

const betaIn = "beta" // weight of the KL term

// warmup feeds the weight of the KL term, which rises from 1/steps to 1
// (Sønderby et al. 2016): a decoder that has learned nothing yet would
// otherwise make the posterior collapse onto the prior.
type warmup struct {
	optim.Optimizer
	steps int
}

// Feed implements [optim.Optimizer].
func (w warmup) Feed(feeds graph.Feeds, step int) {
	w.Optimizer.Feed(feeds, step)
	beta := math.Min(1, float64(step+1)/float64(max(w.steps, 1)))
	feed.Scalar(feeds, betaIn, beta)
}
