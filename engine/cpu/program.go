package cpu

import (
	"slices"

	"github.com/surprisal-go/surprisal/graph"
)

// compiler turns a cluster into a program.
type compiler struct {
	*assembly
	prog  *program
	group *group
	loads map[*val]int // load of an operand, by the val that the graph names
	ref   map[*val]int // of members computed so far
	last  map[*val]int // last member that reads a member
	free  []int        // registers
}

func (a *assembly) compile(g *group) *program {
	c := &compiler{assembly: a, prog: &program{}, group: g, loads: map[*val]int{}, ref: map[*val]int{}, last: map[*val]int{}}
	for _, v := range g.vals {
		for _, o := range a.operands(v) {
			c.last[o.src] = v.id
		}
		if a.lastUse[v.id] != unused {
			c.prog.outs = append(c.prog.outs, v.slot)
		}
	}
	c.findLoads()
	outs := 0
	for _, v := range g.vals {
		c.emit(v, &outs)
	}
	return c.prog
}

// findLoads lists the operands from outside, save those that are read as
// scalars. Loads that may have to be written out get a register each.
func (c *compiler) findLoads() {
	for _, v := range c.group.vals {
		ops := c.operands(v)
		scalar := c.scalarOperand(v, ops)
		for i, o := range ops {
			if i == scalar || c.assembly.group[o.src] == c.group {
				continue
			}
			key := c.loadKey(v, i, o)
			if _, ok := c.loads[key]; ok {
				continue
			}
			c.loads[key] = len(c.prog.loads)
			c.prog.loads = append(c.prog.loads, load{o.src.slot, o.m})
			if o.m != nil {
				c.prog.regs++
			}
		}
	}
}

// loadKey names what operand i of v reads: the source itself, or a broadcast
// of it.
func (c *compiler) loadKey(v *val, i int, o operand) *val {
	switch {
	case o.m == nil:
		return o.src
	case c.written[v]:
		return v
	}
	return strip(v.in[i])
}

// scalarOperand is the operand of a binary operation that the kernel can take
// as a scalar, or −1.
func (c *compiler) scalarOperand(v *val, ops []operand) int {
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

func (c *compiler) emit(v *val, outs *int) {
	ops := c.operands(v)
	scalar := c.scalarOperand(v, ops)
	var refs [3]int
	for i, o := range ops {
		if i != scalar {
			refs[i] = c.refOf(v, i, o)
		}
	}
	in := instr{a: refs[0], b: refs[1], c: refs[2]}
	c.release(v, ops)
	if c.lastUse[v.id] != unused {
		in.dst = len(c.prog.loads) + *outs
		*outs++
	} else {
		in.dst = c.register()
	}
	c.ref[v] = in.dst
	switch {
	case scalar == 1:
		in.do, in.binary, in.scalarSlot = doScalarRight, binaryOps[v.op], ops[1].src.slot
	case scalar == 0:
		in.do, in.binary, in.scalarSlot = doScalarLeft, binaryOps[v.op], ops[0].src.slot
		in.a = refs[1]
	case len(ops) == 2:
		in.do, in.binary = doBinary, binaryOps[v.op]
	default:
		in.do, in.unary = actionOf(v), unaryOps[v.op]
	}
	c.prog.code = append(c.prog.code, in)
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

func (c *compiler) refOf(v *val, i int, o operand) int {
	if r, ok := c.ref[o.src]; ok && o.m == nil {
		return r
	}
	return c.loads[c.loadKey(v, i, o)]
}

// release frees the registers of members that v reads last; v may take one of
// them for itself.
func (c *compiler) release(v *val, ops []operand) {
	for _, o := range ops {
		r, ok := c.ref[o.src]
		if ok && c.last[o.src] == v.id && r >= len(c.prog.loads)+len(c.prog.outs) && !slices.Contains(c.free, r) {
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
