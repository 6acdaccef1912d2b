package ar

import (
	"fmt"
	"slices"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/nn"
	"github.com/surprisal-go/surprisal/optim"
)

// Config holds the settings of a MADE. Start from [Defaults]: where no meaning
// of zero is given, zero is refused.
type Config struct {
	Hidden       []int         `json:"hidden" help:"units of each hidden layer; none leaves the direct connections alone"`
	Activation   nn.Activation `json:"activation" help:"of hidden units: relu, tanh, sigmoid, silu, gelu, softplus"`
	Direct       bool          `json:"direct" help:"connect inputs to later outputs directly, beside the hidden layers"`
	Order        uint64        `json:"order" help:"seed of a random order of generation; 0 is the order of the columns"`
	Softmax      int           `json:"softmax" help:"greatest number of levels of a count or grid that gets a softmax"`
	Components   int           `json:"components" help:"components of a mixture of logistics"`
	Dropout      float64       `json:"dropout" help:"chance of dropping a hidden unit in training"`
	LearningRate float64       `json:"learning_rate" help:"of Adam"`
	HalfLife     float64       `json:"half_life" help:"steps in which the learning rate halves; 0 keeps it"`
	WeightDecay  float64       `json:"weight_decay" help:"decoupled decay of the weights; 0 is none"`
	Clip         float64       `json:"clip" help:"greatest norm of a gradient; 0 is no limit"`
	Average      float64       `json:"average" help:"decay of the moving average of the weights; 0 is none"`
	Batch        int           `json:"batch" help:"events in a minibatch"`
	Patience     int           `json:"patience" help:"validations without a gain before training stops; 0 leaves it to the trainer"`
}

// Fits reports why a MADE cannot model a space, or nil.
func Fits(space *surprisal.Space) error {
	if space.Ragged {
		return fmt.Errorf("a MADE needs events of one length, these are ragged")
	}
	return nil
}

// Defaults returns settings for events of a space with n of them to train on.
// Binary and categorical events get one wide layer. Columns with an order get
// two narrower ones, to bend mixtures with, and more noise where events are
// few.
func Defaults(space *surprisal.Space, n int) *Config {
	c := &Config{
		Hidden: []int{500}, Activation: nn.ReLU, Direct: true, Softmax: 16, Components: 10,
		LearningRate: 1e-3, WeightDecay: 0.1, Clip: 10, Average: 0.999, Batch: 100, Patience: 10,
	}
	if n < 20000 { // few steps in an epoch: larger ones, and a shorter average
		c.LearningRate, c.Batch, c.Average = 3e-3, 50, 0.995
	}
	switch {
	case !ordered(space):
	case space.Dims() > 128: // images of many levels: the outputs are what costs
		c.Hidden, c.Direct, c.Components = []int{200}, false, 3
	default:
		c.Hidden, c.LearningRate = []int{200, 200}, 3e-3
		if n < 5000 {
			c.Dropout, c.Batch = 0.1, 32
		}
	}
	c.Batch = max(1, min(c.Batch, n))
	return c
}

// ordered reports whether a field of the space has more than a few levels in
// an order, or is real.
func ordered(space *surprisal.Space) bool {
	return slices.ContainsFunc(space.Fields, func(f surprisal.Field) bool {
		return f.Kind == surprisal.Real || f.Kind == surprisal.Count || f.Kind == surprisal.Grid
	})
}

// Validate reports the first setting that means nothing.
func (c *Config) Validate() error {
	for _, h := range c.Hidden {
		if h < 1 {
			return fmt.Errorf("hidden %v: want positive numbers of units", c.Hidden)
		}
	}
	for _, s := range []struct {
		name      string
		v, lo, hi float64
		want      string
	}{
		{"softmax", float64(c.Softmax), 0, 65536, "0 to 65536"},
		{"components", float64(c.Components), 1, 1000, "1 to 1000"},
		{"dropout", c.Dropout, 0, 0.99, "0 to 0.99"},
		{"half_life", c.HalfLife, 0, 1e12, "0 or more"},
		{"batch", float64(c.Batch), 1, 1e9, "1 or more"},
		{"patience", float64(c.Patience), 0, 1e9, "0 or more"},
	} {
		if !(s.v >= s.lo && s.v <= s.hi) {
			return fmt.Errorf("%s %v: want %s", s.name, s.v, s.want)
		}
	}
	if err := c.Activation.Validate(); err != nil {
		return err
	}
	return c.optimizer().Validate()
}

func (c *Config) optimizer() optim.Optimizer {
	var s optim.Schedule
	if c.HalfLife > 0 {
		s = optim.Exponential(c.HalfLife, 1e-3)
	}
	adam := optim.Adam{LearningRate: c.LearningRate, Schedule: s, WeightDecay: c.WeightDecay}
	return optim.Average{Of: optim.Clip{Of: adam, Norm: c.Clip}, Decay: c.Average}
}
