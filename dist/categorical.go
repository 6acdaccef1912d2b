package dist

import "github.com/surprisal-go/surprisal/graph"

// Categorical is a mass on the codes 0 … K−1 for each dim:
// p(k) = softmax(logits)ₖ.
type Categorical struct {
	Logits *graph.Node // (…, D, K)
}

// LogProbEach implements [Each] for codes of type i32 (…, D). A code outside
// 0 … K−1 has no meaning: callers check codes before.
func (p Categorical) LogProbEach(x *graph.Node) *graph.Node {
	pick := x.OneHot(p.Logits.Dim(-1)).Mul(p.Logits).Sum(-1)
	return pick.Sub(p.Logits.LogSumExp(-1))
}

// LogProb implements [Dist].
func (p Categorical) LogProb(x *graph.Node) *graph.Node { return p.LogProbEach(x).Sum(-1) }
