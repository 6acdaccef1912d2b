package bench

import (
	"fmt"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/bijector"
	"github.com/surprisal-go/surprisal/dist"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/model/feed"
	"github.com/surprisal-go/surprisal/nn"
	"github.com/surprisal-go/surprisal/objective"
	"github.com/surprisal-go/surprisal/tensor"
)

const (
	flowLayers = 5
	flowUnits  = 512 // of each of two hidden layers
	flowBound  = 2.0 // greatest log scale
)

// trainMAF is a masked autoregressive flow from parts: no family has one yet.
func trainMAF(exec graph.Executor, batch int) (*Run, error) {
	g, store, set := graph.New(), &tensor.Store{}, Reals()
	var flow bijector.Chain
	var params []*graph.Node
	numParams := 0
	for i := range flowLayers {
		net := newMaskedNet(fmt.Sprintf("layer%d", i+1), Columns, flowUnits)
		for _, l := range net {
			l.Init(store, 1)
			params = append(params, l.Params(g)...)
			numParams += l.Open()
		}
		flow = append(flow,
			bijector.Autoregressive{Conditioner: net.apply, Elementwise: bijector.BoundedAffine{Bound: flowBound}},
			bijector.Reverse(Columns))
	}
	z, logDet := flow.Forward(g.Input("x", graph.F32, graph.Batch, Columns))
	logp := dist.Standard(g, z.Shape()...).LogProb(z).Add(logDet)
	rows := feed.Rows{Input: "x", Width: Columns}
	obj := objective.New(store, objective.Phase{
		Loss: logp.Mean().Neg(), Params: params, Optimizer: adam,
		Feed: func(feeds graph.Feeds, b *surprisal.Batch, _ surprisal.Key) error { return rows.Feed(feeds, b) },
	})
	t, err := newTraining(obj, exec, set, batch)
	if err != nil {
		return nil, err
	}
	return &Run{Params: numParams, Step: t.Step}, nil
}

// maskedNet is a masked network with two hidden layers and, after them, one
// layer for each of the two parameters of an affine map, so that the degrees
// of every layer ascend.
type maskedNet [4]nn.MaskedLinear

func newMaskedNet(name string, dims, units int) maskedNet {
	in, hidden := make([]int, dims), make([]int, units)
	for i := range in {
		in[i] = i + 1
	}
	for i := range hidden {
		hidden[i] = 1 + i*(dims-1)/units
	}
	out := &graph.Mask{In: hidden, Out: in, Strict: true}
	return maskedNet{
		{Name: name + "/hidden1", Mask: &graph.Mask{In: in, Out: hidden}},
		{Name: name + "/hidden2", Mask: &graph.Mask{In: hidden, Out: hidden}},
		{Name: name + "/scale", Mask: out, Weights: nn.Zero},
		{Name: name + "/shift", Mask: out, Weights: nn.Zero},
	}
}

// apply is a bijector.Conditioner: (B, D) → (B, 2·D).
func (n maskedNet) apply(x *graph.Node) *graph.Node {
	h := n[1].Apply(n[0].Apply(x).Relu()).Relu()
	return graph.Concat(1, n[2].Apply(h), n[3].Apply(h))
}
