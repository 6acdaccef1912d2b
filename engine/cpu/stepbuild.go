package cpu

import (
	"slices"

	"github.com/surprisal-go/surprisal/graph"
)

// stepBuilder makes a step plan from vals. Vals that show others in another
// shape are looked through everywhere. Vals that depend on the input have a
// level for each element and a slot; all others are sources.
type stepBuilder struct {
	plan    *stepPlan
	input   *val
	outputs []*val
	top     int // the greatest level

	level    map[*val][]int32
	slot     map[*val]int // where the state has a val
	scalar   map[*val]int // where it has the one element of a val
	sourceAt map[*val]int
	users    map[*val][]*val
	ops      []leveled
	rows     [][]*val // what operations of the plan compute: several of one row the same
}

// leveled is an operation that does parts start[l] … start[l+1]−1 at level l.
type leveled struct {
	op    stepOp
	start []int32
	row   int
}

func newStepBuilder(p *stepPlan, input *val, positions []int) *stepBuilder {
	b := &stepBuilder{plan: p, input: input, level: map[*val][]int32{}, slot: map[*val]int{}, scalar: map[*val]int{}, sourceAt: map[*val]int{}, users: map[*val][]*val{}}
	known := make([]int32, len(positions))
	for i, at := range positions {
		known[i] = int32(at) + 1
		b.top = max(b.top, at+1)
	}
	b.level[input] = known
	p.inSlot = b.newSlot(len(known))
	b.slot[input] = p.inSlot
	return b
}

func (b *stepBuilder) build() error {
	todo, err := b.findLevels()
	if err != nil {
		return err
	}
	b.schedule(todo)
	for _, v := range b.outputs {
		level := b.level[strip(v)]
		if level == nil {
			level = make([]int32, v.size().n)
		}
		b.plan.results = append(b.plan.results, stepResult{b.operand(v), v.size().n, spansOf(level, b.top)})
	}
	b.planTasks()
	b.planSources()
	b.planOne()
	if p := b.plan; p.exec.opts.Watch != nil {
		p.watched = b.record()
		p.exec.opts.Watch.add(p)
	}
	return nil
}

// findLevels returns the vals that depend on the input, in topological order.
func (b *stepBuilder) findLevels() (todo []*val, err error) {
	for _, v := range reachable(b.outputs) {
		if v == b.input || v.leaf() || v.op == graph.OpReshape {
			continue
		}
		depends := false
		for _, in := range v.in {
			depends = depends || b.level[strip(in)] != nil
		}
		if !depends {
			continue
		}
		if b.level[v], err = b.levels(v); err != nil {
			return nil, err
		}
		for _, in := range v.in {
			b.users[strip(in)] = append(b.users[strip(in)], v)
		}
		todo = append(todo, v)
	}
	return todo, nil
}

// schedule orders the operations such that elementwise ones whose elements have
// the same levels run together.
func (b *stepBuilder) schedule(todo []*val) {
	ready := func(v *val) bool {
		return !slices.ContainsFunc(v.in, func(in *val) bool {
			_, done := b.slot[strip(in)]
			return b.level[strip(in)] != nil && !done
		})
	}
	for len(todo) > 0 {
		todo = slices.DeleteFunc(todo, func(v *val) bool {
			if v.op.Elementwise() || !ready(v) {
				return false
			}
			b.emit(v)
			return true
		})
		var group []*val
		todo = slices.DeleteFunc(todo, func(v *val) bool {
			if !v.op.Elementwise() || !ready(v) || group != nil && !slices.Equal(b.level[group[0]], b.level[v]) {
				return false
			}
			b.slot[v] = b.newSlot(v.size().n)
			group = append(group, v)
			return true
		})
		if group != nil {
			b.cluster(group)
		}
	}
}

