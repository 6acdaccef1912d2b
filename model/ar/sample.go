package ar

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/dist"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/fmath"
	"github.com/surprisal-go/surprisal/model/feed"
	"github.com/surprisal-go/surprisal/nn"
	"github.com/surprisal-go/surprisal/prep"
	"github.com/surprisal-go/surprisal/tensor"
)

// drawer draws events column after column, each from parameters that have just
// become known.
type drawer struct {
	*MADE
	steps  graph.StepPlan
	first  []int       // of every head: its first output, and the end
	params [][]float64 // of a column, by output
	row    []float32   // features of an event
	coins  *coins
	bits   []bitColumn // by column

	// Of the events under way.
	inputs []tensor.Tensor // of a step, by number of features of a column
	logits [][]float32     // of heads of bits
	source []rand.PCG      // of their random numbers
	random []*rand.Rand    // the same
}

// newDrawer compiles the parameters that the columns of all heads are drawn
// from, in steps that each make the features of one column known.
func (m *MADE) newDrawer() (*drawer, error) {
	g := graph.New()
	in := g.Input(featuresIn, graph.F32, graph.Batch, len(m.layout.features))
	d := &drawer{MADE: m, row: make([]float32, len(m.layout.features)), coins: newCoins(), bits: m.layout.bitColumns()}
	var outputs []*graph.Node
	for i, y := range m.net.apply(in, nn.Dropout{}) {
		d.first = append(d.first, len(outputs))
		switch p := m.layout.heads[i].dist(y).(type) {
		case dist.Bernoulli:
			outputs = append(outputs, p.Logits)
		case dist.Categorical:
			outputs = append(outputs, p.Logits)
		case dist.Spiked:
			of := p.Of.(dist.DiscretizedLogisticMixture)
			outputs = append(outputs, of.Logits, of.Mean, of.LogScale, p.Logit)
		case dist.LogisticMixture:
			outputs = append(outputs, p.Logits, p.Mean, p.LogScale)
		}
	}
	d.first = append(d.first, len(outputs))
	for _, n := range outputs {
		d.params = append(d.params, make([]float64, graph.RowSize(n.Shape())/n.Dim(1)))
	}
	positions := make([]int, len(m.layout.features))
	for f, degree := range m.layout.features {
		positions[f] = degree - 1
	}
	var err error
	if d.steps, err = graph.CompileSteps(m.exec, outputs, in, positions); err != nil {
		return nil, err
	}
	return d, d.check()
}

// check holds that the parameters of a column depend on earlier ones alone.
func (d *drawer) check() error {
	for i := range d.layout.columns {
		c := &d.layout.columns[i]
		for k := d.first[c.head]; k < d.first[c.head+1]; k++ {
			known, size := d.steps.Known(k), len(d.params[k])
			if known != nil && slices.Max(known[c.slot*size:(c.slot+1)*size]) > i {
				return fmt.Errorf("column %d of the order depends on column %d", i, slices.Max(known)-1)
			}
		}
	}
	return nil
}

// Sample implements [surprisal.Sampler]: it draws the dims one after the other
// in the order of generation, for the work of one pass over the network in
// all. Event i depends on the key and on i alone.
func (m *MADE) Sample(n int, key surprisal.Key, context *surprisal.Batch) (*surprisal.Batch, error) {
	if context != nil {
		return nil, fmt.Errorf("sampling a MADE: the model takes no context")
	}
	if m.drawer == nil {
		d, err := m.newDrawer()
		if err != nil {
			return nil, fmt.Errorf("sampling a MADE: %w", err)
		}
		m.drawer = d
	}
	const chunk = 64 // events whose state stays in the second cache
	dims := len(m.layout.columns)
	rows := make([]float64, n*dims)
	for lo := 0; lo < n; lo += chunk {
		hi := min(lo+chunk, n)
		m.drawer.begin(key, lo, hi)
		if err := m.drawer.sample(rows[lo*dims : hi*dims]); err != nil {
			return nil, fmt.Errorf("sampling a MADE: %w", err)
		}
	}
	return prep.Pack(m.space, rows), nil
}

