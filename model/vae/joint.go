package vae

import (
	"fmt"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/fmath"
	"github.com/surprisal-go/surprisal/model/feed"
	"github.com/surprisal-go/surprisal/prep"
)

// LogJoint implements [surprisal.Joint]: log p(x | z) in raw data units plus
// log N(z; 0, I), in nats, for latents z (N × Z) that may come from anywhere.
func (v *VAE) LogJoint(dst, z []float64, x *surprisal.Batch) error {
	n, dims := x.Len(), v.cfg.Latent
	if len(dst) != n || len(z) != n*dims {
		panic(fmt.Sprintf("vae: LogJoint of %d events and %d values of %d latents into %d", n, len(z), dims, len(dst)))
	}
	v.given = z
	if err := v.run(&v.joint, x, 0, dst); err != nil {
		return err
	}
	for i := range dst {
		square := 0.0
		for _, t := range z[i*dims : (i+1)*dims] {
			square += float64(t * t)
		}
		dst[i] += v.logDet[i] - square/2 - float64(float64(dims)*logRootTwoPi)
	}
	return nil
}

const logRootTwoPi = 0.9189385332046727418

// buildJoint makes the graph of log p(x | z).
func (v *VAE) buildJoint(n nets) {
	g := graph.New()
	x, z := g.Input(events, graph.F32, graph.Batch, v.space.Dims()), g.Input(latent, graph.F32, graph.Batch, v.cfg.Latent)
	given := feed.Rows{Input: latent, Width: v.cfg.Latent, Fill: func(dst []float64, _ *surprisal.Batch) error {
		v.given = v.given[copy(dst, v.given):] // chunk by chunk, in order
		return nil
	}}
	rows := v.eventRows()
	v.joint = v.runner(func(feeds graph.Feeds, b *surprisal.Batch) error {
		if err := given.Feed(feeds, b); err != nil {
			return err
		}
		return rows.Feed(feeds, b)
	}, 0, n.likelihood(z).LogProb(x))
}

// SampleJoint implements [surprisal.Ancestral]. Event i depends on key and i
// alone, and is that of Sample by the same key.
func (v *VAE) SampleJoint(n int, key surprisal.Key) (z []float64, x *surprisal.Batch, err error) {
	dims := v.cfg.Latent
	z = make([]float64, n*dims)
	for i := range n {
		r := key.Named("z").Fold(uint64(i)).Rand()
		for j := range dims {
			z[i*dims+j] = fmath.Normal(r)
		}
	}
	x, err = v.draw(z, key)
	return z, x, err
}

// draw draws an event from p(x | z) for every z (N × Z).
func (v *VAE) draw(z []float64, key surprisal.Key) (*surprisal.Batch, error) {
	dims := v.cfg.Latent
	space := &surprisal.Space{Fields: []surprisal.Field{{Name: latent, Shape: []int{dims}}}}
	n := len(z) / dims
	rows := make([]float64, n*v.space.Dims())
	out := [][]float64{rows}
	if !v.binary {
		out = append(out, make([]float64, len(rows)))
	}
	if err := v.decode.Floats(prep.Pack(space, z), out...); err != nil {
		return nil, fmt.Errorf("vae: sampling: %w", err)
	}
	for i := range n {
		r := key.Named("x").Fold(uint64(i)).Rand()
		for j := i * v.space.Dims(); j < (i+1)*v.space.Dims(); j++ {
			switch {
			case !v.binary:
				rows[j] += float64(out[1][j] * fmath.Normal(r))
			case r.Float64() < rows[j]:
				rows[j] = 1
			default:
				rows[j] = 0
			}
		}
	}
	v.standardize.Inverse(rows)
	return prep.Pack(v.space, rows), nil
}

var _ interface {
	surprisal.Joint
	surprisal.Ancestral
} = (*VAE)(nil)
