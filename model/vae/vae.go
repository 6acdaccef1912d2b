// Package vae holds variational autoencoders (Kingma and Welling 2014): latent
// variable models trained together with an approximate posterior.
//
// # Ideas
//
// A latent z is drawn from the prior N(0, I) and an event from p(x | z), whose
// parameters a decoder network computes. log p(x) is an integral over z that
// nobody can do; an encoder network gives q(z | x), and
//
//	log p(x) ≥ E_q[log p(x, z) − log q(z | x)] = E_q[log p(x | z)] − KL(q(z | x) ‖ p(z))
//
// is the evidence lower bound (ELBO) that training raises. With K draws of z,
// the log of the mean of the weights p(x, z)/q(z | x) is a tighter bound, which
// tends to log p(x) as K grows (Burda, Grosse and Salakhutdinov 2016).
//
//	model, err := vae.New(space, vae.Defaults(space, train.Len()), exec)
//	err = model.Init(key, train) // then fit model.Objective() with package train
//	err = model.LogWeights(dst, test, 64, key)
//
// A model that has p(x) only through a bound is a surprisal.Bounded and never a
// surprisal.Density.
//
// The decoder is Bernoulli on spaces of binary columns, and Gaussian on spaces
// of real ones, with one learned variance for each dim: events are standardised
// in float64, which counts. On other spaces New gives a [Dequantized], the
// Gaussian one with uniform noise on the cells of discrete values.
//
// Legend: N events, B batch, D dims, Z latents, K draws of z for an event.
//
// # Guarantees
//
// Draws of an event depend on the key and its id alone, not on its batch; the
// first draws of many are the draws of few. An event more than 10⁹ standard
// deviations from the training data has log weights of −Inf.
package vae

import (
	"fmt"
	"slices"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/model/feed"
	"github.com/surprisal-go/surprisal/nn"
	"github.com/surprisal-go/surprisal/objective"
	"github.com/surprisal-go/surprisal/prep"
	"github.com/surprisal-go/surprisal/tensor"
)

// Model is what both kinds of autoencoder have; [VAE] is a surprisal.Latent,
// a surprisal.Joint and a surprisal.Ancestral beside it.
type Model interface {
	surprisal.Bounded
	surprisal.Sampler
	// Space is what the model is a model of.
	Space() *surprisal.Space
	// State is everything to save: parameters and the fitted standardisation.
	// Copying into its tensors restores a model.
	State() *tensor.Store
	// NumParams is the number of trained scalars.
	NumParams() int
	// Init draws the parameters and fits what depends on data.
	Init(key surprisal.Key, train *surprisal.Batch) error
	// Objective is what training minimises: the negative bound, mean nats an
	// event.
	Objective() (*objective.Objective, error)
}

// New returns an untrained autoencoder for the events of a space: a *[VAE] if
// all columns are binary or all real, else a *[Dequantized].
func New(space *surprisal.Space, cfg *Config, exec graph.Executor) (Model, error) {
	if err := Fits(space); err != nil {
		return nil, err
	}
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("vae: %w", err)
	}
	if binary(space) || space.Continuous() {
		return newVAE(space, cfg, exec), nil
	}
	return dequantized(space, newVAE(prep.ContinuousTwin(space), cfg, exec))
}

func binary(space *surprisal.Space) bool {
	return !slices.ContainsFunc(space.Fields, func(f surprisal.Field) bool { return f.Kind != surprisal.Binary })
}

// VAE is a variational autoencoder of binary or of real events.
type VAE struct {
	space       *surprisal.Space
	cfg         Config
	binary      bool
	exec        graph.Executor
	standardize *prep.Affine // the identity on binary events
	maps        prep.Chain   // standardize and limit
	state       *tensor.Store

	one, many, parts, latent, decode, joint feed.Runner

	key    surprisal.Key // of the call in progress
	given  []float64     // latents of a call of LogJoint, those still to feed
	logDet []float64     // of the standardisation, filled by a run
}

const (
	prefix = "standardize/" // of the tensors that are fitted, not trained
	events = "x"            // standardised events (B, D)
	latent = "z"            // draws from the prior (B, Z)
	keyIn  = "key"
	idsIn  = "ids"

	farthest = 1e9 // standard deviations

	// draws of one run: a run has a row for each draw of each event.
	draws, chunk = 16, 32
)

