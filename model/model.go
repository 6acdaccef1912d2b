// Package model lists the families of models: their names, settings and what
// they fit. The families themselves are the packages below it.
//
//	fam, err := model.Lookup("made")
//	cfg := fam.Defaults(space, n)
//	err = model.Set(cfg, "hidden", "500,500")
//	m, err := fam.New(space, cfg, exec)
//
// What a model can do is asked for by type assertion ([surprisal.Density],
// [surprisal.Bounded], …); how it is trained as well: [Fitter] in closed form or
// by expectation maximisation, otherwise by gradients (train.Trainable).
//
// To add a family, write its package and add it to the list below.
package model

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/model/ar"
	"github.com/surprisal-go/surprisal/model/baseline"
	"github.com/surprisal-go/surprisal/model/flow"
	"github.com/surprisal-go/surprisal/model/vae"
	"github.com/surprisal-go/surprisal/tensor"
)

// Model is what every model has beside its capabilities.
type Model interface {
	// Space is what an event is.
	Space() *surprisal.Space
	// State is everything to save. [Restore] is the way back.
	State() *tensor.Store
	// NumParams is the number of trained scalars.
	NumParams() int
}

// Fitter is a model that is fitted without gradients.
type Fitter interface {
	Model
	// Fit fits the model to train; valid chooses between candidates.
	Fit(ctx context.Context, train, valid *surprisal.Batch, key surprisal.Key, progress func(string)) error
}

// Settled is a model of whose settings some may be left open by a zero: to a
// default that depends on the events, or to a choice by validation.
type Settled interface {
	// Settled gives those settings by key as they were used, once the model is
	// fitted to n training events.
	Settled(n int) map[string]any
}

// Family is one kind of model.
type Family struct {
	Name string
	// Doc says in a line what it is, Gives what its likelihood is.
	Doc, Gives, Paper string
	// Forgets says why no training teaches it a few events by heart, as in
	// "one Gaussian"; empty where its form allows that.
	Forgets string

	fits     func(*surprisal.Space) error
	defaults func(*surprisal.Space, int) any
	build    func(*surprisal.Space, any, graph.Executor) (Model, error)
}

// Fits reports why the family cannot model events of the space, or nil.
func (f Family) Fits(space *surprisal.Space) error { return f.fits(space) }

// Defaults returns a pointer to the family's Config with the settings for n
// training events of the space.
func (f Family) Defaults(space *surprisal.Space, n int) any { return f.defaults(space, n) }

// New returns an untrained model. The config is what Defaults returned,
// perhaps changed.
func (f Family) New(space *surprisal.Space, cfg any, exec graph.Executor) (Model, error) {
	m, err := f.build(space, cfg, exec)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	return m, nil
}

// Families lists all families, simplest first.
func Families() []Family { return slices.Clone(families) }

// Lookup returns the family of that name.
func Lookup(name string) (Family, error) {
	names := make([]string, len(families))
	for i, f := range families {
		if f.Name == name {
			return f, nil
		}
		names[i] = f.Name
	}
	return Family{}, fmt.Errorf("unknown family %q: want one of %s", name, strings.Join(names, ", "))
}

const exactOrBound = "exact on real columns; a lower bound of log p on grids, by dequantisation"

