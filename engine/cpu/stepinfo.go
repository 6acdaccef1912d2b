package cpu

import (
	"fmt"
	"slices"
	"time"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
)

// record describes the finished step plan in both ways that it runs.
func (b *stepBuilder) record() *stepRecord {
	p := b.plan
	r := &stepRecord{}
	r.setClock()
	info := PlanInfo{Outputs: len(p.outputs), Advances: p.input.Attr().Name, Positions: len(p.elements)}
	for _, n := range graph.Reachable(append([]*graph.Node{p.input}, p.outputs...)...) {
		info.Nodes = append(info.Nodes, n.String())
	}
	for _, row := range b.rows {
		info.Values += len(row)
		info.Steps = append(info.Steps, b.stepInfo(row))
	}
	info.Memory = b.memory()
	for i, s := range p.slots {
		info.Buffers = append(info.Buffers, BufferInfo{Name: stateName(i), Bytes: s.amount()})
	}
	r.several.info = info
	for _, o := range b.ops {
		r.several.row = append(r.several.row, o.row)
	}
	r.one.info, r.one.row, r.one.tape = b.oneInfo(info), r.several.row, len(b.rows)
	for _, c := range []*stepCount{&r.several, &r.one} {
		c.steps, c.calls = make([]time.Duration, len(c.info.Steps)), make([]int, len(c.info.Steps))
	}
	return r
}

// oneInfo takes out of the rows what a single event's instructions do, which is
// a row of its own. A row of which nothing is left has no operations.
func (b *stepBuilder) oneInfo(info PlanInfo) PlanInfo {
	tape := StepInfo{Kind: "product"}
	steps := slices.Clone(info.Steps)
	for i := range steps {
		s := &steps[i]
		part := b.resolvedPart(i)
		if part == 0 {
			continue
		}
		if tape.Ops == nil {
			tape.Shape = s.Shape
		}
		tape.Ops = append(tape.Ops, s.Ops...)
		tape.Flops, tape.Bytes = tape.Flops.Plus(s.Flops.times(part)), tape.Bytes.Plus(s.Bytes.times(part))
		for _, name := range s.Reads {
			if !slices.Contains(tape.Reads, name) {
				tape.Reads = append(tape.Reads, name)
			}
		}
		tape.Writes = append(tape.Writes, s.Writes...)
		s.Flops, s.Bytes = s.Flops.times(1-part), s.Bytes.times(1-part)
		if part == 1 {
			*s = StepInfo{}
		}
	}
	info.Steps = append(steps, tape)
	info.Memory.Buffers.PerEvent -= b.outputBytes() // they are the state
	return info
}

// outputBytes is what the outputs of an event take.
func (b *stepBuilder) outputBytes() (total float64) {
	for _, n := range b.plan.outputs {
		total += 4 * float64(graph.RowSize(n.Shape()))
	}
	return total
}

func (a Amount) times(x float64) Amount { return Amount{a.Fixed * x, a.PerEvent * x} }

// resolvedPart is the part of a row that instructions compute, by elements.
func (b *stepBuilder) resolvedPart(row int) float64 {
	p, done, all := b.plan, 0, 0
	task := 0
	for l := range b.top + 1 {
		for ; task < int(p.start[l+1]); task++ {
			t := p.tasks[task]
			if b.ops[t.op].row != row {
				continue
			}
			n := int(t.hi - t.lo)
			if c, ok := p.ops[t.op].(*stepCluster); ok {
				n = 0
				for _, s := range c.spans[t.lo:t.hi] {
					n += int(s.hi - s.lo)
				}
			}
			all += n
			if r, ok := p.ops[t.op].(resolver); ok {
				if _, ok := r.resolve(p, int(t.lo), int(t.hi)); ok {
					done += n
				}
			}
		}
	}
	return float64(done) / float64(max(1, all))
}

// stepInfo describes a row, as if all of it were computed at once.
func (b *stepBuilder) stepInfo(row []*val) StepInfo {
	v := row[0]
	s := StepInfo{Shape: graph.ShapeString(v.shape), Scope: scopeOf(&group{vals: row}), Kind: kind(v.op)}
	seen := map[*val]bool{}
	for _, v := range row {
		s.count(v)
		for _, in := range v.in {
			in = b.origin(in)
			if slices.Contains(row, in) || seen[in] {
				continue
			}
			seen[in] = true
			s.Reads = append(s.Reads, b.name(in))
			s.Bytes = s.Bytes.Plus(in.size().amount(4))
			if v.op == graph.OpMatMul && in == b.origin(v.in[1]) { // closed weights are not read
				s.Bytes.Fixed -= 4 * (float64(in.size().n) - weights(v))
			}
		}
		if v.op == graph.OpGather { // nor the rows of the table that no code names
			s.Bytes = s.Bytes.Plus(v.size().amount(4)).Plus(Amount{Fixed: -4 * float64(v.in[0].size().n)})
		}
		if len(row) == 1 || !b.local(v, row) {
			s.Writes = append(s.Writes, stateName(b.slot[v]))
			s.Bytes = s.Bytes.Plus(v.size().amount(4))
		}
	}
	return s
}

// origin is the val that has the elements of an operand: a source that is
// broadcast counts as what it was.
func (b *stepBuilder) origin(in *val) *val {
	v := strip(in)
	if b.level[v] == nil && v.op == graph.OpBroadcast && v.data == nil {
		v = strip(v.in[0])
	}
	return v
}

func stateName(slot int) string { return fmt.Sprintf("state#%d", slot) }

// name of where the elements of an operand come from.
func (b *stepBuilder) name(v *val) string {
	switch {
	case v == b.input || v.op == graph.OpInput || v.op == graph.OpParam:
		return v.attr.Name
	case b.level[v] != nil:
		return stateName(b.slot[v])
	case len(v.data) == 1:
		return fmt.Sprintf("%g", v.data[0])
	case v.data != nil:
		return "const" + graph.ShapeString(v.shape)
	}
	return "source" + graph.ShapeString(v.shape)
}

// amount is the memory of a slot, without the lanes that fill up eights.
func (s *stateSlot) amount() Amount { return extent{s.n, !s.plain}.amount(4) }

// memory adds up what the plan needs: as buffers the state, the outputs of
// several events, transposed weights and the keys and values of attention.
func (b *stepBuilder) memory() MemoryInfo {
	p := b.plan
	fixed := p.fixed.record.info.Memory
	m := MemoryInfo{Buffers: fixed.Buffers, Scratch: fixed.Scratch, Panels: fixed.Panels, Inputs: b.input.size().amount(4)}
	for _, v := range reachable(p.sources) {
		switch size := v.size().amount(4); {
		case v.data != nil:
			m.Constants = m.Constants.Plus(size)
		case v.op == graph.OpInput:
			m.Inputs = m.Inputs.Plus(size)
		case v.op == graph.OpParam:
			m.Params = m.Params.Plus(size)
		}
	}
	for i := range p.slots {
		m.Buffers = m.Buffers.Plus(p.slots[i].amount())
	}
	m.Buffers.PerEvent += b.outputBytes()
	m.Buffers.Fixed += 4 * kern.TapePad
	for _, t := range p.turned {
		m.Buffers.Fixed += 4 * float64(t.product.k*t.product.n)
	}
	for _, op := range p.ops {
		if a, ok := op.(*stepAttention); ok {
			m.Buffers.PerEvent += 2 * 4 * float64(a.sequences*a.t*a.width())
		}
	}
	return m
}
