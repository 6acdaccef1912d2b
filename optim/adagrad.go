package optim

import (
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// Adagrad (Duchi, Hazan and Singer 2011) divides each step by the root of the
// sum of squared gradients so far:
//
//	s ← s + g²,  p ← p − η·g/(√s + ε)
type Adagrad struct {
	// LearningRate is η; it must be positive.
	LearningRate float64
	// Schedule scales η by step; nil keeps it constant.
	Schedule Schedule
	// Epsilon is ε; zero means 1e-6.
	Epsilon float64
}

// Updates implements [Optimizer].
func (o Adagrad) Updates(store *tensor.Store, params, grads []*graph.Node) []graph.Update {
	var out []graph.Update
	for i, p := range params {
		old := memory(store, "adagrad.s", p)
		s := flush(old.Add(grads[i].Square()))
		step := rate(p.Graph()).Mul(grads[i]).Div(s.Sqrt().AddScalar(orDefault(o.Epsilon, 1e-6)))
		out = append(out, graph.Update{Param: old, Value: s}, graph.Update{Param: p, Value: p.Sub(step)})
	}
	return out
}

// Feed implements [Optimizer].
func (o Adagrad) Feed(feeds graph.Feeds, step int) {
	feedScalar(feeds, rateInput, o.Schedule.at(o.LearningRate, step))
}

// Validate implements [Optimizer].
func (o Adagrad) Validate() error {
	if err := checkRate("adagrad", o.LearningRate); err != nil {
		return err
	}
	return checkFraction("adagrad", "epsilon", o.Epsilon)
}

func orDefault(v, def float64) float64 {
	if v == 0 {
		return def
	}
	return v
}