func (b *stepBuilder) emit(v *val) {
	b.rows = append(b.rows, []*val{v})
	switch v.op {
	case graph.OpMatMul:
		b.product(v)
	case graph.OpConv:
		b.conv(v)
	case graph.OpSum, graph.OpReduceMax:
		b.reduce(v)
	case graph.OpLogSumExp, graph.OpSoftmax:
		b.softmax(v)
	case graph.OpOneHot, graph.OpGather:
		b.codes(v)
	case graph.OpLayerNorm:
		b.norm(v)
	case graph.OpAttention:
		b.attention(v)
	default:
		b.move(v)
	}
}

func (b *stepBuilder) newSlot(n int) int {
	b.plan.slots = append(b.plan.slots, stateSlot{n: n})
	return len(b.plan.slots) - 1
}

// add puts an operation after the others.
func (b *stepBuilder) add(op stepOp, start []int32) {
	b.ops = append(b.ops, leveled{op, start, len(b.rows) - 1})
}

// planTasks lists what there is to do at every level.
func (b *stepBuilder) planTasks() {
	p := b.plan
	for _, o := range b.ops {
		p.ops = append(p.ops, o.op)
	}
	for l := range b.top + 1 {
		p.start = append(p.start, int32(len(p.tasks)))
		for i, o := range b.ops {
			if lo, hi := o.start[l], o.start[l+1]; lo < hi {
				p.tasks = append(p.tasks, stepTask{int32(i), lo, hi})
			}
		}
	}
	p.start = append(p.start, int32(len(p.tasks)))
}

// source returns the number of a source of the steps.
func (b *stepBuilder) source(v *val) int {
	v = strip(v)
	at, ok := b.sourceAt[v]
	if !ok {
		at = len(b.plan.sources)
		b.sourceAt[v] = at
		b.plan.sources = append(b.plan.sources, v)
	}
	return at
}

// operand returns the slot of a val that has a batch axis. A source is filled
// in when the plan is reset, for all steps to read.
func (b *stepBuilder) operand(in *val) int {
	v := strip(in)
	if at, ok := b.slot[v]; ok {
		return at
	}
	from, shape := v, v.shape
	if v.op == graph.OpBroadcast {
		from, shape = v.in[0], v.in[0].shape
	}
	f := fill{slot: b.newSlot(v.size().n), source: b.source(from), index: broadcastIndex(shape, v.shape)}
	if graph.Batched(shape) {
		f.row = graph.RowSize(shape)
	}
	b.plan.fills = append(b.plan.fills, f)
	b.slot[v] = f.slot
	return f.slot
}

// scalarOperand returns the slot of the one element that a broadcast repeats,
// if it is a source and the same for all events.
func (b *stepBuilder) scalarOperand(in *val) (slot int, ok bool) {
	v := strip(in)
	if v.op != graph.OpBroadcast || v.data != nil || b.level[v] != nil || v.in[0].size() != (extent{n: 1}) {
		return 0, false
	}
	from := strip(v.in[0])
	if slot, ok = b.scalar[from]; !ok {
		slot = b.newSlot(1)
		b.plan.slots[slot].plain = true
		b.plan.fills = append(b.plan.fills, fill{slot: slot, source: b.source(from)})
		b.scalar[from] = slot
	}
	return slot, true
}

// planSources makes the plan that computes the sources.
func (b *stepBuilder) planSources() {
	p := b.plan
	p.fixed = &plan{exec: p.exec}
	a := assembly{plan: p.fixed, passes: p.exec.opts.passes()}
	for _, v := range p.sources {
		if !direct(v) {
			a.outputs = append(a.outputs, v)
		}
	}
	a.assemble()
	if p.exec.opts.Watch != nil {
		p.fixed.record = a.record(nil, nil)
	}
	for _, v := range reachable(p.sources) {
		if v.op == graph.OpInput || v.op == graph.OpParam {
			p.leaves = append(p.leaves, v.node)
			p.batched = p.batched || v.size().batched
		}
	}
	for i, t := range p.turned {
		t.product.w = len(p.sources) + i
	}
	p.src = make([][]float32, len(p.sources)+len(p.turned))
}
