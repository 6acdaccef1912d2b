// Package flow holds normalizing flows: models that map events to standard
// normal noise one to one, so that their density is known exactly.
//
// # Ideas
//
// With the invertible map f from data to noise, which training fits,
//
//	log p(x) = log N(f(x); 0, I) + log |det ∂f/∂x|
//
// f standardises each dim in float64 by the mean and spread of the training
// events (with Config.Logit after the logit that opens a bounded column to the
// whole line), and then applies coupling layers, which transform one half of the
// dims by functions of the other half: RealNVP (Dinh, Sohl-Dickstein and
// Bengio 2017), or with Config.Transform "spline" a neural spline flow (Durkan
// et al. 2019). Both determinants count, so that log p is about the raw data.
//
//	model, err := flow.New(space, flow.Defaults(space, train.Len()), exec)
//	err = model.Init(key, train) // then fit model.Objective() with package train
//	err = model.(surprisal.Density).LogProb(dst, test)
//
// A flow models real vectors. On a space of reals, New gives a [Flow], which
// has an exact density. On a space with discrete columns it gives a
// [Dequantized], which has a bound: uniform noise fills the cell of each
// discrete value, drawn anew at every step of training (Theis, van den Oord and
// Bethge 2016).
//
// Legend: N events, B batch, D dims.
//
// # Guarantees
//
// log p of an event does not depend on its batch. An event more than 10⁹ standard
// deviations from the training data has log p = −Inf. Weights, and so results,
// depend on seed, data, configuration and executor alone.
package flow

import (
	"fmt"
	"slices"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/dist"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/fmath"
	"github.com/surprisal-go/surprisal/model/feed"
	"github.com/surprisal-go/surprisal/nn"
	"github.com/surprisal-go/surprisal/objective"
	"github.com/surprisal-go/surprisal/prep"
	"github.com/surprisal-go/surprisal/tensor"
)

// Model is what both kinds of flow have: [Flow] is a surprisal.Density and a
// surprisal.Invertible beside it, [Dequantized] a surprisal.Bounded.
type Model interface {
	surprisal.Sampler
	// Space is what the model is a model of.
	Space() *surprisal.Space
	// State is everything to save: parameters and the fitted standardisation.
	// Copying into its tensors restores a model.
	State() *tensor.Store
	// NumParams is the number of trained scalars.
	NumParams() int
	// Init draws the parameters and fits the standardisation.
	Init(key surprisal.Key, train *surprisal.Batch) error
	// Objective is what training minimises: mean nats an event.
	Objective() (*objective.Objective, error)
}

// New returns an untrained flow for the events of a space: a *[Flow] if all
// columns are real, else a *[Dequantized].
func New(space *surprisal.Space, cfg *Config, exec graph.Executor) (Model, error) {
	if err := Fits(space); err != nil {
		return nil, err
	}
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("flow: %w", err)
	}
	f, err := newFlow(space, cfg, exec)
	if err != nil || space.Continuous() {
		return f, err
	}
	return dequantized(space, f)
}

// Flow is a normalizing flow of real vectors.
type Flow struct {
	space       *surprisal.Space
	cfg         Config
	exec        graph.Executor
	standardize *prep.Affine
	maps        prep.Chain // of raw events, the last two standardize and limit
	state       *tensor.Store

	score, noise, inverse feed.Runner
	logDet                []float64 // of the maps, filled by a run
}

const (
	prefix = "standardize/" // of the tensors that are fitted, not trained
	events = "x"            // standardised events (B, D)
	keyIn  = "key"
	idsIn  = "ids"

	farthest = 1e9 // standard deviations
)

