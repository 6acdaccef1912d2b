package graph

import (
	"context"
	"fmt"

	"github.com/surprisal-go/surprisal/tensor"
)

// Executor compiles graphs. engine/cpu is the one to use; engine/ref is its
// float64 oracle.
type Executor interface {
	// Name of the executor, as in "cpu".
	Name() string
	// Compile returns a plan that computes the outputs and then writes the
	// updates into the store. All nodes belong to one graph.
	Compile(outputs []*Node, updates ...Update) (Plan, error)
}

// Update says that a run sets parameter Param to Value. All values of a run are
// computed from the parameters as they were before it.
type Update struct {
	Param *Node
	Value *Node
}

// Feeds are the inputs of a run by name. Their shapes fix the number of events.
type Feeds map[string]tensor.Tensor

// Plan is a compiled graph. It is used by one goroutine at a time.
type Plan interface {
	// Run computes the outputs from the feeds and from the store's parameters
	// and writes the updates in place into the store's tensors. The outputs
	// are valid until the next Run, which may be fed with them. Feeds must not
	// share memory with parameters that are updated, nor these with each
	// other. A missing feed or parameter, or one of the
	// wrong type or shape, is an error and changes nothing.
	Run(ctx context.Context, feeds Feeds, store *tensor.Store) ([]tensor.Tensor, error)
}

// NaNError says which node first held a NaN.
type NaNError struct {
	Node *Node
	Row  int // the event, or −1 if the node has no batch axis
}

func (e *NaNError) Error() string {
	where := e.Node.ScopeName()
	if where == "" {
		where = "the graph"
	}
	s := fmt.Sprintf("NaN appears in %s: %s of shape %s", where, e.Node.Op(), ShapeString(e.Node.Shape()))
	if e.Row >= 0 {
		s += fmt.Sprintf(", event %d of the batch", e.Row)
	}
	return s
}

// Bind checks feeds and parameters against the graph's leaves that the given
// nodes need, and returns the number of events (1 if no input is batched).
// Executors call it first.
func Bind(needed []*Node, feeds Feeds, store *tensor.Store) (batch int, err error) {
	batch = -1
	if len(needed) > 0 {
		batch = fedBatch(needed[0].graph, feeds)
	}
	for _, n := range needed {
		var t tensor.Tensor
		var ok bool
		switch n.op {
		case OpInput:
			if t, ok = feeds[n.attr.Name]; !ok {
				return 0, fmt.Errorf("input %q is not fed: want %s%s", n.attr.Name, n.dtype, ShapeString(n.shape))
			}
		case OpParam:
			if t, ok = store.Get(n.attr.Name); !ok {
				return 0, fmt.Errorf("store has no parameter %q: want %s", n.attr.Name, ShapeString(n.shape))
			}
		default:
			continue
		}
		if len(t.Shape) != len(n.shape) {
			return 0, fmt.Errorf("%s %q has shape %v, want %s", n.op, n.attr.Name, t.Shape, ShapeString(n.shape))
		}
		for i, d := range n.shape {
			if d == Batch {
				d = batch
			}
			if t.Shape[i] != d {
				return 0, fmt.Errorf("%s %q has shape %v, want %s for a batch of %d", n.op, n.attr.Name, t.Shape, ShapeString(n.shape), batch)
			}
		}
		if !holds(n.dtype, t.Data) || t.Size() != dataLen(t.Data) {
			return 0, fmt.Errorf("%s %q holds %d values of %T, want %d of %s", n.op, n.attr.Name, dataLen(t.Data), t.Data, t.Size(), n.dtype)
		}
	}
	if batch < 0 {
		batch = 1
	}
	return batch, nil
}

// fedBatch is the length of axis 0 of the first batched input that is fed,
// needed or not: a gradient of zeros needs no input but has a batch axis.
func fedBatch(g *Graph, feeds Feeds) int {
	for _, n := range g.nodes {
		if n.op != OpInput || !Batched(n.shape) {
			continue
		}
		if t, ok := feeds[n.attr.Name]; ok && len(t.Shape) > 0 {
			return t.Shape[0]
		}
	}
	return -1
}

func holds(d DType, data any) bool {
	switch data.(type) {
	case []float32:
		return d == F32
	case []int32:
		return d == I32
	case []uint32:
		return d == U32
	}
	return false
}

func dataLen(data any) int {
	switch v := data.(type) {
	case []float32:
		return len(v)
	case []int32:
		return len(v)
	case []uint32:
		return len(v)
	}
	return -1
}

// Reachable returns the nodes that the given nodes depend on, themselves
// included, in topological order.
func Reachable(nodes ...*Node) []*Node {
	if len(nodes) == 0 {
		return nil
	}
	g := nodes[0].graph
	mark := make([]bool, len(g.nodes))
	for _, n := range nodes {
		if n.graph != g {
			panic("graph: Reachable: nodes of different graphs")
		}
		mark[n.id] = true
	}
	var out []*Node
	for id := len(g.nodes) - 1; id >= 0; id-- {
		if !mark[id] {
			continue
		}
		for _, in := range g.nodes[id].in {
			mark[in.id] = true
		}
	}
	for id, n := range g.nodes {
		if mark[id] {
			out = append(out, n)
		}
	}
	return out
}
