package optim

import (
	"strings"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// Average keeps, beside every parameter p that another rule updates, an
// exponential moving average a under the name "ema/" + p's name:
//
//	a ← d·a + (1−d)·p,  d = min(Decay, (1+t)/(10+t)) at step t = 0, 1, …
//
// The warm-up of d forgets the initial draw quickly. Averaged weights are those
// to validate and to keep (Polyak and Juditsky 1992): they give most of what
// lowering the learning rate gives, without knowing the end in advance.
type Average struct {
	Of Optimizer
	// Decay is the greatest d; zero means no averaging.
	Decay float64
}

const (
	averagePrefix = "ema/"
	decayInput    = "optim/decay"
)

// Updates implements [Optimizer].
func (o Average) Updates(store *tensor.Store, params, grads []*graph.Node) []graph.Update {
	out := o.Of.Updates(store, params, grads)
	if o.Decay == 0 {
		return out
	}
	averaged := map[*graph.Node]bool{}
	for _, p := range params {
		averaged[p] = true
	}
	for _, u := range out[:len(out):len(out)] {
		if !averaged[u.Param] {
			continue
		}
		g, name := u.Param.Graph(), averagePrefix+u.Param.Attr().Name
		if _, ok := store.Get(name); !ok {
			store.Set(name, store.Must(u.Param.Attr().Name).Clone())
		}
		a := g.Param(name, u.Param.Shape()...)
		// p + d·(a−p) rather than d·a + (1−d)·p: exact where a = p.
		next := u.Value.Add(g.Input(decayInput, graph.F32).Mul(a.Sub(u.Value)))
		out = append(out, graph.Update{Param: a, Value: next})
	}
	return out
}

// Feed implements [Optimizer].
func (o Average) Feed(feeds graph.Feeds, step int) {
	o.Of.Feed(feeds, step)
	if o.Decay > 0 {
		t := float64(step)
		feedScalar(feeds, decayInput, min(o.Decay, (1+t)/(10+t)))
	}
}

// Validate implements [Optimizer].
func (o Average) Validate() error {
	if err := checkFraction("average", "decay", o.Decay); err != nil {
		return err
	}
	return o.Of.Validate()
}

// SwapAverages exchanges, in place, the values of every parameter with those
// of its average, where the store has one, and reports whether it had any.
// Called twice it changes nothing: swap, validate, swap back.
func SwapAverages(store *tensor.Store) bool {
	var any bool
	for name, a := range store.All() {
		of, ok := strings.CutPrefix(name, averagePrefix)
		if !ok {
			continue
		}
		any = true
		x, y := store.Must(of).F32(), a.F32()
		for i := range x {
			x[i], y[i] = y[i], x[i]
		}
	}
	return any
}
