package bijector

import (
	"context"
	"fmt"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// Inverter computes x = f⁻¹(z) outside graphs, for sampling. An
// [Autoregressive] map, alone or in a [Chain], learns its dims one after the
// other, for the work of one pass of its conditioner, where its Inverse on a
// graph makes D passes. The values are those of Inverse. An inverter is used
// by one goroutine at a time.
type Inverter struct{ parts []inverse }

// inverse overwrites z with x, (B, D).
type inverse interface {
	run(ctx context.Context, z tensor.Tensor, store *tensor.Store) error
}

// NewInverter compiles the inverse of a map of D dims. It is an error if the
// executor cannot, or if a conditioner's graph lets dim d depend on dims from d
// on: masks must show the structure, weights that are zero do not.
func NewInverter(exec graph.Executor, f Bijector, dims int) (*Inverter, error) {
	inv := &Inverter{}
	if err := inv.add(exec, f, dims); err != nil {
		return nil, fmt.Errorf("compiling an inverse: %w", err)
	}
	return inv, nil
}

// Inverse overwrites noise z (B, D), of float32, with the data that it stands
// for.
func (inv *Inverter) Inverse(ctx context.Context, z tensor.Tensor, store *tensor.Store) error {
	for _, p := range inv.parts {
		if err := p.run(ctx, z, store); err != nil {
			return fmt.Errorf("inverting: %w", err)
		}
	}
	return nil
}

func (inv *Inverter) add(exec graph.Executor, f Bijector, dims int) error {
	g := graph.New()
	z := g.Input("z", graph.F32, graph.Batch, dims)
	switch f := f.(type) {
	case Chain:
		for i := len(f) - 1; i >= 0; i-- {
			if err := inv.add(exec, f[i], dims); err != nil {
				return err
			}
		}
		return nil
	case Scoped:
		return inv.add(exec, f.Bijector, dims)
	case Autoregressive:
		s, err := newStepped(exec, f, z)
		if err != nil {
			return err
		}
		inv.parts = append(inv.parts, s)
		return nil
	}
	x, _ := f.Inverse(z)
	plan, err := exec.Compile([]*graph.Node{x})
	inv.parts = append(inv.parts, onePass{plan})
	return err
}

// onePass is the inverse of a map that needs no steps.
type onePass struct{ plan graph.Plan }

func (p onePass) run(ctx context.Context, z tensor.Tensor, store *tensor.Store) error {
	out, err := p.plan.Run(ctx, graph.Feeds{"z": z}, store)
	if err != nil {
		return err
	}
	take(z.F32(), out[0], 0, 1)
	return nil
}

// stepped is the inverse of an autoregressive map: dim d of the result, which
// needs the dims before it, is the input that becomes known in step d.
type stepped struct {
	plan graph.StepPlan
	dims int
}

func newStepped(exec graph.Executor, a Autoregressive, z *graph.Node) (*stepped, error) {
	d := z.Dim(1)
	x := z.Graph().Input("x", graph.F32, graph.Batch, d)
	back, _ := a.Elementwise.Inverse(z, a.Conditioner.params("NewInverter", x, a.Elementwise.Params(), d))
	positions := make([]int, d)
	for i := range positions {
		positions[i] = i
	}
	plan, err := graph.CompileSteps(exec, []*graph.Node{back}, x, positions)
	if err != nil {
		return nil, err
	}
	for i, known := range plan.Known(0) {
		if known > i {
			return nil, fmt.Errorf("the conditioner's graph lets the parameters of dim %d depend on dim %d: mask its products", i, known-1)
		}
	}
	return &stepped{plan, d}, nil
}

func (s *stepped) run(ctx context.Context, z tensor.Tensor, store *tensor.Store) error {
	batch := z.Size() / s.dims
	out, err := s.plan.Reset(ctx, batch, graph.Feeds{"z": z}, store)
	if err != nil {
		return err
	}
	step := tensor.New[float32](batch, 1)
	for d := range s.dims {
		take(step.F32(), out[0], d, s.dims)
		if err := s.plan.Step(ctx, step); err != nil {
			return err
		}
	}
	take(z.F32(), out[0], 0, 1)
	return nil
}

// take copies every stride-th value of t from one on.
func take(dst []float32, t tensor.Tensor, from, stride int) {
	switch x := t.Data.(type) {
	case []float32:
		for i := range dst {
			dst[i] = x[from+i*stride]
		}
	case []float64: // the oracle's
		for i := range dst {
			dst[i] = float32(x[from+i*stride])
		}
	}
}
