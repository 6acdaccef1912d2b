package ar

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/dist"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/fmath"
	"github.com/surprisal-go/surprisal/model/feed"
	"github.com/surprisal-go/surprisal/nn"
	"github.com/surprisal-go/surprisal/prep"
	"github.com/surprisal-go/surprisal/tensor"
)

// drawers returns for every head the graph of the parameters that its columns
// are drawn from.
func (m *MADE) drawers() []*feed.Runner {
	out := make([]*feed.Runner, len(m.layout.heads))
	for i := range m.layout.heads {
		g := graph.New()
		y := m.net.apply(g.Input(featuresIn, graph.F32, graph.Batch, len(m.layout.features)), nn.Dropout{})[i]
		var params []*graph.Node
		switch p := m.layout.heads[i].dist(y).(type) {
		case dist.Bernoulli:
			params = []*graph.Node{p.Logits}
		case dist.Categorical:
			params = []*graph.Node{p.Logits}
		case dist.Spiked:
			of := p.Of.(dist.DiscretizedLogisticMixture)
			params = []*graph.Node{of.Logits, of.Mean, of.LogScale, p.Logit}
		case dist.LogisticMixture:
			params = []*graph.Node{p.Logits, p.Mean, p.LogScale}
		}
		out[i] = &feed.Runner{Exec: m.exec, Store: m.state, Outputs: params}
	}
	return out
}

// Sample implements [surprisal.Sampler]: it draws the dims one after the other
// in the order of generation. Event i depends on the key and on i alone.
func (m *MADE) Sample(n int, key surprisal.Key, context *surprisal.Batch) (*surprisal.Batch, error) {
	if context != nil {
		return nil, fmt.Errorf("sampling a MADE: the model takes no context")
	}
	const chunk = 256
	d, f := len(m.layout.columns), len(m.layout.features)
	rows := make([]float64, n*d)
	for lo := 0; lo < n; lo += chunk {
		hi := min(lo+chunk, n)
		random := make([]*rand.Rand, hi-lo)
		for i := range random {
			random[i] = key.Fold(uint64(lo + i)).Rand()
		}
		if err := m.sample(rows[lo*d:hi*d], make([]float32, (hi-lo)*f), random); err != nil {
			return nil, err
		}
	}
	return prep.Pack(m.space, rows), nil
}

// sample fills rows, given zeroed features and a generator for every row.
func (m *MADE) sample(rows []float64, features []float32, random []*rand.Rand) error {
	d, f := len(m.layout.columns), len(m.layout.features)
	feeds := graph.Feeds{featuresIn: tensor.Of(features, len(random), f)}
	for i := range m.layout.columns {
		c := &m.layout.columns[i]
		err := m.params[c.head].Run(feeds, func(out []tensor.Tensor) error {
			for r := range random {
				v := m.draw(c, m.paramsOf(c, r, len(random), out), random[r])
				rows[r*d+c.at] = v
				if _, err := m.enc.encode(c, v, features[r*f:(r+1)*f]); err != nil {
					return fmt.Errorf("sampling a MADE: %w", err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// paramsOf picks a column's parameters in row r of n from the outputs of its
// head's graph.
func (m *MADE) paramsOf(c *column, r, n int, out []tensor.Tensor) [][]float64 {
	columns := len(m.layout.heads[c.head].columns)
	params := make([][]float64, len(out))
	for k, t := range out {
		size := t.Size() / (n * columns)
		params[k] = make([]float64, size)
		feed.Widen(params[k], t, (r*columns+c.slot)*size)
	}
	return params
}

// draw draws a column's value in raw units from its head's parameters.
func (m *MADE) draw(c *column, params [][]float64, r *rand.Rand) float64 {
	h := &m.layout.heads[c.head]
	switch h.answer {
	case bits:
		k := 0
		if r.Float64() < fmath.Sigmoid(params[0][0]) {
			k = 1
		}
		return point(c.field, float64(k))
	case codes:
		return point(c.field, float64(pick(params[0], r)))
	case cells:
		if r.Float64() < fmath.Sigmoid(params[3][0]) {
			return point(c.field, m.enc.spikes.draw(c.slot, r.Float64()))
		}
	}
	k := pick(params[0], r)
	u := max(r.Float64(), 0x1p-60) // the logit of 0 is no number
	logistic := fmath.Log(u) - fmath.Log1p(-u)
	z := params[1][k] + float64(fmath.Exp(params[2][k])*logistic)
	v := float64(z*m.enc.scale[c.at]) + m.enc.shift[c.at]
	if h.answer == densities {
		return v
	}
	low, step, levels := c.field.Grid()
	top := float64(math.MaxInt32)
	if levels > 0 {
		top = float64(levels - 1)
	}
	return point(c.field, max(0, min(math.Round((v-low)/step), top)))
}

// point is grid point k of a discrete field.
func point(f surprisal.Field, k float64) float64 {
	low, step, _ := f.Grid()
	return float64(k*step) + low
}

// pick draws an index with probability softmax(logits).
func pick(logits []float64, r *rand.Rand) int {
	u := fmath.LogSumExp(logits)
	rest := r.Float64()
	for k, l := range logits {
		if rest -= fmath.Exp(l - u); rest < 0 {
			return k
		}
	}
	return len(logits) - 1 // rounding left a sliver
}
