// Package ref is the oracle: it evaluates any graph plainly in float64, one
// node at a time, with the standard library's functions. Coarse operations are
// evaluated through their decomposition. It is slow on purpose; every kernel,
// pass and model is checked against it.
//
// Parameters and inputs are read as they are and widened to float64; updates
// are rounded into the store's tensors (float64 tensors keep every bit). Noise
// is that of the kernels, widened, so that a run of both executors sees the
// same draws.
package ref

import (
	"context"
	"fmt"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// Executor evaluates in float64. The zero value is ready.
type Executor struct{}

// New returns the oracle.
func New() *Executor { return &Executor{} }

// Name implements graph.Executor.
func (*Executor) Name() string { return "ref" }

// Compile implements graph.Executor.
func (*Executor) Compile(outputs []*graph.Node, updates ...graph.Update) (graph.Plan, error) {
	roots := append([]*graph.Node(nil), outputs...)
	for _, u := range updates {
		if u.Param.Op() != graph.OpParam || graph.ShapeString(u.Param.Shape()) != graph.ShapeString(u.Value.Shape()) {
			return nil, fmt.Errorf("update of %s by %s: want a parameter and a value of its shape", u.Param, u.Value)
		}
		roots = append(roots, u.Param, u.Value)
	}
	p := &plan{outputs: outputs, updates: updates, needed: graph.Reachable(roots...), fine: map[*graph.Node]*graph.Node{}}
	p.decompose(p.needed)
	return p, nil
}

// decompose finds the fine nodes for coarse ones, and for those coarse ones
// that decompositions hold themselves.
func (p *plan) decompose(nodes []*graph.Node) {
	var made []*graph.Node
	for _, n := range nodes {
		if p.fine[n] != nil {
			continue
		}
		if fine := n.Decompose(); fine != nil {
			p.fine[n] = fine
			made = append(made, fine)
		}
	}
	if len(made) > 0 {
		p.decompose(graph.Reachable(made...))
	}
}

type plan struct {
	outputs []*graph.Node
	updates []graph.Update
	needed  []*graph.Node
	fine    map[*graph.Node]*graph.Node // decompositions of coarse nodes
}

// Run implements graph.Plan. Outputs are float64 tensors, bools 0 or 1.
func (p *plan) Run(ctx context.Context, feeds graph.Feeds, store *tensor.Store) ([]tensor.Tensor, error) {
	batch, err := bind(p.needed, feeds, store)
	if err != nil {
		return nil, err
	}
	r := &run{plan: p, ctx: ctx, feeds: feeds, store: store, batch: batch, values: map[*graph.Node][]float64{}}
	out := make([]tensor.Tensor, len(p.outputs))
	for i, n := range p.outputs {
		v, err := r.value(n)
		if err != nil {
			return nil, err
		}
		out[i] = tensor.Of(append([]float64(nil), v...), graph.Concrete(n.Shape(), batch)...)
	}
	news := make([][]float64, len(p.updates))
	for i, u := range p.updates {
		if news[i], err = r.value(u.Value); err != nil {
			return nil, err
		}
	}
	for i, u := range p.updates {
		t, _ := store.Get(u.Param.Attr().Name)
		switch d := t.Data.(type) {
		case []float64:
			copy(d, news[i])
		case []float32:
			for j, v := range news[i] {
				d[j] = float32(v)
			}
		}
	}
	return out, nil
}

// bind is graph.Bind for stores and feeds that may hold float64 where the
// graph says f32.
func bind(needed []*graph.Node, feeds graph.Feeds, store *tensor.Store) (int, error) {
	narrow := func(t tensor.Tensor) tensor.Tensor {
		if d, ok := t.Data.([]float64); ok {
			return tensor.Tensor{Shape: t.Shape, Data: make([]float32, len(d))}
		}
		return t
	}
	f, s := graph.Feeds{}, &tensor.Store{}
	for name, t := range feeds {
		f[name] = narrow(t)
	}
	for _, n := range needed {
		if t, ok := store.Get(n.Attr().Name); ok && n.Op() == graph.OpParam {
			s.Set(n.Attr().Name, narrow(t))
		}
	}
	return graph.Bind(needed, f, s)
}

type run struct {
	plan   *plan
	ctx    context.Context
	feeds  graph.Feeds
	store  *tensor.Store
	batch  int
	values map[*graph.Node][]float64
}

// value evaluates a node once.
func (r *run) value(n *graph.Node) ([]float64, error) {
	if v, ok := r.values[n]; ok {
		return v, nil
	}
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	var v []float64
	var err error
	if fine := r.plan.fine[n]; fine != nil {
		v, err = r.value(fine)
	} else {
		in := make([][]float64, len(n.Inputs()))
		for i, x := range n.Inputs() {
			if in[i], err = r.value(x); err != nil {
				return nil, err
			}
		}
		v, err = r.eval(n, in)
	}
	if err != nil {
		return nil, err
	}
	r.values[n] = v
	return v, nil
}

func (r *run) shape(n *graph.Node) []int { return graph.Concrete(n.Shape(), r.batch) }