func newVAE(space *surprisal.Space, cfg *Config, exec graph.Executor) *VAE {
	d := space.Dims()
	v := &VAE{space: space, cfg: *cfg, binary: binary(space), exec: exec, state: &tensor.Store{}}
	v.cfg.Hidden = slices.Clone(cfg.Hidden)
	v.standardize = &prep.Affine{Shift: make([]float64, d), Scale: slices.Repeat([]float64{1}, d)}
	v.maps = prep.Chain{v.standardize, prep.Limit{Most: farthest}}
	if !v.binary {
		v.state.Merge(prefix, v.standardize.State())
	}
	v.drawParams(0)
	v.build()
	return v
}

// build makes the graphs that score, explain and sample.
func (v *VAE) build() {
	g := graph.New()
	n := v.cfg.nets(v.space.Dims(), v.binary, nn.Dropout{})
	x, key, ids := v.inputs(g)
	single, several := n.terms(x, key, ids, 1), n.terms(x, key, ids, draws)
	v.one = v.runner(v.feedEvents(), 0, single.logWeights())
	v.many = v.runner(v.feedEvents(), chunk, several.logWeights())
	v.parts = v.runner(v.feedEvents(), 0, single.recon, single.kl)
	v.latent = v.runner(v.feedEvents(), 0, single.z, single.recon.Add(single.prior), single.logQ)

	z := g.Input(latent, graph.F32, graph.Batch, v.cfg.Latent)
	out := n.decoder.Apply(z)
	rows := feed.Rows{Input: latent, Width: v.cfg.Latent}
	if v.binary {
		v.decode = v.runner(rows.Feed, 0, out.Sigmoid())
	} else {
		v.decode = v.runner(rows.Feed, 0, out, n.logSD(g).Exp().BroadcastTo(graph.Batch, v.space.Dims()))
	}
	v.buildJoint(n)
}

func (v *VAE) inputs(g *graph.Graph) (x, key, ids *graph.Node) {
	return g.Input(events, graph.F32, graph.Batch, v.space.Dims()), g.Input(keyIn, graph.U32, 2), g.Input(idsIn, graph.U32, graph.Batch, 2)
}

func (v *VAE) runner(set func(graph.Feeds, *surprisal.Batch) error, chunk int, outputs ...*graph.Node) feed.Runner {
	return feed.Runner{Exec: v.exec, Store: v.state, Outputs: outputs, Feed: set, Chunk: chunk}
}

// feedEvents feeds standardised events, ids and the key of the call.
func (v *VAE) feedEvents() func(graph.Feeds, *surprisal.Batch) error {
	rows := v.eventRows()
	return func(feeds graph.Feeds, b *surprisal.Batch) error {
		feed.Key(feeds, keyIn, v.key)
		feed.IDs(feeds, idsIn, b)
		return rows.Feed(feeds, b)
	}
}

// eventRows feeds standardised events and notes their log-determinants.
func (v *VAE) eventRows() feed.Rows {
	return feed.Rows{Input: events, Width: v.space.Dims(), Fill: func(dst []float64, b *surprisal.Batch) error {
		b.Float64s(dst, 0)
		at := len(v.logDet)
		v.logDet = append(v.logDet, make([]float64, b.Len())...)
		v.maps.Forward(dst, v.logDet[at:])
		return nil
	}}
}

// run evaluates a runner on raw events.
func (v *VAE) run(r *feed.Runner, x *surprisal.Batch, key surprisal.Key, dst ...[]float64) error {
	if err := feed.CheckSpace(x, v.space); err != nil {
		return fmt.Errorf("vae: %w", err)
	}
	v.key, v.logDet = key, v.logDet[:0]
	if err := r.Floats(x, dst...); err != nil {
		return fmt.Errorf("vae: %w", err)
	}
	return nil
}

// Space implements [Model].
func (v *VAE) Space() *surprisal.Space { return v.space }

// State implements [Model].
func (v *VAE) State() *tensor.Store { return v.state }

// NumParams implements [Model].
func (v *VAE) NumParams() int {
	if v.binary {
		return v.state.Elements()
	}
	return v.state.Elements() - 2*v.space.Dims()
}
