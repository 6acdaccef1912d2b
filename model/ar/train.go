package ar

import (
	"fmt"
	"math"
	"slices"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/fmath"
	"github.com/surprisal-go/surprisal/model/feed"
	"github.com/surprisal-go/surprisal/nn"
	"github.com/surprisal-go/surprisal/objective"
	"github.com/surprisal-go/surprisal/prep"
)

const (
	keyIn = "key"
	idsIn = "ids"
)

// Objective is −log p in nats of raw data, mean over the batch.
func (m *MADE) Objective() (*objective.Objective, error) {
	g := graph.New()
	drop := nn.Dropout{Rate: m.cfg.Dropout, Key: g.Input(keyIn, graph.U32, 2), IDs: g.Input(idsIn, graph.U32, graph.Batch, 2)}
	y := m.net.apply(g.Input(featuresIn, graph.F32, graph.Batch, len(m.layout.features)), drop)
	loss := g.Param(offsetName)
	for i := range m.layout.heads {
		h := &m.layout.heads[i]
		loss = loss.Sub(h.dist(y[i]).LogProb(h.input(g)).Mean())
	}
	enc := newEncoder(m.space, m.layout, m.enc.shift, m.enc.scale, m.enc.spikes)
	o := objective.New(m.state, objective.Phase{
		Loss:      loss,
		Params:    nn.Params(g, m.net.layers()...),
		Optimizer: m.cfg.optimizer(),
		Feed: func(feeds graph.Feeds, b *surprisal.Batch, key surprisal.Key) error {
			feed.Key(feeds, keyIn, key.Named("dropout"))
			feed.IDs(feeds, idsIn, b)
			return enc.feed(feeds, b)
		},
	})
	o.Batch, o.Patience = m.cfg.Batch, m.cfg.Patience
	return o, nil
}

// Init draws the weights and sets the standardisation and the output biases
// from the training events, so that training begins at about the independent
// marginals.
func (m *MADE) Init(key surprisal.Key, train *surprisal.Batch) error {
	if err := feed.CheckSpace(train, m.space); err != nil {
		return err
	}
	if train.Len() == 0 {
		return fmt.Errorf("initialising a MADE: no training events")
	}
	for _, l := range m.net.layers() {
		l.Init(m.state, key)
	}
	std := prep.Standardize(train)
	for _, c := range m.layout.columns {
		if a := m.layout.heads[c.head].answer; a == cells || a == densities {
			m.enc.shift[c.at], m.enc.scale[c.at] = std.Shift[c.at], std.Scale[c.at]
		}
	}
	m.standardize()
	shares, err := m.enc.spikes.fit(m.layout, train)
	if err != nil {
		return fmt.Errorf("initialising a MADE: %w", err)
	}
	return m.initBiases(train, shares)
}

// initRows is the greatest number of training events that biases begin from.
const initRows = 5000

// initBiases sets the output biases to the marginals of the training events, of
// which spikes stand for the given shares (G).
func (m *MADE) initBiases(train *surprisal.Batch, shares []float64) error {
	rows := make([]int, min(train.Len(), initRows))
	for i := range rows {
		rows[i] = i * train.Len() / len(rows)
	}
	b := train.Take(rows)
	d := len(m.layout.columns)
	values := make([]float64, len(rows)*d)
	b.Float64s(values, 0)
	scratch := make([]float32, len(m.layout.features))
	column := make([]float64, len(rows))
	for i := range m.layout.columns {
		c := &m.layout.columns[i]
		for r := range rows {
			v, err := m.enc.encode(c, values[r*d+c.at], scratch)
			if err != nil {
				return fmt.Errorf("training event %d: %w", rows[r], err)
			}
			column[r] = v
		}
		h := &m.layout.heads[c.head]
		bias := m.state.Must("out/" + h.name + "/b").F32()[c.slot*h.params : (c.slot+1)*h.params]
		switch h.answer {
		case bits:
			p := frequencies(column, 2)
			bias[0] = float32(fmath.Log(p[1] / p[0]))
		case codes:
			for k, p := range frequencies(column, h.levels) {
				bias[k] = float32(fmath.Log(p))
			}
		case cells:
			half := float64(m.state.Must(halfName).F32()[c.slot])
			floor := float64(m.state.Must(floorName).F32()[c.slot])
			// Spikes take all events of a value but one: the smooth part has
			// the rest, every value once (Kneser and Ney 1995).
			slices.Sort(column)
			initMixture(bias[:h.params-1], slices.Compact(column), half, floor)
			p := max(0.05, min(shares[c.slot], 0.95)) // room to move either way
			bias[h.params-1] = float32(fmath.Log(p / (1 - p)))
		case densities:
			initMixture(bias, column, 0.02, densityFloor)
		}
	}
	return nil
}

// frequencies are the shares of the codes 0 … k−1, each counted half a time
// more than it occurs (Krichevsky and Trofimov 1981).
func frequencies(codes []float64, k int) []float64 {
	p := make([]float64, k)
	for _, c := range codes {
		p[int(c)]++
	}
	for i := range p {
		p[i] = (p[i] + 0.5) / (float64(len(codes)) + 0.5*float64(k))
	}
	return p
}

// initMixture sets the outputs of a mixture of C logistics, of scales not below
// least, to spread over the values z, which it sorts: component k covers
// quantiles k/(C−1) to (k+1)/(C−1), and the last one everything, at a twentieth
// of the weight, for outliers.
func initMixture(bias []float32, z []float64, least, floor float64) {
	slices.Sort(z)
	quantile := func(p float64) float64 { return z[int(math.Round(p*float64(len(z)-1)))] }
	c := len(bias) / 3
	narrow := max(c-1, 1)
	for k := range c {
		lo, hi := float64(k)/float64(narrow), float64(k+1)/float64(narrow)
		weight, mean, scale := 1.0, 0.0, 1.0
		if k < narrow {
			// A uniform piece of width w is about a logistic of scale w/6;
			// w/4 leaves room for what lies between the training values.
			mean, scale = quantile((lo+hi)/2), (quantile(hi)-quantile(lo))/4
		} else {
			weight = 0.05 * float64(narrow)
		}
		scale = max(scale, least)
		bias[k] = float32(fmath.Log(weight))
		bias[c+k] = float32(mean)
		// The inverse of floor + softplus(r − floor).
		above := max(fmath.Log(scale)-floor, 0.1)
		bias[2*c+k] = float32(floor + fmath.Log(fmath.Expm1(above)))
	}
}
