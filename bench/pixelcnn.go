package bench

import (
	"fmt"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/dist"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/model/feed"
	"github.com/surprisal-go/surprisal/nn"
	"github.com/surprisal-go/surprisal/objective"
	"github.com/surprisal-go/surprisal/tensor"
)

const (
	side         = 28 // of an image of Bits
	pixelLayers  = 5
	pixelWidth   = 64
	pixelWindows = 3
)

// trainPixelCNN is an autoregressive model of images from parts: no family has
// one yet. A 1×1 convolution turns the last channels into a logit a pixel.
func trainPixelCNN(exec graph.Executor, batch int) (*Run, error) {
	g, store, set := graph.New(), &tensor.Store{}, Bits()
	var params []*graph.Node
	numParams := 0
	add := func(l nn.Conv2D, x *graph.Node) *graph.Node {
		l.Init(store, 1)
		params = append(params, l.Params(g)...)
		numParams += l.Open()
		return l.Apply(x)
	}
	x := g.Input("x", graph.F32, graph.Batch, Pixels)
	h, channels := x.Reshape(graph.Batch, side, side, 1), 1
	for i := range pixelLayers {
		mask := nn.ColourMask(channels, pixelWidth, 1, i == 0)
		h = add(nn.MaskedConv2D(fmt.Sprintf("conv%d", i+1), pixelWindows, pixelWindows, mask), h).Relu()
		channels = pixelWidth
	}
	logits := add(nn.Conv2D{Name: "logit", In: channels, Out: 1, Window: [2]int{1, 1}, Weights: nn.Zero}, h)
	logp := dist.Bernoulli{Logits: logits.Reshape(graph.Batch, Pixels)}.LogProb(x)
	rows := feed.Rows{Input: "x", Width: Pixels}
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
