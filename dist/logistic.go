package dist

import "github.com/surprisal-go/surprisal/graph"

// LogisticMixture is a density for each dim: a mixture of K logistic
// distributions,
//
//	p(x) = Σₖ πₖ · e⁻ᵘ / (sₖ·(1 + e⁻ᵘ)²),  u = (x − μₖ)/sₖ,  π = softmax(logits).
type LogisticMixture struct {
	Logits   *graph.Node // (…, D, K)
	Mean     *graph.Node // μ (…, D, K)
	LogScale *graph.Node // ln s (…, D, K)
}

// LogProbEach implements [Each].
func (p LogisticMixture) LogProbEach(x *graph.Node) *graph.Node {
	u := column(x).Sub(p.Mean).Mul(p.LogScale.Neg().Exp())
	// −u − 2·softplus(−u) = −softplus(u) − softplus(−u), even in u.
	density := u.Softplus().Add(u.Neg().Softplus()).Add(p.LogScale).Neg()
	return mix(p.Logits, density)
}

// LogProb implements [Dist].
func (p LogisticMixture) LogProb(x *graph.Node) *graph.Node { return p.LogProbEach(x).Sum(-1) }

// mix is ln Σₖ πₖ·exp(lₖ): logits and l (…, D, K), result (…, D).
func mix(logits, l *graph.Node) *graph.Node {
	return logits.Add(l).LogSumExp(-1).Sub(logits.LogSumExp(-1))
}

// DiscretizedLogisticMixture is a mass on a grid for each dim (Salimans et al.
// 2017): the cell of grid point x is [x − h, x + h], and its mass is that which
// a [LogisticMixture] has there. The outermost cells take the tails, so that
// the masses sum to one.
type DiscretizedLogisticMixture struct {
	Logits   *graph.Node // (…, D, K)
	Mean     *graph.Node // μ (…, D, K)
	LogScale *graph.Node // ln s (…, D, K)
	// Half is h, half the spacing of the grid (D).
	Half *graph.Node
	// Low and High are the first and last grid points (D), in the very bits in
	// which x has them; High is +Inf for a grid without end.
	Low, High *graph.Node
}

// LogProbEach implements [Each]. With a = (x+h−μ)/s, b = (x−h−μ)/s and
// d = a − b = 2h/s an inner cell has
//
//	ln(σ(a) − σ(b)) = ln σ(a) + ln σ(−b) + ln(1 − e⁻ᵈ),
//
// which loses no digits in the tails; the first cell has ln σ(a), the last
// ln σ(−b), and the only cell of a grid of one point has mass 1.
func (p DiscretizedLogisticMixture) LogProbEach(x *graph.Node) *graph.Node {
	g := x.Graph()
	inv := p.LogScale.Neg().Exp()
	centre := column(x).Sub(p.Mean)
	half := column(p.Half)
	a, b := centre.Add(half).Mul(inv), centre.Sub(half).Mul(inv)
	first, last := column(x.LessEq(p.Low)), column(p.High.LessEq(x))
	zero := g.Scalar(0)
	l := graph.Where(last, zero, logSigmoid(a))
	l = l.Add(graph.Where(first, zero, b.Softplus().Neg()))
	inner := log1mExp(half.MulScalar(2).Mul(inv))
	l = l.Add(graph.Where(first.Or(last), zero, inner))
	return mix(p.Logits, l)
}

// LogProb implements [Dist].
func (p DiscretizedLogisticMixture) LogProb(x *graph.Node) *graph.Node {
	return p.LogProbEach(x).Sum(-1)
}
