package dist

import "github.com/surprisal-go/surprisal/graph"

// Bernoulli is a mass on {0, 1} for each dim: p(1) = σ(logit). For x between
// 0 and 1 its log-prob is the cross-entropy.
type Bernoulli struct {
	Logits *graph.Node // (…, D)
}

// LogProbEach implements [Each]: x·l − softplus(l).
func (p Bernoulli) LogProbEach(x *graph.Node) *graph.Node {
	return x.Mul(p.Logits).Sub(p.Logits.Softplus())
}

// LogProb implements [Dist].
func (p Bernoulli) LogProb(x *graph.Node) *graph.Node { return p.LogProbEach(x).Sum(-1) }
