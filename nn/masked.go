package nn

import (
	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// MaskedLinear is y = x·(w∘mask) + b (Germain et al. 2015). Closed weights are
// read as zero, drawn as zero and have a gradient of zero.
type MaskedLinear struct {
	Name string
	// Mask says which weights are open; it fixes I and O.
	Mask *graph.Mask
	// NoBias leaves b out.
	NoBias bool
	// Weights draws w; nil is [He]. The fan-in of a unit is the mean number of
	// open weights into a unit that has any, and so for its fan-out.
	Weights Initializer
}

func (l MaskedLinear) shape() (in, out int) { return len(l.Mask.In), len(l.Mask.Out) }

// Apply implements [Layer].
func (l MaskedLinear) Apply(x *graph.Node) *graph.Node {
	g := x.Graph()
	defer g.Scope(l.Name)()
	in, out := l.shape()
	y := graph.MaskedMatMul(x, g.Param(l.Name+"/w", in, out), l.Mask)
	if !l.NoBias {
		y = y.Add(g.Param(l.Name+"/b", out))
	}
	return y
}

// Params implements [Layer].
func (l MaskedLinear) Params(g *graph.Graph) []*graph.Node {
	in, out := l.shape()
	p := []*graph.Node{g.Param(l.Name+"/w", in, out)}
	if !l.NoBias {
		p = append(p, g.Param(l.Name+"/b", out))
	}
	return p
}

// Init implements [Layer].
func (l MaskedLinear) Init(store *tensor.Store, key surprisal.Key) {
	in, out := l.shape()
	w := param(store, l.Name+"/w", in, out)
	l.Weights.draw(w, fan(out, in, func(j, i int) bool { return l.Mask.Open(i, j) }), fan(in, out, l.Mask.Open), key.Named(l.Name+"/w"))
	for i := range in {
		for j := range out {
			if !l.Mask.Open(i, j) {
				w[i*out+j] = 0
			}
		}
	}
	if !l.NoBias {
		clear(param(store, l.Name+"/b", out))
	}
}

// Open is the number of weights that the mask leaves open, and of biases.
func (l MaskedLinear) Open() int {
	in, out := l.shape()
	n := out
	if l.NoBias {
		n = 0
	}
	for i := range in {
		for j := range out {
			if l.Mask.Open(i, j) {
				n++
			}
		}
	}
	return n
}

// fan is the mean number of open pairs (a, b) over those a that have any.
func fan(as, bs int, open func(a, b int) bool) int {
	pairs, used := 0, 0
	for a := range as {
		before := pairs
		for b := range bs {
			if open(a, b) {
				pairs++
			}
		}
		if pairs > before {
			used++
		}
	}
	return pairs / max(used, 1)
}