// newFlow returns a flow of the events of a space with noise on their cells.
func newFlow(space *surprisal.Space, cfg *Config, exec graph.Executor) (*Flow, error) {
	d := space.Dims()
	f := &Flow{space: space, cfg: *cfg, exec: exec, state: &tensor.Store{}}
	f.cfg.Hidden = slices.Clone(cfg.Hidden)
	f.standardize = &prep.Affine{Shift: make([]float64, d), Scale: slices.Repeat([]float64{1}, d)}
	if cfg.Logit > 0 {
		unit, err := unitInterval(space)
		if err != nil {
			return nil, err
		}
		f.maps = prep.Chain{unit, prep.Logit{Lambda: cfg.Logit}}
	}
	f.maps = append(f.maps, f.standardize, prep.Limit{Most: farthest})
	if !space.Continuous() {
		f.space = prep.ContinuousTwin(space)
	}
	f.state.Merge(prefix, f.standardize.State())
	f.drawParams(0)

	g := graph.New()
	chain, _ := f.cfg.chain(d, nn.Dropout{})
	x := g.Input(events, graph.F32, graph.Batch, d)
	z, logDet := chain.Forward(x)
	back, _ := chain.Inverse(x)
	f.score = f.runner(f.standard, logProb(z, logDet))
	f.noise = f.runner(f.standard, z, logDet)
	f.inverse = f.runner(nil, back)
	return f, nil
}

// logProb is log N(z; 0, I) + log |det|, (B).
func logProb(z, logDet *graph.Node) *graph.Node {
	return dist.Standard(z.Graph(), z.Shape()...).LogProb(z).Add(logDet)
}

// drawParams sets the parameters, in the tensors that are there already.
func (f *Flow) drawParams(key surprisal.Key) {
	_, nets := f.cfg.chain(f.space.Dims(), nn.Dropout{})
	for _, n := range nets {
		n.Init(f.state, key)
	}
}

// runner runs outputs on rows that fill computes; nil feeds the events as they are.
func (f *Flow) runner(fill func([]float64, *surprisal.Batch) error, outputs ...*graph.Node) feed.Runner {
	rows := feed.Rows{Input: events, Width: f.space.Dims(), Fill: fill}
	return feed.Runner{Exec: f.exec, Store: f.state, Outputs: outputs, Feed: rows.Feed}
}

// Space implements [Model].
func (f *Flow) Space() *surprisal.Space { return f.space }

// State implements [Model].
func (f *Flow) State() *tensor.Store { return f.state }

// NumParams implements [Model].
func (f *Flow) NumParams() int { return f.state.Elements() - 2*f.space.Dims() }

// standard writes the mapped events of b into dst (N × D) and appends the
// log-determinants to f.logDet.
func (f *Flow) standard(dst []float64, b *surprisal.Batch) error {
	b.Float64s(dst, 0)
	at := len(f.logDet)
	f.logDet = append(f.logDet, make([]float64, b.Len())...)
	f.maps.Forward(dst, f.logDet[at:])
	return nil
}

// run evaluates a runner on raw events, into destinations of which the last
// (N) gets the log-determinant of the maps added.
func (f *Flow) run(r *feed.Runner, x *surprisal.Batch, dst ...[]float64) error {
	if err := feed.CheckSpace(x, f.space); err != nil {
		return fmt.Errorf("flow: %w", err)
	}
	f.logDet = f.logDet[:0]
	if err := r.Floats(x, dst...); err != nil {
		return fmt.Errorf("flow: %w", err)
	}
	last := dst[len(dst)-1]
	for i, v := range f.logDet {
		last[i] += v
	}
	return nil
}

// LogProb implements [surprisal.Density].
func (f *Flow) LogProb(dst []float64, x *surprisal.Batch) error { return f.run(&f.score, x, dst) }

// Noise implements [surprisal.Invertible]: z is N × D.
func (f *Flow) Noise(z, logDet []float64, x *surprisal.Batch) error {
	return f.run(&f.noise, x, z, logDet)
}

// Sample implements [surprisal.Sampler]. Event i depends on key and i alone.
func (f *Flow) Sample(n int, key surprisal.Key, context *surprisal.Batch) (*surprisal.Batch, error) {
	if context != nil {
		return nil, fmt.Errorf("sampling: this flow takes no context")
	}
	d := f.space.Dims()
	rows := make([]float64, n*d)
	for i := range n {
		r := key.Fold(uint64(i)).Rand()
		for j := range d {
			rows[i*d+j] = fmath.Normal(r)
		}
	}
	if err := f.inverse.Floats(prep.Pack(f.space, rows), rows); err != nil {
		return nil, fmt.Errorf("sampling: %w", err)
	}
	f.maps.Inverse(rows)
	return prep.Pack(f.space, rows), nil
}

var _ interface {
	Model
	surprisal.Density
	surprisal.Invertible
} = (*Flow)(nil)
