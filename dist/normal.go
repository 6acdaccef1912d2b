package dist

import "github.com/surprisal-go/surprisal/graph"

// Normal is a Gaussian density for each dim. LogSD broadcasts against Mean.
type Normal struct {
	Mean  *graph.Node // μ (…, D)
	LogSD *graph.Node // ln σ
}

// Standard is the standard normal of a shape (…, D).
func Standard(g *graph.Graph, shape ...int) Normal {
	zero := g.Scalar(0).BroadcastTo(shape...)
	return Normal{Mean: zero, LogSD: zero}
}

// LogProbEach implements [Each]: −½((x−μ)/σ)² − ln σ − ½ ln 2π.
func (p Normal) LogProbEach(x *graph.Node) *graph.Node {
	return p.logProbOf(x.Sub(p.Mean).Mul(p.LogSD.Neg().Exp()))
}

// logProbOf is the log-prob of μ + σ·e.
func (p Normal) logProbOf(e *graph.Node) *graph.Node {
	return e.Square().MulScalar(-0.5).Sub(p.LogSD).AddScalar(-halfLog2Pi)
}

// LogProb implements [Dist].
func (p Normal) LogProb(x *graph.Node) *graph.Node { return p.LogProbEach(x).Sum(-1) }

// SampleAndLogProb implements [Reparameterized]: x = μ + σ·e, e ~ N(0, 1)
// (Kingma and Welling 2014).
func (p Normal) SampleAndLogProb(key, ids *graph.Node, draw uint32) (x, logProb *graph.Node) {
	e := graph.Normal(key, ids, draw, p.Mean.Shape()[1:]...)
	return p.Mean.Add(p.LogSD.Exp().Mul(e)), p.logProbOf(e).Sum(-1)
}
