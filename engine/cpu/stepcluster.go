package cpu

import "slices"

// stepCluster runs elementwise operations on elements of the same levels.
type stepCluster struct {
	prog  program
	spans []span
	refs  []clusterRef
	views [][]float32 // the refs, aimed at a range
	cheap bool        // all operations are faster by hand on a single element
	once  []bool      // by instruction: one other alone reads the result
}

// clusterRef is a slot that a cluster works on. What no one else reads needs
// room for one range only.
type clusterRef struct {
	slot  int
	local bool
}

func (b *stepBuilder) cluster(group []*val) {
	b.rows = append(b.rows, group)
	s := spansOf(b.level[group[0]], b.top)
	c := &stepCluster{cheap: true, spans: s.list}
	widest := 0
	for _, s := range c.spans {
		widest = max(widest, int(s.hi-s.lo))
	}
	refOf := map[int]int{}
	ref := func(slot int) int {
		at, ok := refOf[slot]
		if !ok {
			at = len(c.refs)
			refOf[slot] = at
			c.refs = append(c.refs, clusterRef{slot: slot})
		}
		return at
	}
	for _, v := range group {
		in := instr{do: actionOf(v), unary: unaryOps[v.op], binary: binaryOps[v.op]}
		in.dst = ref(b.slot[v])
		if b.local(v, group) {
			b.plan.slots[b.slot[v]].n = widest
			c.refs[in.dst].local = true
		}
		b.operands(&in, v, ref)
		c.cheap = c.cheap && (len(v.in) == 2 || len(v.in) == 1 && in.do == doUnary && in.unary.Cheap())
		c.prog.code, c.once = append(c.prog.code, in), append(c.once, b.once(v))
	}
	c.views = make([][]float32, len(c.refs))
	b.add(c, s.start)
}

// operands sets the operands of an instruction.
func (b *stepBuilder) operands(in *instr, v *val, ref func(slot int) int) {
	if len(v.in) == 2 {
		in.do = doBinary
		for i, do := range []action{1: doScalarRight, 0: doScalarLeft} {
			if slot, ok := b.scalarOperand(v.in[i]); ok {
				in.do, in.scalars, in.a = do, []int{slot}, ref(b.operand(v.in[1-i]))
				return
			}
		}
	}
	for i, at := range []*int{&in.a, &in.b, &in.c} {
		if i < len(v.in) {
			*at = ref(b.operand(v.in[i]))
		}
	}
}

// local reports whether only the group reads v.
func (b *stepBuilder) local(v *val, group []*val) bool {
	return !b.isOutput(v) && !slices.ContainsFunc(b.users[v], func(u *val) bool { return !slices.Contains(group, u) })
}

func (b *stepBuilder) isOutput(v *val) bool {
	return slices.ContainsFunc(b.outputs, func(o *val) bool { return strip(o) == v })
}

func (c *stepCluster) run(p *stepPlan, first, end int) error {
	for _, s := range c.spans[first:end] {
		lo, hi := int(s.lo)*p.lanes, int(s.hi)*p.lanes
		for i := range c.refs {
			if r := &c.refs[i]; r.local {
				c.views[i] = p.mem[r.slot][:hi-lo]
			} else {
				c.views[i] = p.mem[r.slot][lo:hi]
			}
		}
		c.prog.exec(p.exec.kern, p.mem, c.views, lo)
	}
	return nil
}