var families = []Family{
	{
		Name: "marginals", Doc: "every dim for itself: what any model must beat", Gives: "exact on any columns",
		Forgets:  "every dim for itself",
		fits:     baseline.Fits,
		defaults: noConfig(func() any { return &baseline.MarginalsConfig{} }),
		build: with(func(s *surprisal.Space, c *baseline.MarginalsConfig, _ graph.Executor) (Model, error) {
			return baseline.NewMarginals(s, c)
		}),
	},
	{
		Name: "gaussian", Doc: "one Gaussian with full covariance", Gives: exactOrBound,
		Forgets:  "one Gaussian",
		fits:     baseline.Fits,
		defaults: noConfig(func() any { return &baseline.GaussianConfig{} }),
		build: with(func(s *surprisal.Space, c *baseline.GaussianConfig, _ graph.Executor) (Model, error) {
			return baseline.NewGaussian(s, c)
		}),
	},
	{
		Name: "mixture", Doc: "a mixture of Gaussians by expectation maximisation", Gives: exactOrBound,
		Paper:    "Dempster, Laird and Rubin 1977",
		Forgets:  "fewer components than there are events",
		fits:     baseline.Fits,
		defaults: noConfig(func() any { return &baseline.MixtureConfig{} }),
		build: with(func(s *surprisal.Space, c *baseline.MixtureConfig, _ graph.Executor) (Model, error) {
			return baseline.NewMixture(s, c)
		}),
	},
	{
		Name: "made", Doc: "masked autoregressive network, for any mixture of columns", Gives: "exact on any columns",
		Paper:    "Germain, Gregor, Murray and Larochelle 2015",
		fits:     ar.Fits,
		defaults: sized(ar.Defaults),
		build:    with(func(s *surprisal.Space, c *ar.Config, e graph.Executor) (Model, error) { return ar.New(s, c, e) }),
	},
	{
		Name: "realnvp", Doc: "normalizing flow of coupling layers", Gives: exactOrBound,
		Forgets:  "one smooth density, which spreads between events",
		Paper:    "Dinh, Sohl-Dickstein and Bengio 2017",
		fits:     flow.Fits,
		defaults: sized(flow.Defaults),
		build:    with(func(s *surprisal.Space, c *flow.Config, e graph.Executor) (Model, error) { return flow.New(s, c, e) }),
	},
	{
		Name: "nsf", Doc: "neural spline flow: coupling layers of rational-quadratic splines", Gives: exactOrBound,
		Forgets:  "one smooth density, which spreads between events",
		Paper:    "Durkan, Bekasov, Murray and Papamakarios 2019",
		fits:     flow.Fits,
		defaults: sized(flow.SplineDefaults),
		build:    with(func(s *surprisal.Space, c *flow.Config, e graph.Executor) (Model, error) { return flow.New(s, c, e) }),
	},
	{
		Name: "vae", Doc: "variational autoencoder, Bernoulli or Gaussian decoder", Gives: "a lower bound of log p (evidence or importance-weighted)",
		Paper:    "Kingma and Welling 2014; Burda, Grosse and Salakhutdinov 2016",
		fits:     vae.Fits,
		defaults: sized(vae.Defaults),
		build:    with(func(s *surprisal.Space, c *vae.Config, e graph.Executor) (Model, error) { return vae.New(s, c, e) }),
	},
}

func noConfig(c func() any) func(*surprisal.Space, int) any {
	return func(*surprisal.Space, int) any { return c() }
}

func sized[C any](f func(*surprisal.Space, int) *C) func(*surprisal.Space, int) any {
	return func(s *surprisal.Space, n int) any { return f(s, n) }
}

func with[C any](f func(*surprisal.Space, *C, graph.Executor) (Model, error)) func(*surprisal.Space, any, graph.Executor) (Model, error) {
	return func(s *surprisal.Space, cfg any, e graph.Executor) (Model, error) {
		c, ok := cfg.(*C)
		if !ok {
			return nil, fmt.Errorf("config is a %T, want %T", cfg, c)
		}
		return f(s, c, e)
	}
}

// Restore puts saved tensors into a new model. Tensors that the model has
// already are overwritten in place and must fit in type and shape; a fitted
// baseline, which has none before, takes them as they are.
func Restore(m Model, saved *tensor.Store) error {
	state := m.State()
	for name, have := range state.All() {
		got, ok := saved.Get(name)
		if !ok {
			return fmt.Errorf("the weights have no tensor %q: they are of another model or configuration", name)
		}
		if !slices.Equal(got.Shape, have.Shape) || !have.CopyFrom(got) {
			return fmt.Errorf("the weights hold %q as %T%v, want %T%v: they are of another model or configuration", name, got.Data, got.Shape, have.Data, have.Shape)
		}
	}
	for name, t := range saved.All() {
		if _, ok := state.Get(name); !ok {
			state.Set(name, t)
		}
	}
	return nil
}
