package surprisal

// The capabilities of models. Each is an interface of one method; ask for one
// by type assertion. Events carry their context with them (Batch.Context);
// Sampler takes it as an argument. N is the number of events, D the number of
// dims. Methods are safe for use by one goroutine at a time.

// Density is a model whose log p(x | context) can be computed exactly.
type Density interface {
	// LogProb writes log p in nats under Space.Measure into dst (N): −Inf
	// outside the support, never NaN.
	LogProb(dst []float64, x *Batch) error
}

// Bounded is a model that has p(x) only through an unbiased estimate.
//
// LogWeights writes K draws of log w for every event into dst (N × K), with
// E[w] = p(x). By Jensen's inequality the mean of the draws (for a latent
// variable model, the evidence lower bound) and the log-mean-exp of K of them
// (the importance-weighted bound of Burda et al. 2015) bound log p from below
// in expectation. The draws of an event depend on its id and on key alone.
type Bounded interface {
	LogWeights(dst []float64, x *Batch, k int, key Key) error
}

// Sampler is a model that draws events.
type Sampler interface {
	// Sample draws n events, one for each event of context if that is given.
	Sample(n int, key Key, context *Batch) (*Batch, error)
}

// Autoregressive is a model that factors log p over the dims.
type Autoregressive interface {
	// Conditionals writes log p(x_d | earlier dims, context) into dst (N × D),
	// in the order of Space.Columns; a row sums to LogProb.
	Conditionals(dst []float64, x *Batch) error
}

// Latent is a model with a joint density p(x, z) and an approximate posterior
// q(z | x).
type Latent interface {
	// Posterior draws z from q(z | x) for every event into z (N × Z) and
	// writes log p(x, z) and log q(z | x) (N each).
	Posterior(z, logJoint, logQ []float64, x *Batch, key Key) error
}

// Evidence is a latent variable model whose evidence lower bound splits into
// its two terms.
type Evidence interface {
	// Terms writes, for one draw of z from q(z | x) for every event (N each),
	// log p(x | z) and KL(q(z | x) ‖ p(z)) in nats. Their difference is an
	// evidence lower bound of log p.
	Terms(reconstruction, kl []float64, x *Batch, key Key) error
}

// Joint is a latent variable model whose density of event and latent can be
// computed at any latent.
type Joint interface {
	// LogJoint writes log p(x, z) into dst (N) for latents z (N × Z), whose
	// number of dims Z is len(z)/N.
	LogJoint(dst, z []float64, x *Batch) error
}

// Ancestral is a latent variable model that draws events together with the
// latents that they are made from: each is an exact draw of the posterior
// p(z | x) of its event.
type Ancestral interface {
	// SampleJoint draws n latents z from the prior (N × Z) and an event from
	// p(x | z) for each.
	SampleJoint(n int, key Key) (z []float64, x *Batch, err error)
}

// Invertible is a model that maps events to noise and back one to one.
type Invertible interface {
	// Noise maps data to noise: z = f(x) into z (N × D) and log |det ∂f/∂x| in
	// raw data units into logDet (N).
	Noise(z, logDet []float64, x *Batch) error
}

// Unnormalized is a model that knows log p(x) only up to a constant.
type Unnormalized interface {
	// LogPotential writes log p(x) + const into dst (N).
	LogPotential(dst []float64, x *Batch) error
}
