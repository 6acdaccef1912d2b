package ar

import (
	"fmt"
	"strconv"

	"github.com/surprisal-go/surprisal/dist"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/nn"
)

// net is the masked network: hidden layers, and for each head a layer from the
// last hidden one, with the direct connections beside it.
type net struct {
	cfg    *Config
	layout *layout
	hidden []nn.MaskedLinear
	out    []nn.MaskedLinear
	direct []nn.MaskedLinear // none, or one a head
}

func newNet(cfg *Config, l *layout) *net {
	n := &net{cfg: cfg, layout: l}
	degrees := l.features
	for i, units := range cfg.Hidden {
		next := l.hiddenDegrees(units)
		n.hidden = append(n.hidden, nn.MaskedLinear{Name: "hidden" + strconv.Itoa(i+1), Mask: &graph.Mask{In: degrees, Out: next}})
		degrees = next
	}
	for _, h := range l.heads {
		mask := &graph.Mask{In: degrees, Out: h.degrees(), Strict: true}
		n.out = append(n.out, nn.MaskedLinear{Name: "out/" + h.name, Mask: mask, Weights: nn.Zero})
		if cfg.Direct && len(cfg.Hidden) > 0 {
			mask := &graph.Mask{In: l.features, Out: mask.Out, Strict: true}
			n.direct = append(n.direct, nn.MaskedLinear{Name: "direct/" + h.name, Mask: mask, Weights: nn.Zero, NoBias: true})
		}
	}
	return n
}

// layers lists all layers.
func (n *net) layers() []nn.Layer {
	var out []nn.Layer
	for _, group := range [][]nn.MaskedLinear{n.hidden, n.out, n.direct} {
		for _, l := range group {
			out = append(out, l)
		}
	}
	return out
}

// numParams counts open weights and biases.
func (n *net) numParams() int {
	total := 0
	for _, l := range n.layers() {
		total += l.(nn.MaskedLinear).Open()
	}
	return total
}

// apply maps features (B, F) to the outputs of every head (B, G, params).
// Training graphs drop hidden units.
func (n *net) apply(features *graph.Node, drop nn.Dropout) []*graph.Node {
	h := features
	for i, l := range n.hidden {
		h = drop.Apply(n.cfg.Activation.Apply(l.Apply(h)), uint32(i))
	}
	out := make([]*graph.Node, len(n.out))
	for i, l := range n.out {
		y := l.Apply(h)
		if n.direct != nil {
			y = y.Add(n.direct[i].Apply(features))
		}
		block := n.layout.heads[i]
		out[i] = y.Reshape(graph.Batch, len(block.columns), block.params)
	}
	return out
}

// input declares the values of a head's columns: codes as i32, others as f32.
func (h *head) input(g *graph.Graph) *graph.Node {
	if h.answer == codes {
		return g.Input(h.name, graph.I32, graph.Batch, len(h.columns))
	}
	return g.Input(h.name, graph.F32, graph.Batch, len(h.columns))
}

// dist is the distribution of a head's columns, given its outputs.
func (h *head) dist(y *graph.Node) dist.Each {
	g, n := y.Graph(), len(h.columns)
	defer g.Scope("out/" + h.name)()
	switch h.answer {
	case bits:
		return dist.Bernoulli{Logits: y.Reshape(graph.Batch, n)}
	case codes:
		return dist.Categorical{Logits: y}
	case cells:
		c := h.params - 1
		logits, mean, scale := mixture(y.Slice(-1, 0, c), g.Param(floorName, n).Reshape(n, 1))
		smooth := dist.DiscretizedLogisticMixture{Logits: logits, Mean: mean, LogScale: scale,
			Half: g.Param(halfName, n), Low: g.Param(lowName, n), High: g.Param(highName, n)}
		return dist.Spiked{Of: smooth, Mass: g.Input(massIn, graph.F32, graph.Batch, n),
			Logit: y.Slice(-1, c, c+1).Reshape(graph.Batch, n).Add(g.Param(gateName, n))}
	case densities:
		logits, mean, scale := mixture(y, g.Scalar(densityFloor))
		return dist.LogisticMixture{Logits: logits, Mean: mean, LogScale: scale}
	}
	panic(fmt.Sprintf("ar: no distribution for answer %d", h.answer))
}

const (
	// densityFloor is the least log scale of a component of a density, in
	// standard deviations: a spike could win without bound.
	densityFloor = -7
	// scaleCeiling is the greatest log scale of any component.
	scaleCeiling = 10
)

// mixture splits outputs (B, G, 3C) into logits, means and log scales. A log
// scale is floor + softplus(r − floor), smooth and bounded below.
func mixture(y, floor *graph.Node) (logits, mean, logScale *graph.Node) {
	c := y.Dim(-1) / 3
	raw := y.Slice(-1, 2*c, 3*c)
	logScale = raw.Sub(floor).Softplus().Add(floor).Min(y.Graph().Scalar(scaleCeiling))
	return y.Slice(-1, 0, c), y.Slice(-1, c, 2*c), logScale
}
