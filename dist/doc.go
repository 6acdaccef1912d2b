// Package dist holds distributions whose parameters are graph nodes, so that
// their log-probabilities have gradients.
//
// # Ideas
//
// A [Dist] is a family of independent distributions over the last axis of its
// parameters: LogProb of x (…, D) is (…) nats, summed over D. What stands before
// the last axis is the batch, or batch and draws (B, K, D). [Each] has the
// terms before they are summed.
//
//	p := dist.Bernoulli{Logits: decoder.Apply(z)}
//	loss := p.LogProb(x).Mean().Neg()
//
// A mass is a mass and a density a density with respect to Lebesgue measure in
// the units of x. A family that standardises its data adds the log-determinant
// of that map itself.
//
// # Guarantees
//
// Formulas are arranged so that neither value nor gradient is NaN while the
// parameters are finite and log-scales lie in [−80, 80], where eˣ is finite in
// float32: a family bounds its log-scales. Tails keep their digits.
//
// Legend: B batch, D dims, K classes or components, … any leading axes.
package dist

import "github.com/surprisal-go/surprisal/graph"

// Dist is a distribution over events of D dims.
type Dist interface {
	// LogProb returns log p(x) in nats: x (…, D), result (…).
	LogProb(x *graph.Node) *graph.Node
}

// Each is a distribution of independent dims.
type Each interface {
	Dist
	// LogProbEach returns log p of every dim in nats: x (…, D), result (…, D).
	LogProbEach(x *graph.Node) *graph.Node
}

// Reparameterized is a distribution whose draws have gradients.
type Reparameterized interface {
	Dist
	// SampleAndLogProb draws an event x (…, D) for every parameter set, keyed
	// as in [graph.Normal], and returns its log p (…).
	SampleAndLogProb(key, ids *graph.Node, draw uint32) (x, logProb *graph.Node)
}

const halfLog2Pi = 0.918938533204672741780329736405617640 // ½·ln 2π

// log1mExp is ln(1 − e⁻ˣ) for x > 0.
func log1mExp(x *graph.Node) *graph.Node { return x.Neg().Expm1().Neg().Log() }

// logSigmoid is ln σ(x) = −softplus(−x).
func logSigmoid(x *graph.Node) *graph.Node { return x.Neg().Softplus().Neg() }

// column gives x (…, D) a last axis of 1.
func column(x *graph.Node) *graph.Node {
	return x.Reshape(append(append([]int(nil), x.Shape()...), 1)...)
}
