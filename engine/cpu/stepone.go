package cpu

import "github.com/surprisal-go/surprisal/internal/kern"

// A single event has so little to do at a level that finding out what it is
// would take most of the time. So its tasks are resolved when they are planned:
// products and small clusters become instructions on elements of the state,
// whose places are known, and most of those lie on a tape, of which a level
// runs as much as it has at a time.

// oneStep is an instruction. dst, a and b are places in the state.
type oneStep struct {
	do        oneAction
	op        uint8 // kern.UnaryOp or kern.BinaryOp
	dst, a, b int32
}

type oneAction uint8

const (
	oneUnary  oneAction = iota // dst = op a
	oneBinary                  // dst = a op b
	oneTape                    // instructions a … b−1 of the tape
	oneTask                    // task a runs as for many events
)

// resolved is an instruction before those for the tape lie on it.
type resolved struct {
	oneStep
	code kern.TapeCode // if do is oneTape
	once bool          // one instruction alone reads the result
}

// resolver is an operation that instructions can do some parts of.
type resolver interface {
	resolve(p *stepPlan, lo, hi int) (code []resolved, ok bool)
}

// planOne resolves the tasks.
func (b *stepBuilder) planOne() {
	p, at := b.plan, int32(0)
	for _, s := range p.slots {
		p.place = append(p.place, at)
		at += int32(s.n)
	}
	var tape []kern.TapeCode
	p.oneStart = []int32{0}
	for l := range b.top + 1 {
		var code []resolved
		for i := p.start[l]; i < p.start[l+1]; i++ {
			code = append(code, p.resolve(i)...)
		}
		for i, c := range joinUnits(code) {
			if c.do != oneTape {
				p.one = append(p.one, c.oneStep)
				continue
			}
			end := int32(len(tape))
			if n := len(p.one); i > 0 && n > int(p.oneStart[l]) && p.one[n-1].do == oneTape {
				p.one[n-1].b++
			} else {
				p.one = append(p.one, oneStep{do: oneTape, a: end, b: end + 1})
			}
			tape = append(tape, c.code)
		}
		p.oneStart = append(p.oneStart, int32(len(p.one)))
		pure := span{lo: -1}
		if code := p.one[p.oneStart[l]:]; len(code) == 1 && code[0].do == oneTape {
			pure = span{code[0].a, code[0].b}
		}
		p.pure = append(p.pure, pure)
	}
	sizes := make([]int, len(p.src))
	for i, v := range p.sources {
		sizes[i] = v.size().at(1)
	}
	for i, t := range p.turned {
		sizes[len(p.sources)+i] = t.product.k * t.product.n
	}
	p.tape = kern.NewTape(tape, int(at), sizes)
}

func (p *stepPlan) resolve(task int32) []resolved {
	t := p.tasks[task]
	if r, ok := p.ops[t.op].(resolver); ok {
		if code, ok := r.resolve(p, int(t.lo), int(t.hi)); ok {
			return code
		}
	}
	return []resolved{{oneStep: oneStep{do: oneTask, a: task}}}
}

// resolve implements [resolver].
func (t *stepProduct) resolve(p *stepPlan, lo, hi int) (code []resolved, ok bool) {
	const short = 64 // chains that are continued in less time than it takes to guess wrong whether an operand is 0
	for _, c := range t.pushes[lo:hi] {
		in := kern.TapeCode{Do: kern.TapePushes, Dst: p.place[t.dst] + c.dst, N: c.n, A: p.place[t.x] + c.x, K: c.k, B: c.w, W: int32(t.w), Stride: int32(t.ldw)}
		switch {
		case c.k == 0:
			in = kern.TapeCode{Do: kern.TapeEnd, Dst: in.Dst, N: in.N}
		case c.k == 1 && c.n <= short:
			in.Do = kern.TapePush
		}
		code = append(code, resolved{oneStep{do: oneTape}, in, t.once})
	}
	return code, true
}

// resolve implements [resolver].
func (c *stepCluster) resolve(p *stepPlan, lo, hi int) (code []resolved, ok bool) {
	const few = 8 // elements, for which a kernel's call takes longer
	for _, s := range c.spans[lo:hi] {
		if s.hi-s.lo > few {
			long, ok := c.resolveLong(p, s)
			if !ok {
				return nil, false
			}
			code = append(code, long...)
			continue
		}
		if !c.cheap {
			return nil, false
		}
		for at := s.lo; at < s.hi; at++ {
			for i := range c.prog.code {
				one := resolved{oneStep: c.resolveOne(p, &c.prog.code[i], at), once: c.once[i]}
				code = append(code, one.onTape())
			}
		}
	}
	return code, true
}

// resolveLong makes instructions on all elements of a span, if the tape has all
// of the operations.
func (c *stepCluster) resolveLong(p *stepPlan, s span) (code []resolved, ok bool) {
	for i := range c.prog.code {
		in := &c.prog.code[i]
		one := resolved{oneStep: c.resolveOne(p, in, s.lo)}.onTape()
		if one.do != oneTape || in.do != doUnary && in.do != doBinary {
			return nil, false
		}
		one.code.N = s.hi - s.lo
		code = append(code, one)
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

// onTape turns into one for the tape what a tape can do.
func (r resolved) onTape() resolved {
	c := kern.TapeCode{Dst: r.dst, N: 1, A: r.a, B: r.b}
	switch {
	case r.do == oneUnary && kern.UnaryOp(r.op) == kern.Relu:
		c.Do = kern.TapeRelu
	case r.do == oneBinary && kern.BinaryOp(r.op) == kern.Add:
		c.Do = kern.TapeAdd
	default:
		return r
	}
	return resolved{oneStep{do: oneTape}, c, r.once}
}

// runOne computes the elements of the present level of a single event.
func (p *stepPlan) runOne() error {
	if s := p.pure[p.level]; s.lo >= 0 { // most often
		p.exec.kern.RunTape(p.tape, int(s.lo), int(s.hi))
		return nil
	}
	code := p.one[p.oneStart[p.level]:p.oneStart[p.level+1]]
	for i := range code {
		if err := p.do(&code[i]); err != nil {
			return err
		}
	}
	return nil
}

func (p *stepPlan) do(c *oneStep) error {
	switch state := p.state; c.do {
	case oneTape:
		p.exec.kern.RunTape(p.tape, int(c.a), int(c.b))
	case oneUnary:
		state[c.dst] = kern.UnaryOp(c.op).Of(state[c.a])
	case oneBinary:
		state[c.dst] = kern.BinaryOp(c.op).Of(state[c.a], state[c.b])
	case oneTask:
		t := p.tasks[c.a]
		return p.ops[t.op].run(p, int(t.lo), int(t.hi))
	}
	return nil
}
