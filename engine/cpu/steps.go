package cpu

import (
	"context"
	"fmt"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
	"github.com/surprisal-go/surprisal/tensor"
)

// A step plan runs a graph as one input becomes known, position by position.
// Every element of every value has a level: the number of steps after which it
// is known, which follows from the graph and its masks (steplevel.go). A step
// runs all operations that have elements of one level, in order, on those, so
// that each is computed once, by the kernels of the whole pass and with its
// bits. A product keeps its unfinished chains and continues them by the values
// that have become known (stepproduct.go).
//
// The state holds an element of all events side by side, (elements, lanes): a
// range of elements is one run of memory, whatever the number of events. What
// does not depend on the input is a plan of its own that Reset runs.
type stepPlan struct {
	exec     *Executor
	outputs  []*graph.Node
	input    *graph.Node
	elements [][]int // of the input, by position

	fixed   *plan         // computes sources
	leaves  []*graph.Node // that sources need
	batched bool          // so that their batch is that of the events
	sources []*val        // what the steps read and no step changes
	src     [][]float32   // its elements, events first
	fills   []fill
	ops     []stepOp
	start   []int32 // of each level in tasks, and the end of the last
	tasks   []stepTask
	turned  []*turned // sources that are transposed at the beginning

	// The same for a single event.
	place    []int32 // of every slot in the state
	one      []oneStep
	oneStart []int32 // as start
	tape     *kern.Tape
	pure     []span // of the tape, by level; lo is −1 if that is not all there is to do

	results []stepResult
	slots   []stateSlot
	inSlot  int

	// Of the events under way.
	state   []float32
	mem     [][]float32 // its slots
	batch   int
	lanes   int // events and padding
	level   int // steps made
	tensors []tensor.Tensor
	out     [][]float32 // elements of the outputs
	watched *stepRecord // nil if nobody watches
}

// stepOp is an operation, cut in parts of which each belongs to a level.
type stepOp interface {
	run(p *stepPlan, lo, hi int) error // parts lo … hi−1
}

// stepTask is what an operation, by number, does at a level.
type stepTask struct {
	op     int32
	lo, hi int32
}

// stepResult is an output and the slot that it is copied from.
type stepResult struct {
	slot  int
	n     int
	spans spans
}

// CompileSteps implements [graph.Stepper]. A graph that cannot run in steps is
// an error that names the node.
func (e *Executor) CompileSteps(outputs []*graph.Node, input *graph.Node, positions []int) (graph.StepPlan, error) {
	p := &stepPlan{exec: e, outputs: outputs, input: input, elements: graph.ByPosition(positions)}
	byNode := newLowering(e).lower(graph.Reachable(append([]*graph.Node{input}, outputs...)...))
	b := newStepBuilder(p, byNode[input], positions)
	for _, n := range outputs {
		b.outputs = append(b.outputs, byNode[n])
	}
	if err := b.build(); err != nil {
		return nil, fmt.Errorf("compiling steps: %w", err)
	}
	return p, nil
}

// Reset implements [graph.StepPlan].
func (p *stepPlan) Reset(ctx context.Context, batch int, feeds graph.Feeds, store *tensor.Store) ([]tensor.Tensor, error) {
	if p.watched != nil {
		if err := p.watchedReset(ctx, batch, feeds, store); err != nil {
			return nil, err
		}
	} else if err := p.reset(ctx, batch, feeds, store); err != nil {
		return nil, err
	}
	return p.tensors, p.advance()
}

// reset prepares the state for new events.
func (p *stepPlan) reset(ctx context.Context, batch int, feeds graph.Feeds, store *tensor.Store) error {
	if err := p.readSources(ctx, batch, feeds, store); err != nil {
		return err
	}
	p.resize(batch)
	for i := range p.fills {
		p.fill(&p.fills[i])
	}
	for i, s := range p.slots {
		if s.zero {
			clear(p.mem[i])
		}
	}
	for _, t := range p.turned {
		t.turn(p)
	}
	if p.lanes == 1 {
		p.tape.Bind(p.state, p.src)
	}
	p.level = 0
	return nil
}

// Step implements [graph.StepPlan].
func (p *stepPlan) Step(ctx context.Context, values tensor.Tensor) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	x, ok := p.plain(values.Shape, values.Data)
	if !ok {
		if err := graph.CheckStep(p.input, p.elements, p.level, p.batch, values); err != nil {
			return err
		}
		x = elements(values)
	}
	in, known := p.mem[p.inSlot], p.elements[p.level]
	if p.lanes == 1 {
		for i, e := range known {
			in[e] = x[i]
		}
	} else {
		for i, e := range known {
			for r, to := 0, in[e*p.lanes:][:p.batch]; r < len(to); r++ {
				to[r] = x[r*len(known)+i]
			}
		}
	}
	p.level++
	return p.advance()
}

// plain returns the values if they are what most steps get, which takes less
// time to see than that they are none of all that they may not be. (The tensor
// comes in parts, since a copy of it has to wait until it lies in memory.)
func (p *stepPlan) plain(shape []int, data any) (x []float32, ok bool) {
	if x, ok = data.([]float32); !ok || p.level >= len(p.elements) {
		return nil, false
	}
	n := len(p.elements[p.level])
	return x, p.input.DType() == graph.F32 && len(shape) == 2 && shape[0] == p.batch && shape[1] == n && len(x) == p.batch*n
}

// Known implements [graph.StepPlan].
func (p *stepPlan) Known(output int) []int {
	r := &p.results[output]
	known := make([]int, r.n)
	for level := range len(p.elements) + 1 {
		for _, s := range r.spans.at(level) {
			for e := s.lo; e < s.hi; e++ {
				known[e] = level
			}
		}
	}
	return known
}

// advance computes the elements of the present level.
func (p *stepPlan) advance() error {
	switch {
	case p.watched != nil:
		return p.advanceWatched()
	case p.lanes == 1: // the outputs are the state
		return p.runOne()
	}
	for _, t := range p.tasks[p.start[p.level]:p.start[p.level+1]] {
		if err := p.ops[t.op].run(p, int(t.lo), int(t.hi)); err != nil {
			return err
		}
	}
	p.copyOut()
	return nil
}

// copyOut copies what is known since the present level to the outputs.
func (p *stepPlan) copyOut() {
	for i := range p.results {
		r := &p.results[i]
		from, to := p.mem[r.slot], p.out[i]
		for _, s := range r.spans.at(p.level) {
			for e := int(s.lo); e < int(s.hi); e++ {
				for lane, v := range from[e*p.lanes:][:p.batch] {
					to[lane*r.n+e] = v
				}
			}
		}
	}
}

var _ graph.Stepper = (*Executor)(nil)
