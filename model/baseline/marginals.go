package baseline

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/model/feed"
	"github.com/surprisal-go/surprisal/prep"
	"github.com/surprisal-go/surprisal/tensor"
)

// MarginalsConfig holds the settings of independent marginals.
type MarginalsConfig struct {
	// Alpha is added to the count of every category; 0 means ½ (Krichevsky and
	// Trofimov 1981).
	Alpha float64 `json:"alpha" help:"added to the count of every category; 0 is one half"`
}

// Validate reports the first setting that means nothing.
func (c *MarginalsConfig) Validate() error {
	if !(c.Alpha >= 0 && !math.IsInf(c.Alpha, 1)) {
		return fmt.Errorf("alpha %v: want 0 (default) or more", c.Alpha)
	}
	return nil
}

// smoothing is alpha, or what zero means.
func (c MarginalsConfig) smoothing() float64 {
	if c.Alpha == 0 {
		return 0.5
	}
	return c.Alpha
}

// Marginals is a product of one distribution for every dim:
//
//	log p(x) = Σ_d log p_d(x_d)
//
// Binary and categorical dims have smoothed frequencies; counts and grids a
// mass on the whole grid, smoothed as far as leave-one-out log p asks for, with
// a heavy tail; real dims a mixture of normal densities in one dimension. All
// are exact.
//
// The state is grid (per discrete dim: low, high, width, tail, scale of its
// mass), table (their tables), components (per real dim) and normals (per
// component: log weight, mean, standard deviation in raw units).
type Marginals struct {
	space *surprisal.Space
	cfg   MarginalsConfig
	state tensor.Store
}

// NewMarginals returns unfitted marginals for the events of a space.
func NewMarginals(space *surprisal.Space, cfg *MarginalsConfig) (*Marginals, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("marginals: %w", err)
	}
	if err := Fits(space); err != nil {
		return nil, err
	}
	return &Marginals{space: space, cfg: *cfg}, nil
}

// marginal is the distribution of one dim.
type marginal interface {
	// logProb is −Inf outside the support.
	logProb(v float64) float64
	sample(r *rand.Rand) float64
}

// Space implements [Model].
func (m *Marginals) Space() *surprisal.Space { return m.space }

// State implements [Model].
func (m *Marginals) State() *tensor.Store { return &m.state }

// NumParams implements [Model]: free masses of the tables, weight and scale of
// the tails, and the parameters of the normals.
func (m *Marginals) NumParams() int {
	dims, err := m.load()
	if err != nil {
		return 0
	}
	n := 0
	for _, d := range dims {
		switch d := d.(type) {
		case *mass:
			n += len(d.table) - 1
			if d.tail > 0 {
				n += 2
			}
		case *line:
			n += d.numParams()
		}
	}
	return n
}

// Fit implements [Model].
func (m *Marginals) Fit(ctx context.Context, train, valid *surprisal.Batch, key surprisal.Key, progress func(string)) error {
	if err := checkTraining(m.space, train, valid); err != nil {
		return fmt.Errorf("fitting marginals: %w", err)
	}
	columns := m.space.Columns()
	dims := make([]marginal, len(columns))
	weights := make([]float64, train.Len())
	total := 0.0
	for i := range weights {
		weights[i] = weightOf(train, i)
		total += weights[i]
	}
	if !(total > 0) {
		return fmt.Errorf("fitting marginals: the weights of the events sum to zero")
	}
	eachChunk(len(columns), 1, func(_, d, _ int) {
		if f := columns[d]; f.Discrete() && ctx.Err() == nil {
			dims[d] = m.discrete(f, values(train, d), weights)
		}
	})
	for d, f := range columns {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("fitting marginals: %w", err)
		}
		if f.Discrete() {
			continue
		}
		l, err := fitLine(ctx, train, valid, d, key)
		if err != nil {
			return fmt.Errorf("fitting the marginal of %q: %w", f.Name, err)
		}
		report(progress, "%s: %d normals", f.Name, l.k)
		dims[d] = l
	}
	m.save(dims)
	return nil
}

func (m *Marginals) discrete(f surprisal.Field, values, weights []float64) *mass {
	if f.Kind == surprisal.Count || f.Kind == surprisal.Grid {
		return ordered(f, values, weights)
	}
	return codes(f, values, weights, m.cfg.smoothing())
}

// LogProb implements [surprisal.Density].
func (m *Marginals) LogProb(dst []float64, x *surprisal.Batch) error {
	if len(dst) != x.Len() {
		panic(fmt.Sprintf("baseline: LogProb of %d events into %d", x.Len(), len(dst)))
	}
	return m.score(x, func(i int, terms []float64) {
		dst[i] = 0
		for _, t := range terms {
			dst[i] += t
		}
	})
}

// Conditionals implements [surprisal.Autoregressive]: as the dims are
// independent, they are the log p of each.
func (m *Marginals) Conditionals(dst []float64, x *surprisal.Batch) error {
	d := m.space.Dims()
	if len(dst) != x.Len()*d {
		panic(fmt.Sprintf("baseline: Conditionals of %d × %d into %d", x.Len(), d, len(dst)))
	}
	return m.score(x, func(i int, terms []float64) { copy(dst[i*d:], terms) })
}

// score calls use with the log p of every dim of every event.
func (m *Marginals) score(x *surprisal.Batch, use func(i int, terms []float64)) error {
	if err := feed.CheckSpace(x, m.space); err != nil {
		return fmt.Errorf("marginals: %w", err)
	}
	dims, err := m.load()
	if err != nil {
		return err
	}
	eachChunk(x.Len(), 64, func(_, lo, hi int) {
		rows := make([]float64, (hi-lo)*len(dims))
		x.Float64s(rows, lo)
		for i := lo; i < hi; i++ {
			terms := rows[(i-lo)*len(dims) : (i-lo+1)*len(dims)]
			for d, v := range terms {
				terms[d] = dims[d].logProb(v)
			}
			use(i, terms)
		}
	})
	return nil
}

// Sample implements [surprisal.Sampler]. Event i depends on key and i alone.
func (m *Marginals) Sample(n int, key surprisal.Key, context *surprisal.Batch) (*surprisal.Batch, error) {
	if context != nil {
		return nil, fmt.Errorf("sampling: marginals take no context")
	}
	dims, err := m.load()
	if err != nil {
		return nil, err
	}
	rows := make([]float64, 0, n*len(dims))
	for i := range n {
		r := key.Fold(uint64(i)).Rand()
		for _, d := range dims {
			rows = append(rows, d.sample(r))
		}
	}
	return prep.Pack(m.space, rows), nil
}

var _ interface {
	Model
	surprisal.Density
	surprisal.Autoregressive
} = (*Marginals)(nil)
