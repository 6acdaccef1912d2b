package bijector

import "github.com/surprisal-go/surprisal/graph"

// Chain applies bijectors one after the other: Forward from first to last,
// Inverse from last to first. Log-determinants add. An empty chain is the
// identity.
type Chain []Bijector

// Forward implements [Bijector].
func (c Chain) Forward(x *graph.Node) (z, logDet *graph.Node) {
	logDet = constant(x.Graph().Scalar(0))
	for _, f := range c {
		var ld *graph.Node
		x, ld = f.Forward(x)
		logDet = logDet.Add(ld)
	}
	return x, logDet
}

// Inverse implements [Bijector].
func (c Chain) Inverse(z *graph.Node) (x, logDet *graph.Node) {
	logDet = constant(z.Graph().Scalar(0))
	for i := len(c) - 1; i >= 0; i-- {
		var ld *graph.Node
		z, ld = c[i].Inverse(z)
		logDet = logDet.Add(ld)
	}
	return z, logDet
}

// Invert exchanges the two directions of a bijector.
type Invert struct{ Bijector }

// Forward implements [Bijector].
func (i Invert) Forward(x *graph.Node) (z, logDet *graph.Node) { return i.Bijector.Inverse(x) }

// Inverse implements [Bijector].
func (i Invert) Inverse(z *graph.Node) (x, logDet *graph.Node) { return i.Bijector.Forward(z) }

// Scoped names the nodes of a bijector, so that an error says which part of a
// flow it comes from.
type Scoped struct {
	Name string
	Bijector
}

// Forward implements [Bijector].
func (s Scoped) Forward(x *graph.Node) (z, logDet *graph.Node) {
	defer x.Graph().Scope(s.Name)()
	return s.Bijector.Forward(x)
}

// Inverse implements [Bijector].
func (s Scoped) Inverse(z *graph.Node) (x, logDet *graph.Node) {
	defer z.Graph().Scope(s.Name)()
	return s.Bijector.Inverse(z)
}
