package optim

import (
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// SGD is stochastic gradient descent with momentum:
//
//	v ← μ·v + g,  p ← p − η·v
type SGD struct {
	// LearningRate is η; it must be positive.
	LearningRate float64
	// Schedule scales η by step; nil keeps it constant.
	Schedule Schedule
	// Momentum is μ; zero is plain gradient descent, without memory.
	Momentum float64
}

// Updates implements [Optimizer].
func (o SGD) Updates(store *tensor.Store, params, grads []*graph.Node) []graph.Update {
	var out []graph.Update
	for i, p := range params {
		v := grads[i]
		if o.Momentum > 0 {
			old := memory(store, "sgd.v", p)
			v = flush(old.MulScalar(o.Momentum).Add(v))
			out = append(out, graph.Update{Param: old, Value: v})
		}
		out = append(out, graph.Update{Param: p, Value: p.Sub(rate(p.Graph()).Mul(v))})
	}
	return out
}

// Feed implements [Optimizer].
func (o SGD) Feed(feeds graph.Feeds, step int) {
	feedScalar(feeds, rateInput, o.Schedule.at(o.LearningRate, step))
}

// Validate implements [Optimizer].
func (o SGD) Validate() error {
	if err := checkRate("sgd", o.LearningRate); err != nil {
		return err
	}
	return checkFraction("sgd", "momentum", o.Momentum)
}
