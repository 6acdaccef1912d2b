package flow

import (
	"fmt"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/nn"
)

// Config holds the settings of a flow. Start from [Defaults] or
// [SplineDefaults]: where no meaning of zero is given, zero is refused.
type Config struct {
	Couplings    int           `json:"couplings" help:"coupling layers"`
	Hidden       []int         `json:"hidden" help:"units of each hidden layer of a conditioner"`
	Activation   nn.Activation `json:"activation" help:"of the conditioners: relu, tanh, sigmoid, silu, gelu, softplus"`
	Transform    string        `json:"transform" help:"elementwise map: affine (RealNVP) or spline (neural spline flow)"`
	Bins         int           `json:"bins" help:"bins of a spline"`
	Tail         float64       `json:"tail" help:"splines act on [-tail, tail], in standard deviations"`
	Bound        float64       `json:"bound" help:"greatest log scale of an affine coupling"`
	Logit        float64       `json:"logit" help:"lambda of a logit before standardising, for bounded columns such as pixels; 0 is none"`
	Order        uint64        `json:"order" help:"seed of the permutations between couplings"`
	Dropout      float64       `json:"dropout" help:"chance of dropping a hidden unit in training"`
	LearningRate float64       `json:"learning_rate" help:"of Adam"`
	Warmup       int           `json:"warmup" help:"steps over which the learning rate rises; 0 is none"`
	HalfLife     float64       `json:"half_life" help:"steps in which the learning rate halves; 0 keeps it"`
	WeightDecay  float64       `json:"weight_decay" help:"decoupled decay of the weights; 0 is none"`
	Clip         float64       `json:"clip" help:"greatest norm of a gradient; 0 is no limit"`
	Average      float64       `json:"average" help:"decay of the moving average of the weights; 0 is none"`
	Batch        int           `json:"batch" help:"events in a minibatch"`
	Patience     int           `json:"patience" help:"validations without a gain before training stops; 0 leaves it to the trainer"`
}

// The elementwise maps of Config.Transform.
const (
	Affine = "affine"
	Spline = "spline"
)

// Fits reports why a flow cannot model a space, or nil. Couplings need two
// dims, and all events the same number of them.
func Fits(space *surprisal.Space) error {
	switch {
	case space.Ragged:
		return fmt.Errorf("a flow needs events of one length, these are ragged")
	case space.Dims() < 2:
		return fmt.Errorf("a flow of couplings needs at least 2 dims, the events have %d", space.Dims())
	}
	return nil
}

// Defaults returns the settings of a RealNVP for events of a space with n of
// them to train on: where there are few, regularised.
func Defaults(space *surprisal.Space, n int) *Config {
	c := &Config{
		Couplings: 8, Hidden: []int{64, 64}, Activation: nn.ReLU, Transform: Affine, Bins: 8, Tail: 5, Bound: 4,
		LearningRate: 4e-3, Warmup: 100, Clip: 10, Average: 0.995, Batch: 256, Patience: 20,
	}
	switch d := space.Dims(); {
	case d > 128:
		if _, err := unitInterval(space); err == nil {
			c.Logit = 1e-6
		}
		c.Couplings, c.Hidden, c.WeightDecay, c.Patience = 6, []int{256, 256}, 1e-2, 5
		c.Bound, c.LearningRate, c.Batch = 2, 1e-3, 128
	case d > 3 && n < 5000:
		c.Bound, c.LearningRate, c.Batch, c.Dropout, c.WeightDecay = 3, 2e-3, 64, 0.1, 0.1
	case d > 3:
		c.Bound, c.LearningRate, c.WeightDecay = 3, 2e-3, 1e-2
	}
	c.Batch = max(1, min(c.Batch, n))
	return c
}

// SplineDefaults returns the settings of a neural spline flow. A spline bends
// more than a scale, so fewer couplings do, but a step takes longer.
func SplineDefaults(space *surprisal.Space, n int) *Config {
	c := Defaults(space, n)
	c.Transform, c.Couplings = Spline, 4
	return c
}

// Validate reports the first setting that means nothing.
func (c *Config) Validate() error {
	if c.Transform != Affine && c.Transform != Spline {
		return fmt.Errorf("transform %q: want %s or %s", c.Transform, Affine, Spline)
	}
	for _, h := range c.Hidden {
		if h < 1 {
			return fmt.Errorf("hidden %v: want positive numbers", c.Hidden)
		}
	}
	for _, s := range []struct {
		name  string
		v     float64
		lo    float64
		hi    float64
		wants string
	}{
		{"couplings", float64(c.Couplings), 1, 1000, "1 to 1000"},
		{"bins", float64(c.Bins), 2, 256, "2 to 256"},
		{"tail", c.Tail, 0.1, 1000, "0.1 to 1000"},
		{"bound", c.Bound, 0.01, 20, "0.01 to 20"},
		{"logit", c.Logit, 0, 0.4, "0 to 0.4"},
		{"dropout", c.Dropout, 0, 0.99, "0 to 0.99"},
		{"warmup", float64(c.Warmup), 0, 1e9, "0 or more"},
		{"half_life", c.HalfLife, 0, 1e12, "0 or more"},
		{"batch", float64(c.Batch), 1, 1e9, "1 or more"},
		{"patience", float64(c.Patience), 0, 1e9, "0 or more"},
	} {
		if !(s.v >= s.lo && s.v <= s.hi) {
			return fmt.Errorf("%s %v: want %s", s.name, s.v, s.wants)
		}
	}
	if err := c.Activation.Validate(); err != nil {
		return err
	}
	return c.optimizer().Validate()
}
