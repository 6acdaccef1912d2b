package baseline

import (
	"context"
	"fmt"
	"math"

	"github.com/surprisal-go/surprisal"
)

// MixtureConfig holds the settings of a mixture of Gaussians. Zero values mean
// the defaults.
type MixtureConfig struct {
	// Components K; 0 means the best of 1, 2, 4, …, 32 by validation nats.
	Components int `json:"components" help:"normal densities in the mixture; 0 chooses from 1, 2, 4 ... 32 by validation nats"`
	// Covariance is "full" or "diagonal"; empty means full up to 32 dims.
	Covariance string `json:"covariance" help:"full or diagonal; empty is full up to 32 dims, else diagonal"`
	// Restarts from other starting points, of which the best by validation nats
	// is kept; 0 means 3, or 1 for more than 100,000 scalars.
	Restarts int `json:"restarts" help:"starting points tried; 0 is 3, or 1 for more than 100000 scalars"`
	// Iterations of expectation maximisation at most; 0 means 200.
	Iterations int `json:"iterations" help:"of expectation maximisation at most; 0 is 200"`
	// Prior is how many events of the overall variance each component is
	// thought to have seen; 0 means D + 2 for full covariances, 3 for diagonal.
	Prior float64 `json:"prior" help:"events of the overall variance added to each component; 0 is dims + 2, or 3 if diagonal"`
}

// The covariances of MixtureConfig.
const (
	Full     = "full"
	Diagonal = "diagonal"
)

// Validate reports the first setting that means nothing.
func (c *MixtureConfig) Validate() error {
	switch {
	case c.Components < 0:
		return fmt.Errorf("components %d: want 0 (chosen on validation) or more", c.Components)
	case c.Covariance != "" && c.Covariance != Full && c.Covariance != Diagonal:
		return fmt.Errorf("covariance %q: want %s, %s or nothing", c.Covariance, Full, Diagonal)
	case c.Restarts < 0:
		return fmt.Errorf("restarts %d: want 0 (default) or more", c.Restarts)
	case c.Iterations < 0:
		return fmt.Errorf("iterations %d: want 0 (default) or more", c.Iterations)
	case !(c.Prior >= 0 && !math.IsInf(c.Prior, 1)):
		return fmt.Errorf("prior %v: want 0 (default) or more", c.Prior)
	}
	return nil
}

// resolved replaces zeros by what they mean for n training events of d dims.
func (c MixtureConfig) resolved(n, d int) MixtureConfig {
	if c.Covariance == "" {
		c.Covariance = Full
		if d > 32 {
			c.Covariance = Diagonal
		}
	}
	if c.Restarts == 0 {
		c.Restarts = 3
		if n*d > 100_000 {
			c.Restarts = 1
		}
	}
	if c.Iterations == 0 {
		c.Iterations = 200
	}
	if c.Prior == 0 {
		c.Prior = 3
		if c.Covariance == Full {
			c.Prior = float64(d + 2)
		}
	}
	return c
}

// Mixture is a mixture of normal densities:
//
//	p(x) = Σₖ wₖ N(x; μₖ, Σₖ)
//
// fitted by expectation maximisation (Dempster, Laird and Rubin 1977) from
// starting points spread by k-means++ (Arthur and Vassilvitskii 2007), with
// covariances regularised as by a conjugate prior (Fraley and Raftery 2007), so
// that no component collapses onto a point or a grid value. The number of
// components, the starting point and the iteration to stop at are those with
// the fewest validation nats. On dequantised events every iteration draws fresh
// noise.
type Mixture struct {
	vectors
	cfg MixtureConfig
}

// NewMixture returns an unfitted mixture for the events of a space: a *Mixture
// if all columns are real, else a *[Dequantized].
func NewMixture(space *surprisal.Space, cfg *MixtureConfig) (Model, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("mixture: %w", err)
	}
	m := &Mixture{vectors: vectors{name: "mixture"}, cfg: *cfg}
	return m.over(space, m)
}

// mostComponents bounds the search for the number of components.
const mostComponents = 32

// Fit implements [Model].
func (m *Mixture) Fit(ctx context.Context, train, valid *surprisal.Batch, key surprisal.Key, progress func(string)) error {
	if err := checkTraining(m.events, train, valid); err != nil {
		return fmt.Errorf("fitting a mixture: %w", err)
	}
	train, valid = holdOut(train, valid, key)
	cfg := m.cfg.resolved(train.Len(), m.space.Dims())
	if cfg.Components > train.Len() {
		return fmt.Errorf("fitting a mixture: %d components for %d training events: want fewer", cfg.Components, train.Len())
	}
	e := newEM(train, valid, cfg, key)
	best, since := math.Inf(1), 0
	for k := max(1, cfg.Components); ; k *= 2 {
		before := best
		for r := range cfg.restarts(k) {
			p, nats, steps, err := e.fit(ctx, k, r)
			if nats < best {
				best = nats
				m.save(e.affine, p)
			}
			if err != nil {
				return fmt.Errorf("fitting a mixture of %d: %w", k, err)
			}
			report(progress, "%d components: %.4f nats on validation after %d iterations", k, nats+m.rawOffset(e.affine), steps)
		}
		if since++; best < before {
			since = 0
		}
		if cfg.Components > 0 || since == 2 || 2*k > mostComponents || 4*k > train.Len() {
			break
		}
	}
	if math.IsInf(best, 1) {
		return fmt.Errorf("fitting a mixture: no starting point gave a positive definite covariance: set a greater prior")
	}
	return nil
}

// restarts is the number of starting points worth trying: one component has
// only one optimum.
func (c MixtureConfig) restarts(k int) int {
	if k == 1 {
		return 1
	}
	return c.Restarts
}
