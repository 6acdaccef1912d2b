package flow

import (
	"fmt"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/bijector"
	"github.com/surprisal-go/surprisal/nn"
)

// chain composes the flow of d dims, data to noise, and returns its
// conditioners. Each coupling keeps half of the dims. Between couplings two
// dims change places; more are shuffled, by the seed Order, so that the kept
// halves differ from layer to layer. Every conditioner begins at zero and with
// it the flow at the identity.
func (c *Config) chain(d int, drop nn.Dropout) (bijector.Chain, []nn.Layer) {
	e := c.elementwise()
	var flow bijector.Chain
	var nets []nn.Layer
	for i := range c.Couplings {
		name := fmt.Sprintf("coupling%d", i+1)
		keep := d / 2
		drop.Draw = uint32(i * len(c.Hidden))
		net := nn.MLP{
			Name: name, In: keep, Hidden: c.Hidden, Out: e.Params() * (d - keep),
			Activation: c.Activation, Dropout: drop, Last: nn.Zero,
		}
		nets = append(nets, net)
		flow = append(flow, bijector.Scoped{Name: name, Bijector: bijector.Chain{
			c.permutation(d, i),
			bijector.Coupling{Keep: keep, Conditioner: net.Apply, Elementwise: e},
		}})
	}
	return flow, nets
}

func (c *Config) elementwise() bijector.Elementwise {
	if c.Transform == Spline {
		return bijector.Spline{Bins: c.Bins, Tail: c.Tail}
	}
	return bijector.BoundedAffine{Bound: c.Bound}
}

// permutation is the order of dims before coupling i. After an odd number of
// dims the roles of the halves alternate by reversal, and every second coupling
// draws a new order.
func (c *Config) permutation(d, i int) bijector.Permute {
	if d == 2 || i%2 == 1 {
		return bijector.Reverse(d)
	}
	r := surprisal.Key(c.Order).Named("permutation").Fold(uint64(i)).Rand()
	return r.Perm(d)
}
