package baseline

import (
	"context"
	"math/rand/v2"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/fmath"
	"github.com/surprisal-go/surprisal/prep"
)

// line is a mixture of normals in one dimension, in raw units.
type line struct{ normals }

func (l *line) logProb(v float64) float64 {
	var joint [mostComponents]float64
	for k := range l.k {
		z := (v - l.mean[k]) / l.chol[k]
		joint[k] = l.logNorm[k] - float64(z*z)/2
	}
	return fmath.LogSumExp(joint[:l.k])
}

func (l *line) sample(r *rand.Rand) float64 {
	var x [1]float64
	l.normals.sample(x[:], r)
	return x[0]
}

// lineEvents is how many events a density in one dimension is fitted to at
// most: evenly spaced ones, enough for far more than its 95 parameters.
const lineEvents = 20_000

// fitLine fits a mixture of normals to dim d.
func fitLine(ctx context.Context, train, valid *surprisal.Batch, d int, key surprisal.Key) (*line, error) {
	space := &surprisal.Space{Fields: []surprisal.Field{{Name: "x"}}}
	one := func(b *surprisal.Batch) *surprisal.Batch {
		if b == nil {
			return nil
		}
		out := prep.Pack(space, values(b, d))
		out.Weight = b.Weight
		if stride := (b.Len() + lineEvents - 1) / lineEvents; stride > 1 {
			var rows []int
			for i := 0; i < b.Len(); i += stride {
				rows = append(rows, i)
			}
			out = out.Take(rows)
		}
		return out
	}
	m := &Mixture{vectors: vectors{name: "mixture", space: space, events: space}, cfg: MixtureConfig{Restarts: 1, Iterations: 100}}
	if err := m.Fit(ctx, one(train), one(valid), key.Named("marginal").Fold(uint64(d)), nil); err != nil {
		return nil, err
	}
	a, p, err := m.load()
	if err != nil {
		return nil, err
	}
	p.full = false
	for k := range p.k {
		p.mean[k] = float64(p.mean[k]*a.Scale[0]) + a.Shift[0]
		p.chol[k] *= a.Scale[0]
	}
	p.finish()
	return &line{*p}, nil
}
