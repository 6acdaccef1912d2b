package cpu

import (
	"fmt"
	"slices"
	"time"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
)

// record describes the finished plan. Nodes are those of the graph that it
// needs.
func (a *assembly) record(nodes []*graph.Node, updates []graph.Update) *record {
	info := PlanInfo{Outputs: len(a.outputs)}
	for _, u := range updates {
		info.Updates = append(info.Updates, u.Param.Attr().Name)
	}
	for _, n := range nodes {
		info.Nodes = append(info.Nodes, n.String())
	}
	for _, v := range a.vals {
		if !v.leaf() && !a.transparent(v) {
			info.Values++
		}
	}
	for _, g := range a.order {
		info.Steps = append(info.Steps, a.stepInfo(g))
	}
	info.Buffers = a.buffers()
	info.Memory = a.memory(info.Buffers)
	return &record{info: info, steps: make([]time.Duration, len(a.order))}
}

func (a *assembly) stepInfo(g *group) StepInfo {
	s := StepInfo{Shape: graph.ShapeString(g.vals[0].shape), Scope: scopeOf(g), Kind: kind(g.vals[0].op), Instructions: g.instrs, Bytes: a.bytes(g)}
	for _, v := range g.vals {
		s.count(v)
		if a.lastUse[v.id] != unused {
			s.Writes = append(s.Writes, a.name(v))
		}
	}
	reads := a.outside(g)
	for _, o := range reads {
		s.Reads = append(s.Reads, a.name(o.src))
	}
	if s.Scope == "" {
		s.Scope = a.updated(g)
	}
	for _, w := range s.Writes {
		if slices.Contains(s.Reads, w) {
			s.InPlace = append(s.InPlace, w)
		}
	}
	return s
}

// count adds an operation.
func (s *StepInfo) count(v *val) {
	s.Ops = append(s.Ops, opName(v))
	s.Flops = s.Flops.Plus(flops(v))
	switch {
	case v.attr.Mask != nil:
		s.Open = open(v.attr.Mask)
	case isConv(v.op) && v.attr.Conv.Taps != nil:
		s.Open = openTaps(v)
	}
}

// opName tells a product by the transposed weights, as gradients take it.
func opName(v *val) string {
	if v.attr.Trans {
		return v.op.String() + "T"
	}
	return v.op.String()
}

// scopeOf is the scope that most vals of a group have, the first of such.
func scopeOf(g *group) string {
	count := map[string]int{}
	best := ""
	for _, v := range g.vals {
		if v.node == nil || v.node.ScopeName() == "" {
			continue
		}
		s := v.node.ScopeName()
		if count[s]++; count[s] > count[best] {
			best = s
		}
	}
	return best
}

// updated is the scope of an optimiser's step: the parameter that it writes,
// which has the shortest name, as moments are named after it.
func (a *assembly) updated(g *group) string {
	best := ""
	for _, v := range g.vals {
		if a.lastUse[v.id] != inStore {
			continue
		}
		if name := a.name(v); best == "" || len(name) < len(best) {
			best = name
		}
	}
	if best == "" {
		return ""
	}
	return "update/" + best
}

// name of where the elements of a val lie.
func (a *assembly) name(v *val) string {
	s := a.plan.slots[v.slot]
	switch {
	case s.leaf == nil:
		return bufferName(v.slot)
	case len(s.leaf.data) == 1:
		return fmt.Sprintf("%g", s.leaf.data[0])
	case s.leaf.data != nil:
		return "const" + graph.ShapeString(s.leaf.shape)
	case s.leaf.op == graph.OpBatchSize:
		return "B"
	}
	return s.leaf.attr.Name
}

func bufferName(slot int) string { return fmt.Sprintf("#%d", slot) }

// buffers lists the buffers with the times of what lies in them.
func (a *assembly) buffers() []BufferInfo {
	lives := map[int][]Lifetime{}
	end := len(a.order)
	for _, g := range a.order {
		for _, v := range g.vals {
			switch last := a.lastUse[v.id]; last {
			case unused, inStore:
			case kept:
				lives[v.slot] = append(lives[v.slot], Lifetime{g.at, end})
			default:
				lives[v.slot] = append(lives[v.slot], Lifetime{g.at, last})
			}
		}
	}
	for _, m := range a.plan.firsts {
		lives[m.to] = append(lives[m.to], Lifetime{0, end})
	}
	var out []BufferInfo
	for i, s := range a.plan.slots {
		if s.leaf == nil {
			out = append(out, BufferInfo{bufferName(i), s.size.amount(4), lives[i]})
		}
	}
	return out
}

// memory adds up what the plan needs.
func (a *assembly) memory(buffers []BufferInfo) MemoryInfo {
	var m MemoryInfo
	for _, b := range buffers {
		m.Buffers = m.Buffers.Plus(b.Bytes)
	}
	needed := map[*val]bool{}
	for _, v := range reachable(slices.Clone(a.outputs)) {
		needed[v] = true
	}
	for _, s := range a.plan.slots {
		if s.leaf == nil {
			continue
		}
		size := s.size.amount(4)
		switch {
		case s.leaf.data != nil:
			m.Constants = m.Constants.Plus(size)
		case s.leaf.op == graph.OpInput:
			m.Inputs = m.Inputs.Plus(size)
		case s.leaf.op == graph.OpParam && needed[s.leaf]:
			m.Params = m.Params.Plus(size)
		case s.leaf.op == graph.OpParam:
			m.Optimizer = m.Optimizer.Plus(size)
		}
	}
	each := 4 * a.plan.scratch
	if a.plan.products {
		var s kern.Scratch
		a.plan.exec.kern.Reserve(&s)
		each += s.Bytes()
	}
	m.Scratch.Fixed = float64(each * len(a.plan.exec.pool.workers))
	m.Panels = Amount{4 * a.plan.panels.Fixed, 4 * a.plan.panels.PerEvent}
	return m
}
