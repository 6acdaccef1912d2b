package ar

import (
	"fmt"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/fmath"
	"github.com/surprisal-go/surprisal/model/feed"
	"github.com/surprisal-go/surprisal/nn"
	"github.com/surprisal-go/surprisal/tensor"
)

// MADE is a masked autoencoder for distribution estimation. It is a
// [surprisal.Density], [surprisal.Autoregressive] and [surprisal.Sampler].
type MADE struct {
	space  *surprisal.Space
	cfg    Config
	exec   graph.Executor
	layout *layout
	net    *net
	state  *tensor.Store
	enc    *encoder
	terms  *feed.Runner // log p of every head's columns
	drawer *drawer      // nil before the first draw

	row    []float64 // scratch of eachRow
	values [][]float64
}

// New returns a MADE of drawn weights that predicts each column about its
// middle; Init fits it to data.
func New(space *surprisal.Space, cfg *Config, exec graph.Executor) (*MADE, error) {
	if err := space.Validate(); err != nil {
		return nil, err
	}
	if err := Fits(space); err != nil {
		return nil, err
	}
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	m := &MADE{space: space, cfg: *cfg, exec: exec, state: &tensor.Store{}}
	m.layout = newLayout(space, &m.cfg)
	m.net = newNet(&m.cfg, m.layout)
	for _, l := range m.net.layers() {
		l.Init(m.state, 0)
	}
	shift, scale := newStandard(m.state, m.layout)
	m.enc = newEncoder(space, m.layout, shift, scale, newSpikes(m.state, m.layout))
	m.standardize()
	m.terms = m.scorer()
	return m, nil
}

// Space returns what the model is a distribution over.
func (m *MADE) Space() *surprisal.Space { return m.space }

// State returns the weights, the standardisation and the spikes. Tensors copied into it
// take effect at once.
func (m *MADE) State() *tensor.Store { return m.state }

// NumParams is the number of weights that the masks leave open, and of biases.
func (m *MADE) NumParams() int { return m.net.numParams() }

// scorer runs the graph of log p of all columns.
func (m *MADE) scorer() *feed.Runner {
	g := graph.New()
	y := m.net.apply(g.Input(featuresIn, graph.F32, graph.Batch, len(m.layout.features)), nn.Dropout{})
	var terms []*graph.Node
	for i := range m.layout.heads {
		h := &m.layout.heads[i]
		terms = append(terms, h.dist(y[i]).LogProbEach(h.input(g)))
	}
	return &feed.Runner{Exec: m.exec, Store: m.state, Outputs: terms, Feed: m.enc.feed}
}

// LogProb implements [surprisal.Density]. It is an error if an event does not
// lie in the space.
func (m *MADE) LogProb(dst []float64, x *surprisal.Batch) error {
	if len(dst) != x.Len() {
		panic(fmt.Sprintf("ar: LogProb of %d events into %d", x.Len(), len(dst)))
	}
	return m.eachRow(x, func(i int, terms []float64) {
		sum := 0.0
		for _, t := range terms {
			sum += t
		}
		dst[i] = sum
	})
}

// Conditionals implements [surprisal.Autoregressive]. "Earlier" is meant in
// the order of generation; entries are in the order of Space.Columns.
func (m *MADE) Conditionals(dst []float64, x *surprisal.Batch) error {
	d := len(m.layout.columns)
	if len(dst) != x.Len()*d {
		panic(fmt.Sprintf("ar: Conditionals of %d events of %d dims into %d", x.Len(), d, len(dst)))
	}
	return m.eachRow(x, func(i int, terms []float64) { copy(dst[i*d:], terms) })
}

// eachRow hands out the log-probs of an event's dims in raw units (D), in the
// order of Space.Columns.
func (m *MADE) eachRow(x *surprisal.Batch, use func(i int, terms []float64)) error {
	m.row = resize(m.row, len(m.layout.columns))
	m.values = resize(m.values, len(m.layout.heads))
	row, values, logScale := m.row, m.values, m.logScales()
	return m.terms.Each(x, func(lo, hi int, out []tensor.Tensor) error {
		for h, t := range out {
			values[h] = resize(values[h], t.Size())
			feed.Widen(values[h], t, 0)
		}
		for i := lo; i < hi; i++ {
			for h, v := range values {
				places := m.layout.heads[h].at
				v = v[(i-lo)*len(places):][:len(places)]
				if scales := logScale[h]; scales != nil {
					for slot, at := range places {
						row[at] = v[slot] - scales[slot]
					}
					continue
				}
				for slot, at := range places {
					row[at] = v[slot]
				}
			}
			use(i, row)
		}
		return nil
	})
}

// logScales are what standardisation takes from the log density of the columns
// of each head; nil where they are discrete.
func (m *MADE) logScales() [][]float64 {
	out := make([][]float64, len(m.layout.heads))
	for i := range m.layout.heads {
		h := &m.layout.heads[i]
		if h.answer != densities {
			continue
		}
		for _, at := range h.at {
			out[i] = append(out[i], fmath.Log(m.enc.scale[at]))
		}
	}
	return out
}