// begin makes the generators of events lo … hi−1.
func (d *drawer) begin(key surprisal.Key, lo, hi int) {
	if n := hi - lo; n != len(d.source) {
		d.source, d.random, d.inputs = make([]rand.PCG, n), make([]*rand.Rand, n), nil
		for r := range d.source {
			d.random[r] = rand.New(&d.source[r])
		}
	}
	for r := range d.source {
		d.source[r] = *key.Fold(uint64(lo + r)).Source()
	}
}

// sample fills a row for every generator.
func (d *drawer) sample(rows []float64) error {
	ctx := context.Background()
	n, dims := len(d.source), len(d.layout.columns)
	out, err := d.steps.Reset(ctx, n, nil, d.state)
	if err != nil {
		return err
	}
	d.logits = d.logits[:0]
	for h := range d.layout.heads {
		x, _ := out[d.first[h]].Data.([]float32) // other executors may have float64
		d.logits = append(d.logits, x)
	}
	bit := *d.input(n, 1)
	feature := bit.F32()
	for i := range d.bits {
		c := &d.bits[i]
		if c.head < 0 || d.logits[c.head] == nil {
			if err := d.column(ctx, i, rows, out); err != nil {
				return err
			}
			continue
		}
		c.draw(d.coins, feature, rows, dims, d.logits[c.head], d.source)
		if err := d.steps.Step(ctx, bit); err != nil {
			return err
		}
	}
	return nil
}

// column draws column i in every row, and makes a step.
func (d *drawer) column(ctx context.Context, i int, rows []float64, out []tensor.Tensor) error {
	c := &d.layout.columns[i]
	in := d.input(len(d.random), c.width)
	features := in.Data.([]float32)
	for r, random := range d.random {
		v := &rows[r*len(d.layout.columns)+c.at]
		*v = d.draw(c, d.paramsOf(c, r, out), random)
		if _, err := d.enc.encode(c, *v, d.row); err != nil {
			return err
		}
		copy(features[r*c.width:(r+1)*c.width], d.row[c.feature:])
	}
	return d.steps.Step(ctx, *in)
}

// input returns the memory of a step of so many features a column.
func (d *drawer) input(n, width int) *tensor.Tensor {
	for len(d.inputs) <= width {
		d.inputs = append(d.inputs, tensor.Tensor{})
	}
	if d.inputs[width].Data == nil {
		d.inputs[width] = tensor.New[float32](n, width)
	}
	return &d.inputs[width]
}

// paramsOf picks a column's parameters in row r from the outputs. They are
// valid until the next call.
func (d *drawer) paramsOf(c *column, r int, out []tensor.Tensor) [][]float64 {
	first, end := d.first[c.head], d.first[c.head+1]
	columns := len(d.layout.heads[c.head].columns)
	for k := first; k < end; k++ {
		size := len(d.params[k])
		feed.Widen(d.params[k], out[k], (r*columns+c.slot)*size)
	}
	return d.params[first:end]
}

// draw draws a column's value in raw units from its head's parameters.
func (d *drawer) draw(c *column, params [][]float64, r *rand.Rand) float64 {
	h := &d.layout.heads[c.head]
	switch h.answer {
	case bits:
		return c.point(float64(below(r.Float64(), params[0][0])))
	case codes:
		return c.point(float64(pick(params[0], r)))
	case cells:
		if r.Float64() < fmath.Sigmoid(params[3][0]) {
			return c.point(d.enc.spikes.draw(c.slot, r.Float64()))
		}
	}
	k := pick(params[0], r)
	u := max(r.Float64(), 0x1p-60) // the logit of 0 is no number
	logistic := fmath.Log(u) - fmath.Log1p(-u)
	z := params[1][k] + float64(fmath.Exp(params[2][k])*logistic)
	v := float64(z*d.enc.scale[c.at]) + d.enc.shift[c.at]
	if h.answer == densities {
		return v
	}
	top := float64(math.MaxInt32)
	if _, _, levels := c.field.Grid(); levels > 0 {
		top = float64(levels - 1)
	}
	return c.point(max(0, min(math.Round((v-c.low)/c.step), top)))
}

// point is grid point k of a discrete column.
func (c *column) point(k float64) float64 { return float64(k*c.step) + c.low }

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
