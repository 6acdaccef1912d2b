package baseline

import (
	"context"
	"fmt"
	"math"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/prep"
)

// GaussianConfig holds the settings of a Gaussian.
type GaussianConfig struct {
	// Shrinkage of the correlations towards zero, in (0, 1]; 0 means the one of
	// a fixed list that gives the fewest nats on validation.
	Shrinkage float64 `json:"shrinkage" help:"of the correlations towards 0, in (0, 1]; 0 chooses it by validation nats"`
}

// Validate reports the first setting that means nothing.
func (c *GaussianConfig) Validate() error {
	if !(c.Shrinkage >= 0 && c.Shrinkage <= 1) {
		return fmt.Errorf("shrinkage %v: want 0 (chosen on validation) to 1", c.Shrinkage)
	}
	return nil
}

// Gaussian is one normal density with full covariance:
//
//	log p(x) = −½ (x−μ)ᵀΣ⁻¹(x−μ) − ½ log |Σ| − D/2 log 2π
//
// In standardised units Σ = (1−λ)·R + λ·I, with R the correlations of the
// training events and λ the shrinkage (Schäfer and Strimmer 2005, with λ by
// validation). On dequantised events the moments are those of data plus noise,
// exactly: step²/12 more variance, and no noise is drawn.
type Gaussian struct {
	vectors
	cfg GaussianConfig
}

// NewGaussian returns an unfitted Gaussian for the events of a space: a
// *Gaussian if all columns are real, else a *[Dequantized].
func NewGaussian(space *surprisal.Space, cfg *GaussianConfig) (Model, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("gaussian: %w", err)
	}
	g := &Gaussian{vectors: vectors{name: "gaussian"}, cfg: *cfg}
	return g.over(space, g)
}

// shrinkages are tried in this order; of equals the first wins.
var shrinkages = []float64{0, 1e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.2, 0.4, 1}

// Fit implements [Model].
func (g *Gaussian) Fit(ctx context.Context, train, valid *surprisal.Batch, key surprisal.Key, progress func(string)) error {
	if err := checkTraining(g.events, train, valid); err != nil {
		return fmt.Errorf("fitting a gaussian: %w", err)
	}
	try := []float64{g.cfg.Shrinkage}
	if g.cfg.Shrinkage == 0 {
		try = shrinkages
		train, valid = holdOut(train, valid, key)
	}
	a, hidden := standardize(train)
	r, err := secondMoments(ctx, train, a, hidden)
	if err != nil {
		return fmt.Errorf("fitting a gaussian: %w", err)
	}
	var held []float64
	if len(try) > 1 {
		if held, err = secondMoments(ctx, valid, a, hidden); err != nil {
			return fmt.Errorf("fitting a gaussian: %w", err)
		}
	}
	l, err := g.shrink(ctx, r, held, try, a, progress)
	if err != nil {
		return fmt.Errorf("fitting a gaussian: %w", err)
	}
	d := g.space.Dims()
	g.save(a, &normals{k: 1, d: d, full: true, logW: []float64{0}, mean: make([]float64, d), chol: l})
	return nil
}

// shrink returns the factor of the best of the shrunken covariances: the one
// with the fewest nats on events with the second moments held, or the only one.
func (g *Gaussian) shrink(ctx context.Context, r, held, try []float64, a *prep.Affine, progress func(string)) ([]float64, error) {
	d := len(a.Scale)
	var best []float64
	bestNats := math.Inf(1)
	for _, lambda := range try {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		l := make([]float64, d*d)
		for i := range d {
			for j := range i {
				l[i*d+j] = float64((1 - lambda) * r[i*d+j])
			}
			l[i*d+i] = float64((1-lambda)*r[i*d+i]) + lambda
		}
		if !cholesky(l, d) {
			continue
		}
		nats := 0.0
		if held != nil {
			nats = logDiag(l, d) + traceInverse(l, held, d)/2 + float64(float64(d)*halfLog2Pi) + g.rawOffset(a)
			report(progress, "shrinkage %g: %.4f nats on validation", lambda, nats)
		}
		if nats < bestNats {
			best, bestNats = l, nats
		}
	}
	if best == nil {
		return nil, fmt.Errorf("the covariance of the events is singular at shrinkage %v: set a greater one", try)
	}
	return best, nil
}

// secondMoments returns the mean of z·zᵀ (D × D, lower triangle) over the
// dequantised events, standardised by a; see standardize.
func secondMoments(ctx context.Context, b *surprisal.Batch, a *prep.Affine, hidden []float64) ([]float64, error) {
	const chunk = 256
	n, d := b.Len(), b.Space.Dims()
	out := make([]float64, d*d)
	rows, cols := make([]float64, chunk*d), make([]float64, chunk*d)
	total := 0.0
	for lo := 0; lo < n; lo += chunk {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m := min(chunk, n-lo)
		centres(rows[:m*d], b, lo, a)
		for i := range m {
			w := weightOf(b, lo+i)
			total += w
			w = math.Sqrt(w)
			for j, v := range rows[i*d : (i+1)*d] {
				cols[j*m+i] = w * v
			}
		}
		eachChunk(d, 8, func(_, from, to int) {
			for i := from; i < to; i++ {
				ci := cols[i*m : (i+1)*m]
				for j := range i + 1 {
					out[i*d+j] += dot(ci, cols[j*m:(j+1)*m])
				}
			}
		})
	}
	if total == 0 {
		return nil, fmt.Errorf("the weights of the events sum to zero")
	}
	for i := range d {
		for j := range i + 1 {
			out[i*d+j] /= total
		}
		out[i*d+i] += hidden[i]
	}
	return out, nil
}

var _ interface {
	Model
	surprisal.Density
} = (*Gaussian)(nil)
