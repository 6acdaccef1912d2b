package cpu

import "github.com/surprisal-go/surprisal/internal/kern"

// A single event has so little to do at a level that finding out what it is
// would take most of the time. So its tasks are resolved when they are planned:
// products and small clusters become instructions on elements of the state,
// whose places are known.

// oneStep is an instruction. dst, a and b are places in the state.
type oneStep struct {
	do        oneAction
	op        uint8 // kern.UnaryOp or kern.BinaryOp
	dst, a, b int32
	n, k      int32 // chains, operands
	source    int32 // of weights, that begin at place b of it
	stride    int32 // from one operand's weights to those of the next
}

type oneAction uint8

const (
	oneUnary  oneAction = iota // dst = op a
	oneBinary                  // dst = a op b
	oneEnd                     // dst … dst+n−1 get the +0 that ends chains
	onePush                    // dst … dst+n−1 continue by operand a
	onePushes                  // and by operands a … a+k−1
	oneTask                    // task a runs as for many events
)

// resolver is an operation that instructions can do some parts of.
type resolver interface {
	resolve(p *stepPlan, lo, hi int) (code []oneStep, ok bool)
}

// planOne resolves the tasks.
func (b *stepBuilder) planOne() {
	p, at := b.plan, int32(0)
	for _, s := range p.slots {
		p.place = append(p.place, at)
		at += int32(s.n)
	}
	p.oneStart = []int32{0}
	for l := range b.top + 1 {
		for i := p.start[l]; i < p.start[l+1]; i++ {
			p.one = append(p.one, p.resolve(i)...)
		}
		p.oneStart = append(p.oneStart, int32(len(p.one)))
	}
}

func (p *stepPlan) resolve(task int32) []oneStep {
	t := p.tasks[task]
	if r, ok := p.ops[t.op].(resolver); ok {
		if code, ok := r.resolve(p, int(t.lo), int(t.hi)); ok {
			return code
		}
	}
	return []oneStep{{do: oneTask, a: task}}
}

// resolve implements [resolver].
func (t *stepProduct) resolve(p *stepPlan, lo, hi int) (code []oneStep, ok bool) {
	for _, c := range t.pushes[lo:hi] {
		in := oneStep{do: onePushes, dst: p.place[t.dst] + c.dst, a: p.place[t.x] + c.x, b: c.w, n: c.n, k: c.k, source: int32(t.w), stride: int32(t.ldw)}
		switch c.k {
		case 0:
			in.do = oneEnd
		case 1:
			in.do = onePush
		}
		code = append(code, in)
	}
	return code, true
}

// resolve implements [resolver].
func (c *stepCluster) resolve(p *stepPlan, lo, hi int) (code []oneStep, ok bool) {
	const few = 8 // elements, for which a kernel's call takes longer
	for _, s := range c.spans[lo:hi] {
		if !c.cheap || s.hi-s.lo > few {
			return nil, false
		}
		for at := s.lo; at < s.hi; at++ {
			for i := range c.prog.code {
				code = append(code, c.resolveOne(p, &c.prog.code[i], at))
			}
		}
	}
	return code, true
}

// resolveOne is an instruction of the cluster on one element.
func (c *stepCluster) resolveOne(p *stepPlan, in *instr, at int32) oneStep {
	place := func(ref int) int32 {
		r := c.refs[ref]
		if r.local {
			return p.place[r.slot]
		}
		return p.place[r.slot] + at
	}
	out := oneStep{do: oneBinary, op: uint8(in.binary), dst: place(in.dst), a: place(in.a)}
	switch in.do {
	case doUnary:
		out.do, out.op = oneUnary, uint8(in.unary)
	case doBinary:
		out.b = place(in.b)
	case doScalarRight:
		out.b = p.place[in.scalars[0]]
	case doScalarLeft:
		out.a, out.b = p.place[in.scalars[0]], out.a
	}
	return out
}

// runOne computes the elements of the present level of a single event.
func (p *stepPlan) runOne() error {
	k, state := p.exec.kern, p.state
	code := p.one[p.oneStart[p.level]:p.oneStart[p.level+1]]
	for i := range code {
		c := &code[i]
		switch c.do {
		case oneUnary:
			state[c.dst] = kern.UnaryOp(c.op).Of(state[c.a])
		case oneBinary:
			state[c.dst] = kern.BinaryOp(c.op).Of(state[c.a], state[c.b])
		case oneEnd:
			for j := c.dst; j < c.dst+c.n; j++ {
				state[j] += 0 // makes +0 of −0
			}
		case onePush:
			if state[c.a] != 0 {
				k.Push(state[c.dst:c.dst+c.n], 1, p.src[c.source][c.b:], int(c.stride), state[c.a:c.a+1])
			}
		case onePushes:
			p.pushes(c)
		case oneTask:
			t := p.tasks[c.a]
			if err := p.ops[t.op].run(p, int(t.lo), int(t.hi)); err != nil {
				return err
			}
		}
	}
	return nil
}

// pushes continues chains by the operands that are not 0, of either sign: a
// chain that has ended is the same without the others.
func (p *stepPlan) pushes(c *oneStep) {
	if len(p.some) < int(c.k) {
		p.some, p.at = make([]float32, c.k), make([]int32, c.k)
	}
	n := 0
	for i, v := range p.state[c.a : c.a+c.k] {
		p.some[n], p.at[n] = v, int32(i)*c.stride
		if v != 0 {
			n++
		}
	}
	p.exec.kern.PushRows(p.state[c.dst:c.dst+c.n], p.src[c.source][c.b:], p.at[:n], p.some[:n])
}
