package cpu

import (
	"context"
	"fmt"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
	"github.com/surprisal-go/surprisal/tensor"
)

// stateSlot is a place in the state.
type stateSlot struct {
	n     int  // elements
	zero  bool // it begins with zeros
	plain bool // one copy for all events
}

// size is its number of floats.
func (s *stateSlot) size(lanes int) int {
	if s.plain {
		return s.n
	}
	return s.n * lanes
}

// fill copies a source into the state at the beginning: element i of the slot
// is element index[i] of the source, or of the event's row of it.
type fill struct {
	slot, source int
	row          int // elements of a row, 0 if all events share the source
	index        []int32
}

// readSources computes what the steps read and no step changes.
func (p *stepPlan) readSources(ctx context.Context, batch int, feeds graph.Feeds, store *tensor.Store) error {
	got, err := graph.Bind(p.leaves, feeds, store)
	if err != nil {
		return err
	}
	if p.batched && got != batch {
		return fmt.Errorf("steps of %d events are fed inputs of %d", batch, got)
	}
	p.exec.turn.Lock()
	defer p.exec.turn.Unlock()
	p.fixed.bind(feeds, store)
	if err := p.fixed.run(ctx, batch); err != nil {
		return err
	}
	computed := p.fixed.results
	for i, v := range p.sources {
		switch {
		case v.data != nil:
			p.src[i] = v.data
		case v.op == graph.OpInput:
			p.src[i] = elements(feeds[v.attr.Name])
		case v.op == graph.OpParam:
			t, _ := store.Get(v.attr.Name)
			p.src[i] = elements(t)
		default:
			p.src[i] = p.fixed.mem[computed[0]][:v.size().at(batch)]
			computed = computed[1:]
		}
	}
	return nil
}

// direct reports whether a source is read where it lies.
func direct(v *val) bool {
	return v.data != nil || v.op == graph.OpInput || v.op == graph.OpParam
}

// laneCount is the number of events that the state has room for: with the
// padding that the kernels want.
func laneCount(batch int) int {
	if batch == 1 {
		return 1
	}
	return max(8, ceil(batch, 8)*8)
}

// resize fits the state to a batch.
func (p *stepPlan) resize(batch int) {
	if p.mem != nil && batch == p.batch {
		return
	}
	p.batch, p.lanes = batch, laneCount(batch)
	if p.mem == nil {
		p.mem = make([][]float32, len(p.slots))
	}
	total := kern.TapePad
	for _, s := range p.slots {
		total += s.size(p.lanes)
	}
	if len(p.state) < total {
		p.state = make([]float32, total)
	} else {
		clear(p.state) // lanes change places, so that none may keep what it had
	}
	at := 0
	for i, s := range p.slots {
		end := at + s.size(p.lanes)
		p.mem[i] = p.state[at:end]
		at = end
	}
	p.tensors, p.out = make([]tensor.Tensor, len(p.outputs)), make([][]float32, len(p.outputs))
	for i, n := range p.outputs {
		x := p.mem[p.results[i].slot]
		if p.lanes > 1 {
			x = make([]float32, batch*graph.RowSize(n.Shape()))
		}
		p.out[i] = x
		p.tensors[i].Shape = graph.Concrete(n.Shape(), batch)
		switch n.DType() {
		case graph.F32:
			p.tensors[i].Data = x
		case graph.I32:
			p.tensors[i].Data = ints(x)
		case graph.U32:
			p.tensors[i].Data = uints(x)
		}
	}
}

func (p *stepPlan) fill(f *fill) {
	to, from := p.mem[f.slot], p.src[f.source]
	switch {
	case p.slots[f.slot].plain:
		copy(to, from)
	case f.row == 0 && p.lanes == 1:
		for i, at := range f.index {
			to[i] = from[at]
		}
	case f.row == 0:
		for i, at := range f.index {
			p.exec.kern.Fill(to[i*p.lanes:(i+1)*p.lanes], from[at])
		}
	default:
		for i, at := range f.index {
			for r := range p.batch {
				to[i*p.lanes+r] = from[r*f.row+int(at)]
			}
		}
	}
}
