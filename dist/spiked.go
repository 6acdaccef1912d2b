package dist

import "github.com/surprisal-go/surprisal/graph"

// Spiked mixes a mass on a grid with a second one that is known beforehand,
// such as the frequencies of values that repeat more than anything smooth
// could say:
//
//	p(x) = (1 − π)·Of(x) + π·m(x),  π = σ(logit).
type Spiked struct {
	Of Each
	// Logit is ln π/(1 − π) (…, D); at −Inf p is that of Of alone, and the gradient 0.
	Logit *graph.Node
	// Mass is m at the very x that is scored (…, D), 0 where it has none. It is
	// data: only Of and Logit have gradients.
	Mass *graph.Node
}

// LogProbEach implements [Each]. With a and b the logs of the two terms, ln(eᵃ +
// eᵇ) is max(a, b) + softplus(−|a − b|); a is finite, b may be −Inf.
func (p Spiked) LogProbEach(x *graph.Node) *graph.Node {
	a := p.Of.LogProbEach(x).Sub(p.Logit.Softplus())
	b := p.Mass.StopGradient().Log().Add(logSigmoid(p.Logit))
	return a.Max(b).Add(a.Sub(b).Abs().Neg().Softplus())
}

// LogProb implements [Dist].
func (p Spiked) LogProb(x *graph.Node) *graph.Node { return p.LogProbEach(x).Sum(-1) }
