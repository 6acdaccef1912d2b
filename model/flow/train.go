package flow

import (
	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/model/feed"
	"github.com/surprisal-go/surprisal/nn"
	"github.com/surprisal-go/surprisal/objective"
	"github.com/surprisal-go/surprisal/optim"
)

// fill writes the raw rows of a minibatch (B × D) with the noise of
// dequantisation; nil takes them as they are.
type fill func(dst []float64, b *surprisal.Batch, key surprisal.Key) error

// objective is −log p of events of a space, mean over the batch. What the maps
// before the graph contribute, and logCell, what the cells of discrete columns
// do, moves no parameter; it is added so that the loss reads in nats of raw
// data.
func (f *Flow) objective(space *surprisal.Space, rows fill, logCell float64) *objective.Objective {
	g := graph.New()
	d := f.space.Dims()
	drop := nn.Dropout{Rate: f.cfg.Dropout, Key: g.Input(keyIn, graph.U32, 2), IDs: g.Input(idsIn, graph.U32, graph.Batch, 2)}
	chain, nets := f.cfg.chain(d, drop)
	z, logDet := chain.Forward(g.Input(events, graph.F32, graph.Batch, d))
	offset := g.Input("offset", graph.F32, graph.Batch, 1).Reshape(graph.Batch)
	in := feed.Mapped{Events: events, Offset: "offset", Rows: rows, Map: f.maps, LogCell: logCell}
	phase := objective.Phase{
		Loss:      logProb(z, logDet).Add(offset).Mean().Neg(),
		Params:    nn.Params(g, nets...),
		Optimizer: f.cfg.optimizer(),
		Feed: func(feeds graph.Feeds, b *surprisal.Batch, key surprisal.Key) error {
			if err := feed.CheckSpace(b, space); err != nil {
				return err
			}
			feed.Key(feeds, keyIn, key.Named("dropout"))
			feed.IDs(feeds, idsIn, b)
			return in.Feed(feeds, b, key.Named("noise"))
		},
	}
	o := objective.New(f.state, phase)
	o.Batch, o.Patience = f.cfg.Batch, f.cfg.Patience
	return o
}

// Objective implements [Model].
func (f *Flow) Objective() (*objective.Objective, error) {
	return f.objective(f.space, nil, 0), nil
}

func (c *Config) optimizer() optim.Optimizer {
	var s optim.Schedule
	if c.HalfLife > 0 {
		s = optim.Exponential(c.HalfLife, 1e-3)
	}
	if c.Warmup > 0 {
		s = optim.Warmup(c.Warmup, s)
	}
	adam := optim.Adam{LearningRate: c.LearningRate, Schedule: s, WeightDecay: c.WeightDecay}
	return optim.Average{Of: optim.Clip{Of: adam, Norm: c.Clip}, Decay: c.Average}
}
