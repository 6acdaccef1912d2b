package optim

import (
	"fmt"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// Adam (Kingma and Ba 2015), with the decoupled weight decay of AdamW
// (Loshchilov and Hutter 2019). At step t = 1, 2, …
//
//	m ← β₁·m + (1−β₁)·g
//	v ← β₂·v + (1−β₂)·g²
//	p ← p − η·( m/(1−β₁ᵗ) / (√(v/(1−β₂ᵗ)) + ε) + λ·p )
type Adam struct {
	// LearningRate is η; it must be positive.
	LearningRate float64
	// Schedule scales η by step; nil keeps it constant.
	Schedule Schedule
	// Beta1 is β₁; zero means 0.9.
	Beta1 float64
	// Beta2 is β₂; zero means 0.999.
	Beta2 float64
	// Epsilon is ε; zero means 1e-8.
	Epsilon float64
	// WeightDecay is λ, applied to parameters of two or more axes only: biases
	// and scales are left alone. Zero is none.
	WeightDecay float64
}

const (
	correct1Input = "optim/correct1" // 1/(1−β₁ᵗ)
	correct2Input = "optim/correct2" // 1/(1−β₂ᵗ)
)

func (o Adam) betas() (b1, b2 float64) { return orDefault(o.Beta1, 0.9), orDefault(o.Beta2, 0.999) }

// Updates implements [Optimizer].
func (o Adam) Updates(store *tensor.Store, params, grads []*graph.Node) []graph.Update {
	b1, b2 := o.betas()
	var out []graph.Update
	for i, p := range params {
		g := p.Graph()
		oldM, oldV := memory(store, "adam.m", p), memory(store, "adam.v", p)
		m := flush(oldM.MulScalar(b1).Add(grads[i].MulScalar(1 - b1)))
		v := flush(oldV.MulScalar(b2).Add(grads[i].Square().MulScalar(1 - b2)))
		root := v.Mul(g.Input(correct2Input, graph.F32)).Sqrt().AddScalar(orDefault(o.Epsilon, 1e-8))
		step := m.Mul(g.Input(correct1Input, graph.F32)).Div(root)
		if o.WeightDecay > 0 && p.Rank() >= 2 {
			step = step.Add(p.MulScalar(o.WeightDecay))
		}
		out = append(out,
			graph.Update{Param: oldM, Value: m},
			graph.Update{Param: oldV, Value: v},
			graph.Update{Param: p, Value: p.Sub(rate(g).Mul(step))})
	}
	return out
}

// Feed implements [Optimizer].
func (o Adam) Feed(feeds graph.Feeds, step int) {
	b1, b2 := o.betas()
	feedScalar(feeds, rateInput, o.Schedule.at(o.LearningRate, step))
	feedScalar(feeds, correct1Input, 1/(1-power(b1, step+1)))
	feedScalar(feeds, correct2Input, 1/(1-power(b2, step+1)))
}

// Validate implements [Optimizer].
func (o Adam) Validate() error {
	if err := checkRate("adam", o.LearningRate); err != nil {
		return err
	}
	for _, s := range []struct {
		name string
		v    float64
	}{{"beta1", o.Beta1}, {"beta2", o.Beta2}, {"epsilon", o.Epsilon}} {
		if err := checkFraction("adam", s.name, s.v); err != nil {
			return err
		}
	}
	if !(o.WeightDecay >= 0 && o.WeightDecay <= 1e6) {
		return fmt.Errorf("adam: weight decay %g: want 0 or a positive number such as 0.01", o.WeightDecay)
	}
	return nil
}

// power is xⁿ by repeated squaring, which gives the same bits everywhere.
func power(x float64, n int) float64 {
	y := 1.0
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			y *= x
		}
		x *= x
	}
	return y
}
