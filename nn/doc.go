// Package nn holds the layers that models are built of, as plain structs.
//
// # Ideas
//
// A [Layer] is a description: a name, sizes, choices. Apply adds it to a graph,
// Init draws its parameters into a store, Params names them. The parameters of
// a layer called "enc/hidden1" are "enc/hidden1/w" and "enc/hidden1/b"; two
// layers of one name share them, also across graphs.
//
//	net := nn.MLP{Name: "net", In: 2, Hidden: []int{64, 64}, Out: 1}
//	net.Init(store, key)
//	y := net.Apply(x) // (B, 2) → (B, 1)
//	loss := y.Square().Mean()
//	grads := graph.Grad(loss, net.Params(g)...)
//
// Draws depend on the key and on the parameter's name alone, not on the order
// of calls, and are the same on every machine.
//
// # Errors
//
// Layers are written by a programmer: sizes that do not fit panic.
//
// Legend: B batch, I inputs, O outputs.
package nn

import (
	"fmt"
	"slices"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// Layer is a part of a network with parameters of its own.
type Layer interface {
	// Apply adds the layer to the graph of x: (…, I) → (…, O).
	Apply(x *graph.Node) *graph.Node
	// Params returns the layer's parameters in a graph.
	Params(g *graph.Graph) []*graph.Node
	// Init draws the parameters. Those that the store has already keep their
	// tensors and get new values.
	Init(store *tensor.Store, key surprisal.Key)
}

// Params returns the parameters of several layers, each once.
func Params(g *graph.Graph, layers ...Layer) []*graph.Node {
	var out []*graph.Node
	for _, l := range layers {
		for _, p := range l.Params(g) {
			if !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	return out
}

// param returns the values of a parameter in the store, created if absent.
func param(store *tensor.Store, name string, shape ...int) []float32 {
	t, ok := store.Get(name)
	if !ok {
		t = tensor.New[float32](shape...)
		store.Set(name, t)
	}
	if !slices.Equal(t.Shape, shape) {
		panic(fmt.Sprintf("nn: parameter %q has shape %v, want %v", name, t.Shape, shape))
	}
	return t.F32()
}
