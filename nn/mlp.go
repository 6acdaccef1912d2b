package nn

import (
	"strconv"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// MLP is a multilayer perceptron: linear layers Name/hidden1, Name/hidden2, …
// with an activation after each, and a linear layer Name/out.
type MLP struct {
	Name    string
	In, Out int
	// Hidden are the numbers of hidden units; none is a linear map.
	Hidden []int
	// Activation; empty is ReLU.
	Activation Activation
	// Dropout drops hidden units; its zero value drops none.
	Dropout Dropout
	// Last draws the weights of the last layer; nil is [Glorot]. With [Zero]
	// the network begins as the constant 0.
	Last Initializer
}

func (m MLP) layers() (hidden []Linear, out Linear) {
	in := m.In
	for i, h := range m.Hidden {
		hidden = append(hidden, Linear{Name: m.Name + "/hidden" + strconv.Itoa(i+1), In: in, Out: h, Weights: m.Activation.weights()})
		in = h
	}
	last := m.Last
	if last == nil {
		last = Glorot
	}
	return hidden, Linear{Name: m.Name + "/out", In: in, Out: m.Out, Weights: last}
}

// Apply implements [Layer].
func (m MLP) Apply(x *graph.Node) *graph.Node {
	hidden, out := m.layers()
	for i, l := range hidden {
		x = m.Dropout.Apply(m.Activation.Apply(l.Apply(x)), uint32(i))
	}
	return out.Apply(x)
}

// Params implements [Layer].
func (m MLP) Params(g *graph.Graph) []*graph.Node {
	hidden, out := m.layers()
	var p []*graph.Node
	for _, l := range hidden {
		p = append(p, l.Params(g)...)
	}
	return append(p, out.Params(g)...)
}

// Init implements [Layer].
func (m MLP) Init(store *tensor.Store, key surprisal.Key) {
	hidden, out := m.layers()
	for _, l := range hidden {
		l.Init(store, key)
	}
	out.Init(store, key)
}
