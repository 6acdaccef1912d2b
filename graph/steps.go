package graph

import (
	"context"
	"fmt"

	"github.com/surprisal-go/surprisal/tensor"
)

// Stepper is an [Executor] that can run a graph position by position, with the
// bits of the whole pass. Callers go through [CompileSteps].
type Stepper interface {
	Executor
	CompileSteps(outputs []*Node, input *Node, positions []int) (StepPlan, error)
}

// StepPlan runs a graph as its input becomes known, and computes of every node
// only what has become known with it: a model that draws, or decodes, value
// after value does the work of one pass, not of one pass a value. It is used by
// one goroutine at a time.
type StepPlan interface {
	// Reset begins with new events, none of whose values are known. Feeds hold
	// the inputs other than the one that advances. The result are the outputs:
	// tensors that later steps write into, valid until the next Reset. What is
	// known already is in them; other elements hold any value.
	Reset(ctx context.Context, batch int, feeds Feeds, store *tensor.Store) ([]tensor.Tensor, error)
	// Step makes the values of the next position known, (batch, elements of
	// the position) in ascending order of the elements, and fills in the
	// outputs that depend on no later position. The parameters must still be
	// those of Reset.
	Step(ctx context.Context, values tensor.Tensor) error
	// Known returns, for every element of an event's row of an output, the
	// number of steps after which it is known, or nil if whole passes are made,
	// of which nobody knows what they need. What a model wants to draw from must
	// be known in time: a dependence that its weights do not have but its graph
	// does delays it.
	Known(output int) []int
}

// CompileSteps returns a plan that computes the outputs, with axis 0 the batch,
// as the input becomes known: positions[i] says in which step, counted from 0,
// element i of an event's row does. Every step has at least one element. An
// executor that is no [Stepper] makes a whole pass at every step.
//
// Elements of the outputs have the bits of the whole pass, whatever that sees
// in the positions to come, as long as its values and weights are finite: an
// infinite one that a whole pass multiplies by a zero, which gives NaN, may be
// skipped by a step. Such zeros are closed weights of a mask and operands that
// are 0.
func CompileSteps(exec Executor, outputs []*Node, input *Node, positions []int) (StepPlan, error) {
	if err := checkSteps(outputs, input, positions); err != nil {
		return nil, fmt.Errorf("compiling steps: %w", err)
	}
	if s, ok := exec.(Stepper); ok {
		return s.CompileSteps(outputs, input, positions)
	}
	plan, err := exec.Compile(outputs)
	if err != nil {
		return nil, err
	}
	return &wholeSteps{plan: plan, input: input, elements: ByPosition(positions)}, nil
}

func checkSteps(outputs []*Node, input *Node, positions []int) error {
	if input.op != OpInput || !Batched(input.shape) {
		return fmt.Errorf("%s: want a batched input", input)
	}
	if len(positions) != RowSize(input.shape) {
		return fmt.Errorf("%d positions for input %q of shape %s, want one for every element of a row", len(positions), input.attr.Name, ShapeString(input.shape))
	}
	for i, p := range positions {
		if p < 0 {
			return fmt.Errorf("element %d of input %q has position %d", i, input.attr.Name, p)
		}
	}
	for p, elements := range ByPosition(positions) {
		if len(elements) == 0 {
			return fmt.Errorf("no element of input %q has position %d", input.attr.Name, p)
		}
	}
	for _, n := range outputs {
		if !Batched(n.shape) || n.dtype == Bool || n.graph != input.graph {
			return fmt.Errorf("output %s: want numbers with a batch axis, of the input's graph", n)
		}
	}
	return nil
}

// ByPosition lists for every position its elements, ascending.
func ByPosition(positions []int) [][]int {
	var out [][]int
	for i, p := range positions {
		for len(out) <= p {
			out = append(out, nil)
		}
		out[p] = append(out[p], i)
	}
	return out
}

// wholeSteps makes a whole pass at every step.
type wholeSteps struct {
	plan     Plan
	input    *Node
	elements [][]int // by position

	feeds Feeds
	store *tensor.Store
	batch int
	next  int // position
	outs  []tensor.Tensor
}

func (w *wholeSteps) Reset(ctx context.Context, batch int, feeds Feeds, store *tensor.Store) ([]tensor.Tensor, error) {
	w.feeds, w.store, w.batch, w.next, w.outs = Feeds{}, store, batch, 0, nil
	for name, t := range feeds {
		w.feeds[name] = t
	}
	shape := Concrete(w.input.shape, batch)
	switch w.input.dtype {
	case F32:
		w.feeds[w.input.attr.Name] = tensor.New[float32](shape...)
	case I32:
		w.feeds[w.input.attr.Name] = tensor.New[int32](shape...)
	default:
		w.feeds[w.input.attr.Name] = tensor.New[uint32](shape...)
	}
	if err := w.run(ctx); err != nil {
		return nil, err
	}
	return w.outs, nil
}

func (w *wholeSteps) Step(ctx context.Context, values tensor.Tensor) error {
	if err := CheckStep(w.input, w.elements, w.next, w.batch, values); err != nil {
		return err
	}
	to := w.feeds[w.input.attr.Name]
	elements := w.elements[w.next]
	switch d := to.Data.(type) {
	case []float32:
		place(d, values.Data.([]float32), w.batch, elements)
	case []int32:
		place(d, values.Data.([]int32), w.batch, elements)
	case []uint32:
		place(d, values.Data.([]uint32), w.batch, elements)
	}
	w.next++
	return w.run(ctx)
}

func (w *wholeSteps) Known(output int) []int { return nil }

// place writes values (batch, elements) into their columns of rows.
func place[T any](rows, values []T, batch int, elements []int) {
	for r := range batch {
		row := rows[r*(len(rows)/batch):]
		for i, e := range elements {
			row[e] = values[r*len(elements)+i]
		}
	}
}

// run leaves the outputs in tensors of the plan's own, as it promised.
func (w *wholeSteps) run(ctx context.Context) error {
	out, err := w.plan.Run(ctx, w.feeds, w.store)
	if err != nil {
		return err
	}
	if w.outs == nil {
		for _, t := range out {
			w.outs = append(w.outs, t.Clone())
		}
	}
	for i, t := range out {
		w.outs[i].CopyFrom(t)
	}
	return nil
}

// CheckStep reports whether values are those of the next position, whose
// elements are given for every position. For executors.
func CheckStep(input *Node, elements [][]int, next, batch int, values tensor.Tensor) error {
	if next >= len(elements) {
		return fmt.Errorf("step %d of input %q: it has %d positions", next, input.attr.Name, len(elements))
	}
	want := len(elements[next])
	if len(values.Shape) != 2 || values.Shape[0] != batch || values.Shape[1] != want || dataLen(values.Data) != batch*want || !holds(input.dtype, values.Data) {
		return fmt.Errorf("step %d of input %q: got %d values of %T in shape %v, want %s (%d, %d)", next, input.attr.Name, dataLen(values.Data), values.Data, values.Shape, input.dtype, batch, want)
	}
	return nil
}
