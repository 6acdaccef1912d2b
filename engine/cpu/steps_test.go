package cpu

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// values picks the elements of one position from an input.
func values(x tensor.Tensor, elements []int) tensor.Tensor {
	batch := x.Shape[0]
	row := x.Size() / batch
	switch d := x.Data.(type) {
	case []int32:
		return tensor.Of(pick(d, batch, row, elements), batch, len(elements))
	default:
		return tensor.Of(pick(x.F32(), batch, row, elements), batch, len(elements))
	}
}

func pick[T any](x []T, batch, row int, elements []int) []T {
	var out []T
	for r := range batch {
		for _, e := range elements {
			out = append(out, x[r*row+e])
		}
	}
	return out
}

// walk runs a step plan over an input and compares every output, as soon as it
// is known, with the whole pass.
func walk(t *testing.T, sp graph.StepPlan, fed graph.Feeds, store *tensor.Store, want []tensor.Tensor) {
	t.Helper()
	p := sp.(*stepPlan)
	x := fed[p.input.Attr().Name]
	others := graph.Feeds{}
	for name, v := range fed {
		if name != p.input.Attr().Name {
			others[name] = v
		}
	}
	batch := x.Shape[0]
	got, err := sp.Reset(context.Background(), batch, others, store)
	if err != nil {
		t.Fatal(err)
	}
	for level := 0; ; level++ {
		for i, r := range p.results {
			g, w := got[i].Float64s(), want[i].Float64s()
			for l := range level + 1 {
				for _, s := range r.spans.at(l) {
					for e := int(s.lo); e < int(s.hi); e++ {
						for row := range batch {
							a, b := g[row*r.n+e], w[row*r.n+e]
							if math.Float64bits(a) != math.Float64bits(b) && !(math.IsNaN(a) && math.IsNaN(b)) {
								t.Fatalf("batch %d, after %d steps: output %d, event %d, element %d of level %d is %g, want %g", batch, level, i, row, e, l, a, b)
							}
						}
					}
				}
			}
		}
		if level == len(p.elements) {
			return
		}
		if err := sp.Step(context.Background(), values(x, p.elements[level])); err != nil {
			t.Fatal(err)
		}
	}
}

// TestStepsAllocateNothing holds it for resets and steps of a batch size that
// has been seen.
func TestStepsAllocateNothing(t *testing.T) {
	logits, x, g := madeLogits(40, 30)
	store := madeParams(g)
	positions := make([]int, 40)
	for i := range positions {
		positions[i] = i
	}
	for _, batch := range []int{1, 10} {
		e := New(Options{Threads: 1})
		sp, err := graph.CompileSteps(e, []*graph.Node{logits}, x, positions)
		if err != nil {
			t.Fatal(err)
		}
		v := tensor.New[float32](batch, 1)
		once := func() {
			if _, err := sp.Reset(context.Background(), batch, nil, store); err != nil {
				t.Fatal(err)
			}
			for range 40 {
				if err := sp.Step(context.Background(), v); err != nil {
					t.Fatal(err)
				}
			}
		}
		once()
		if n := SteadyAllocs(once); n != 0 {
			t.Errorf("batch %d: %v allocations an event", batch, n)
		}
		e.Close()
	}
}

// TestStepsRefuse holds the errors.
func TestStepsRefuse(t *testing.T) {
	e := New(Options{Threads: 1})
	defer e.Close()
	g := graph.New()
	x, c := g.Input("x", graph.F32, graph.Batch, 2), g.Input("c", graph.F32, graph.Batch, 2)
	square := graph.Outer(x, x)
	for want, f := range map[string]func() error{
		"outer f32(2, 2)": func() error {
			return second(graph.CompileSteps(e, []*graph.Node{graph.MatMul(x, square)}, x, []int{0, 1}))
		},
		"no element of input \"x\" has position 1": func() error { return second(graph.CompileSteps(e, []*graph.Node{x}, x, []int{0, 2})) },
		"1 positions":            func() error { return second(graph.CompileSteps(e, []*graph.Node{x}, x, []int{0})) },
		"want a batched input":   func() error { return second(graph.CompileSteps(e, []*graph.Node{x}, x.Neg(), []int{0, 1})) },
		"with a batch axis":      func() error { return second(graph.CompileSteps(e, []*graph.Node{x.Sum()}, x, []int{0, 1})) },
		"input \"c\" is not fed": func() error { return second(steps(t, e, x.Add(c), x).Reset(context.Background(), 2, nil, nil)) },
		"steps of 3 events are fed inputs of 2": func() error {
			return second(steps(t, e, x.Add(c), x).Reset(context.Background(), 3, graph.Feeds{"c": tensor.New[float32](2, 2)}, nil))
		},
		"want f32 (2, 1)": func() error {
			p := steps(t, e, x.Neg(), x)
			if _, err := p.Reset(context.Background(), 2, nil, nil); err != nil {
				return err
			}
			return p.Step(context.Background(), tensor.New[float32](2, 2))
		},
		"it has 2 positions": func() error {
			p := steps(t, e, x.Neg(), x)
			if _, err := p.Reset(context.Background(), 1, nil, nil); err != nil {
				return err
			}
			for range 2 {
				if err := p.Step(context.Background(), tensor.New[float32](1, 1)); err != nil {
					return fmt.Errorf("too early: %w", err)
				}
			}
			return p.Step(context.Background(), tensor.New[float32](1, 1))
		},
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "too early") {
			t.Errorf("got error %v, want one that says %q", err, want)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func steps(t *testing.T, e *Executor, out, in *graph.Node) graph.StepPlan {
	t.Helper()
	p, err := graph.CompileSteps(e, []*graph.Node{out}, in, []int{0, 1})
	if err != nil {
		t.Fatal(err)
	}
	return p
}
