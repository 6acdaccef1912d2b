package feed

import (
	"context"
	"fmt"
	"slices"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// Runner runs a graph over all events of a batch.
type Runner struct {
	Exec    graph.Executor
	Store   *tensor.Store
	Outputs []*graph.Node
	// Feed sets the graph's inputs from a chunk of events.
	Feed func(feeds graph.Feeds, b *surprisal.Batch) error
	// Chunk is the greatest number of events in a run; zero means 256.
	Chunk int

	plan  graph.Plan
	feeds graph.Feeds
}

// Each runs the plan on chunks of b in order and hands out the outputs of
// events lo … hi−1, which are valid during the call.
func (r *Runner) Each(b *surprisal.Batch, use func(lo, hi int, out []tensor.Tensor) error) error {
	if err := r.compile(); err != nil {
		return err
	}
	chunk := r.Chunk
	if chunk == 0 {
		chunk = 256
	}
	for lo := 0; lo < b.Len(); lo += chunk {
		hi := min(lo+chunk, b.Len())
		if err := r.Feed(r.feeds, b.Slice(lo, hi)); err != nil {
			return err
		}
		out, err := r.plan.Run(context.Background(), r.feeds, r.Store)
		if err != nil {
			return fmt.Errorf("events %d to %d: %w", lo, hi-1, err)
		}
		if err := use(lo, hi, out); err != nil {
			return err
		}
	}
	return nil
}

// Run runs the plan once on the given inputs and hands out the outputs, which
// are valid during the call.
func (r *Runner) Run(feeds graph.Feeds, use func(out []tensor.Tensor) error) error {
	if err := r.compile(); err != nil {
		return err
	}
	out, err := r.plan.Run(context.Background(), feeds, r.Store)
	if err != nil {
		return err
	}
	return use(out)
}

func (r *Runner) compile() (err error) {
	if r.plan != nil {
		return nil
	}
	r.feeds = graph.Feeds{}
	r.plan, err = r.Exec.Compile(r.Outputs)
	return err
}

// Floats writes the values of the outputs, each of shape (B, …), into the
// destinations, event by event in order: dst[i] has room for all of output i.
func (r *Runner) Floats(b *surprisal.Batch, dst ...[]float64) error {
	if len(dst) != len(r.Outputs) {
		panic(fmt.Sprintf("feed: Floats: %d destinations for %d outputs", len(dst), len(r.Outputs)))
	}
	for i, o := range r.Outputs {
		if want := b.Len() * graph.RowSize(o.Shape()); len(dst[i]) != want {
			panic(fmt.Sprintf("feed: Floats: destination %d has length %d, want %d", i, len(dst[i]), want))
		}
	}
	return r.Each(b, func(lo, hi int, out []tensor.Tensor) error {
		for i, t := range out {
			size := graph.RowSize(r.Outputs[i].Shape())
			Widen(dst[i][lo*size:hi*size], t, 0)
		}
		return nil
	})
}

// Widen copies the values at, at+1, … of a float tensor into dst as float64.
func Widen(dst []float64, t tensor.Tensor, at int) {
	switch src := t.Data.(type) {
	case []float32:
		for i, v := range src[at : at+len(dst)] {
			dst[i] = float64(v)
		}
	default:
		copy(dst, t.F64()[at:at+len(dst)])
	}
}

// CheckSpace reports an error if the events of b are not of the given space, or
// not wholly observed.
func CheckSpace(b *surprisal.Batch, space *surprisal.Space) error {
	if b.Mask != nil {
		return fmt.Errorf("events have values that were not observed, and the model needs all: drop those events")
	}
	if b.Space == space || b.Space.Equal(space) {
		return nil
	}
	if got, want := b.Space.Dims(), space.Dims(); got != want {
		return fmt.Errorf("events have %d dims, the model was made for %d", got, want)
	}
	for i, f := range b.Space.Fields {
		if i >= len(space.Fields) || !slices.Equal(f.Shape, space.Fields[i].Shape) || f.Name != space.Fields[i].Name || f.Kind != space.Fields[i].Kind {
			return fmt.Errorf("events have field %s, which is not what the model was made for", f)
		}
	}
	return fmt.Errorf("events are of another space than the model was made for: compare the grids and labels of their columns")
}
