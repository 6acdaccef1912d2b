package cpu

import (
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
)

// A cluster runs elementwise operations of one size as a block program: for
// every block of elements it loads or points at the operands, runs the
// instructions one after the other, and leaves results that others need in
// their buffers. The temporaries of a block stay in the first cache.

// instr is one operation on a block, of operands that are refs and of scalars.
type instr struct {
	do         action
	unary      kern.UnaryOp
	binary     kern.BinaryOp
	dst        int
	a, b, c, d int
	row        int   // elements that a sum adds up
	scalars    []int // their slots
}

type action uint8

const (
	doUnary action = iota
	doBinary
	doScalarRight // a op scalar
	doScalarLeft  // scalar op a
	doSelect
	doNot
	doBool
	doInt
	doUint
	doLoad // dst = operand, which a names among the loads
	doFlush
	doGate
	doLerp
	doAdam            // of p, m, v and g, in place
	doSoftplusSigmoid // of a, into dst and b
	doSum             // of rows of a
)

// weight is the cost of an instruction in elements touched.
func (in *instr) weight() int {
	if in.do == doAdam {
		return 12
	}
	return 1
}

// load is an operand that the program reads from outside, as ref number
// position in the list.
type load struct {
	slot int
	m    indexMap
}

// given is the slot of a load that whoever runs the program hands over.
const given = -1

// out is a result that others need: an element for each of the block's, or for
// each row of them.
type out struct{ slot, row int }

// program is the code of a cluster. Refs count loads, then outs, then
// registers.
type program struct {
	plan  *plan
	loads []load
	outs  []out
	code  []instr
	regs  int
	block int // elements
}

var unaryOps = map[graph.Op]kern.UnaryOp{
	graph.OpNeg: kern.Neg, graph.OpAbs: kern.Abs, graph.OpSign: kern.Sign, graph.OpFloor: kern.Floor,
	graph.OpSqrt: kern.Sqrt, graph.OpRecip: kern.Recip, graph.OpExp: kern.Exp, graph.OpExpm1: kern.Expm1,
	graph.OpLog: kern.Log, graph.OpLog1p: kern.Log1p, graph.OpTanh: kern.Tanh, graph.OpSigmoid: kern.Sigmoid,
	graph.OpSoftplus: kern.Softplus, graph.OpErf: kern.Erf, graph.OpSin: kern.Sin, graph.OpCos: kern.Cos,
	graph.OpRelu: kern.Relu, graph.OpSquare: kern.Square,
}

var binaryOps = map[graph.Op]kern.BinaryOp{
	graph.OpAdd: kern.Add, graph.OpSub: kern.Sub, graph.OpMul: kern.Mul, graph.OpDiv: kern.Div,
	graph.OpMax: kern.Max, graph.OpMin: kern.Min, graph.OpLess: kern.Less, graph.OpLessEq: kern.LessEq,
	graph.OpEqual: kern.Equal, graph.OpNotEqual: kern.NotEqual, graph.OpAnd: kern.And, graph.OpOr: kern.Or,
}

const (
	maxBlock   = 1024
	minBlock   = 256
	firstCache = 24 << 10 / 4 // elements of it that registers may fill
)

func (a *assembly) newCluster(g *group) step {
	prog := a.compile(g)
	a.plan.reserve(prog.scratch())
	return &loop{plan: a.plan, items: g.vals[0].size(), cost: prog.cost(), align: prog.block, body: func(w *worker, lo, hi int) {
		prog.run(w, lo, hi, nil, w.need(prog.scratch()))
	}}
}

// cost of an element, in elements touched.
func (p *program) cost() int {
	c := len(p.loads)
	for i := range p.code {
		c += p.code[i].weight()
	}
	return c
}

// scratch is the number of floats that the registers take.
func (p *program) scratch() int { return p.regs * p.block }

// run computes elements lo … hi−1. over holds those that are handed over.
func (p *program) run(w *worker, lo, hi int, over, regs []float32) {
	refs := p.refs(w)
	for off := lo; off < hi; off += p.block {
		n := min(p.block, hi-off)
		p.aim(refs, regs, over, off, n)
		if over != nil {
			over = over[n:]
		}
		p.exec(p.plan.exec.kern, p.plan.mem, refs, off)
	}
}

func (p *program) refs(w *worker) [][]float32 {
	n := len(p.loads) + len(p.outs) + p.regs
	if cap(w.refs) < n {
		w.refs = make([][]float32, n)
	}
	return w.refs[:n]
}

// aim points the refs at the block of n elements from off on. over begins with
// those that are handed over.
func (p *program) aim(refs [][]float32, regs, over []float32, off, n int) {
	k, mem := p.plan.exec.kern, p.plan.mem
	at := len(p.loads) + len(p.outs)
	for i := range p.regs {
		refs[at+i] = regs[i*p.block:][:n]
	}
	for i, o := range p.outs {
		refs[len(p.loads)+i] = mem[o.slot][off/o.row : (off+n)/o.row]
	}
	reg := 0
	for i, l := range p.loads {
		switch {
		case l.slot == given:
			refs[i] = over[:n]
			continue
		case l.m == nil:
			refs[i] = mem[l.slot][off : off+n]
			continue
		}
		own := refs[at+reg] // the first registers belong to such loads
		reg++
		if refs[i] = l.m.window(mem[l.slot], off, n); refs[i] == nil {
			l.m.expand(k, own, mem[l.slot], off)
			refs[i] = own
		}
	}
}

func (p *program) exec(k *kern.Impl, mem, r [][]float32, off int) {
	for i := range p.code {
		c := &p.code[i]
		switch c.do {
		case doUnary:
			k.Unary(c.unary, r[c.dst], r[c.a])
		case doBinary:
			k.Binary(c.binary, r[c.dst], r[c.a], r[c.b])
		case doScalarRight:
			k.BinaryScalar(c.binary, r[c.dst], r[c.a], mem[c.scalars[0]][0], false)
		case doScalarLeft:
			k.BinaryScalar(c.binary, r[c.dst], r[c.a], mem[c.scalars[0]][0], true)
		case doSelect:
			k.Select(r[c.dst], r[c.a], r[c.b], r[c.c])
		case doNot:
			k.Not(r[c.dst], r[c.a])
		case doBool:
			k.BoolToFloat(r[c.dst], r[c.a])
		case doInt:
			k.Int32ToFloat(r[c.dst], ints(r[c.a]))
		case doUint:
			for j, u := range uints(r[c.a]) {
				r[c.dst][j] = float32(u)
			}
		case doLoad:
			copy(r[c.dst], r[c.a])
		case doFlush:
			k.Flush(r[c.dst], r[c.a], mem[c.scalars[0]][0])
		case doGate:
			k.Gate(r[c.dst], r[c.a], r[c.b])
		case doLerp:
			k.Lerp(r[c.dst], r[c.a], r[c.b], mem[c.scalars[0]][0])
		case doSoftplusSigmoid:
			k.SoftplusSigmoid(r[c.dst], r[c.b], r[c.a])
		case doSum:
			for i := range r[c.dst] {
				r[c.dst][i] = k.Sum(r[c.a][i*c.row:][:c.row])
			}
		case doAdam:
			k.Adam(r[c.a], r[c.b], r[c.c], r[c.d], adamStep(mem, c.scalars))
		}
	}
}
