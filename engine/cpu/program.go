package cpu

import (
	"slices"

	"github.com/surprisal-go/surprisal/graph"
)

// compiler turns a cluster into a program: into pieces, of which each becomes
// one instruction, and then into loads, registers and code.
type compiler struct {
	*assembly
	prog  *program
	group *group
	reads map[*val][]*val // members that read a member
	loads map[*val]int    // load of an operand, by the val that the graph names
	ref   map[*val]int    // of members computed so far, and of outs
	last  map[*val]int    // last piece that reads a member
	free  []int           // registers
}

// piece is what one instruction does: a val, or several that a peephole joined.
type piece struct {
	code    instr // without refs
	args    []arg
	results []*val // with dst first
}

// arg is an operand by element. Its key names what is loaded where it comes
// from outside: the source itself, or a broadcast of it.
type arg struct {
	operand
	key *val
}

// compile makes the program of a cluster, or of one that a product is joined to
// and hands its result over.
func (a *assembly) compile(g *group) *program {
	c := &compiler{assembly: a, prog: &program{plan: a.plan}, group: g, reads: map[*val][]*val{}, loads: map[*val]int{}, ref: map[*val]int{}, last: map[*val]int{}}
	members := g.vals
	if a.joined(g) {
		c.ref[g.vals[0]] = 0
		c.prog.loads = []load{{slot: given}}
		members = g.vals[1:]
	}
	for _, v := range g.vals {
		for _, o := range a.operands(v) {
			c.reads[o.src] = append(c.reads[o.src], v)
		}
	}
	pieces := c.pieces(members)
	c.findLoads(pieces)
	for _, v := range g.vals {
		if a.lastUse[v.id] != unused {
			c.ref[v] = len(c.prog.loads) + len(c.prog.outs)
			c.prog.outs = append(c.prog.outs, out{v.slot, c.rowOf(v)})
		}
	}
	for i := range pieces {
		c.emit(&pieces[i], i)
	}
	c.prog.block = max(minBlock, min(maxBlock, firstCache/max(1, c.prog.regs)&^63))
	if g.row > 0 { // blocks are whole rows
		c.prog.block = max(c.prog.block/g.row, 1) * g.row
	}
	g.instrs = len(c.prog.code)
	a.plan.programs = append(a.plan.programs, c.prog)
	return c.prog
}

// pieces joins what peepholes find, from the last val on so that the largest
// pattern wins, and puts every pattern in the place of its last val; then pairs,
// each in the place of its first.
func (c *compiler) pieces(members []*val) []piece {
	place := map[*val]*val{} // of those that are joined
	at := map[*val]piece{}
	if c.passes.has(passPattern) {
		for _, v := range slices.Backward(members) {
			if place[v] != nil {
				continue
			}
			if p, inside, ok := c.peep(v, place); ok {
				at[v] = p
				for _, w := range inside {
					place[w] = v
				}
			}
		}
		for _, v := range members {
			if first, p := c.pair(v, place); first != nil {
				at[first] = p
				place[first], place[v] = first, first
			}
		}
	}
	var out []piece
	for _, v := range members {
		if p, ok := at[v]; ok {
			out = append(out, p)
		} else if place[v] == nil {
			out = append(out, c.piece(v))
		}
	}
	return out
}

// piece is that of a single val.
func (c *compiler) piece(v *val) piece {
	ops := c.operands(v)
	scalar := scalarOperand(ops)
	p := piece{results: []*val{v}}
	for i := range ops {
		if i != scalar {
			p.args = append(p.args, c.arg(v, i))
		}
	}
	switch {
	case v.op == graph.OpSum:
		p.code = instr{do: doSum, row: c.group.row}
	case scalar == 1:
		p.code = instr{do: doScalarRight, binary: binaryOps[v.op], scalars: []int{ops[1].src.slot}}
	case scalar == 0:
		p.code = instr{do: doScalarLeft, binary: binaryOps[v.op], scalars: []int{ops[0].src.slot}}
	case len(ops) == 2:
		p.code = instr{do: doBinary, binary: binaryOps[v.op]}
	default:
		p.code = instr{do: actionOf(v), unary: unaryOps[v.op]}
	}
	return p
}

// rowOf is the number of elements of the cluster for one of v.
func (c *compiler) rowOf(v *val) int {
	if v.op == graph.OpSum {
		return c.group.row
	}
	return 1
}

// arg is operand i of v.
func (c *compiler) arg(v *val, i int) arg {
	o := c.operands(v)[i]
	switch {
	case o.m == nil:
		return arg{o, o.src}
	case c.written[v]:
		return arg{o, v}
	}
	return arg{o, strip(v.in[i])}
}

// scalarOperand is the operand of a binary operation that the kernel can take
// as a scalar, or −1.
func scalarOperand(ops []operand) int {
	if len(ops) != 2 {
		return -1
	}
	for _, i := range []int{1, 0} {
		if ops[i].m.scalar() {
			return i
		}
	}
	return -1
}

func actionOf(v *val) action {
	switch v.op {
	case graph.OpWhere:
		return doSelect
	case graph.OpNot:
		return doNot
	case graph.OpBroadcast:
		return doLoad
	case graph.OpToFloat:
		return map[graph.DType]action{graph.Bool: doBool, graph.I32: doInt, graph.U32: doUint}[v.in[0].dtype]
	}
	return doUnary
}

// findLoads lists the operands from outside. Loads that may have to be written
// out get a register each.
func (c *compiler) findLoads(pieces []piece) {
	for i, p := range pieces {
		for _, a := range p.args {
			if c.assembly.group[a.src] == c.group {
				c.last[a.src] = i
				continue
			}
			if _, ok := c.loads[a.key]; ok {
				continue
			}
			c.loads[a.key] = len(c.prog.loads)
			c.prog.loads = append(c.prog.loads, load{a.src.slot, a.m})
			if a.m != nil {
				c.prog.regs++
			}
		}
	}
}

func (c *compiler) emit(p *piece, at int) {
	in := p.code
	var refs [4]int
	for i, a := range p.args {
		refs[i] = c.refOf(a)
	}
	in.a, in.b, in.c, in.d = refs[0], refs[1], refs[2], refs[3]
	if in.do == doSoftplusSigmoid { // which needs its operand to the end
		in.dst, in.b = c.result(p.results[0]), c.result(p.results[1])
		c.release(p, at)
	} else {
		c.release(p, at)
		in.dst = c.result(p.results[0])
	}
	c.prog.code = append(c.prog.code, in)
}

// result is where a piece leaves a val: a register, unless it is needed outside.
func (c *compiler) result(v *val) int {
	if _, ok := c.ref[v]; !ok {
		c.ref[v] = c.register()
	}
	return c.ref[v]
}

func (c *compiler) refOf(a arg) int {
	if r, ok := c.ref[a.src]; ok && a.m == nil {
		return r
	}
	return c.loads[a.key]
}

// release frees the registers of members that piece p at the given place reads
// last; p may take one of them for itself.
func (c *compiler) release(p *piece, at int) {
	for _, a := range p.args {
		r, ok := c.ref[a.src]
		if ok && c.last[a.src] == at && r >= len(c.prog.loads)+len(c.prog.outs) && !slices.Contains(c.free, r) {
			c.free = append(c.free, r)
		}
	}
}

func (c *compiler) register() int {
	if n := len(c.free); n > 0 {
		r := c.free[n-1]
		c.free = c.free[:n-1]
		return r
	}
	c.prog.regs++
	return len(c.prog.loads) + len(c.prog.outs) + c.prog.regs - 1
}
