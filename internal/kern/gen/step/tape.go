package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Instructions of a tape, in the order of kern.TapeOp, and their fields.
const (
	opPush = iota
	opPushes
	opEnd
	opAdd
	opRelu
	opUnit
	opReluUnit

	fieldDst    = 4
	fieldN      = 8
	fieldA      = 12
	fieldK      = 16
	fieldB      = 20
	fieldW      = 24
	fieldStride = 28
	codeBytes   = 32
)

// tapeOperands is how many operands that are not 0 are gathered at a time: as
// many as step programs let wait for each other.
const tapeOperands = 32

// tape is the interpreter's generator, with what it keeps in registers.
type tape struct {
	code, end, state, weights reg.Register
	masks                     Mem
}

func runTape() {
	TEXT("runTapeAVX2", NOSPLIT, "func(code *int32, n int, state *float32, weights *[]float32)")
	Doc("runTapeAVX2 runs n > 0 instructions.")
	Pragma("noescape")
	t := tape{code: GP64(), end: GP64(), state: GP64(), weights: GP64(), masks: tapeMasks()}
	Load(Param("code"), t.code)
	Load(Param("n"), t.end)
	Load(Param("state"), t.state)
	Load(Param("weights"), t.weights)
	SHLQ(Imm(5), t.end)
	ADDQ(t.code, t.end)
	Label("fetch")
	op := GP32()
	MOVL(Mem{Base: t.code}, op)
	for _, o := range []struct {
		op   uint64
		name string
	}{{opPush, "push"}, {opUnit, "unit"}, {opReluUnit, "reluUnit"}, {opPushes, "pushes"}, {opEnd, "end"}, {opAdd, "add"}} { // by frequency
		CMPL(op, Imm(o.op))
		JEQ(LabelRef(o.name))
	}
	t.elements("relu", func(v vector, dst, a, b Mem) {
		x, zero := v.register(), v.register()
		v.move(a, x)
		VXORPS(zero, zero, zero)
		v.relu(zero, x)
		v.move(x, dst)
	})
	Label("next")
	ADDQ(Imm(codeBytes), t.code)
	CMPQ(t.code, t.end)
	JNE(LabelRef("fetch"))
	VZEROUPPER()
	RET()

	t.unit("unit", false)
	t.unit("reluUnit", true)
	t.push()
	t.pushes()
	t.elements("end", func(v vector, dst, a, b Mem) {
		zero := v.register()
		VXORPS(zero, zero, zero)
		v.add(dst, zero, zero)
		v.move(zero, dst)
	})
	JMP(LabelRef("next"))
	t.elements("add", func(v vector, dst, a, b Mem) {
		x := v.register()
		v.move(a, x)
		v.add(b, x, x)
		v.move(x, dst)
	})
	JMP(LabelRef("next"))
}

// tapeMasks has eight words of 0, eight of ones, and eight of 0.
func tapeMasks() Mem {
	m := GLOBL("tapeMasks", RODATA|NOPTR)
	for i := range 24 {
		word := uint32(0)
		if i/8 == 1 {
			word = 0xffffffff
		}
		DATA(4*i, U32(word))
	}
	return m
}

// field loads a field of the instruction.
func (t *tape) field(at int) reg.GPVirtual {
	r := GP64()
	MOVLQSX(Mem{Base: t.code, Disp: at}, r)
	return r
}

// row returns a pointer to weight B of array W, of which headers take 24 bytes.
func (t *tape) row() reg.GPVirtual {
	w, b := t.field(fieldW), t.field(fieldB)
	IMUL3Q(Imm(24), w, w)
	MOVQ(Mem{Base: t.weights, Index: w, Scale: 1}, w)
	LEAQ(Mem{Base: w, Index: b, Scale: 4}, w)
	return w
}

// unit writes an instruction on one element.
func (t *tape) unit(name string, relu bool) {
	Label(name)
	x, zero := XMM(), XMM()
	VXORPS(zero, zero, zero)
	VADDSS(Mem{Base: t.state, Index: t.field(fieldA), Scale: 4}, zero, x)
	VADDSS(Mem{Base: t.state, Index: t.field(fieldB), Scale: 4}, x, x)
	if relu {
		vector(1).relu(zero, x)
	}
	VMOVSS(x, Mem{Base: t.state, Index: t.field(fieldDst), Scale: 4})
	JMP(LabelRef("next"))
}

// elements writes an instruction on N elements, eight and one at a time.
func (t *tape) elements(name string, body func(v vector, dst, a, b Mem)) {
	Label(name)
	dst, a, b, n := t.field(fieldDst), t.field(fieldA), t.field(fieldB), t.field(fieldN)
	for _, v := range []vector{8, 1} {
		loop, after := label(name, int(v)), label(name+"After", int(v))
		Label(loop)
		CMPQ(n, Imm(uint64(v)))
		JLT(LabelRef(after))
		at := func(i reg.GPVirtual) Mem { return Mem{Base: t.state, Index: i, Scale: 4} }
		body(v, at(dst), at(a), at(b))
		for _, r := range []reg.GPVirtual{dst, a, b} {
			ADDQ(Imm(uint64(v)), r)
		}
		SUBQ(Imm(uint64(v)), n)
		JMP(LabelRef(loop))
		Label(after)
	}
}

// push writes the push of one operand. The next operand's weights, a stride
// further, are fetched ahead. It goes over whole eights of the state,
// whichever chain is the first, and keeps what else lies in them: the chains
// that are left at the next push, one fewer, would otherwise straddle two
// stores of this one, and a load has to wait until such have left the
// processor.
func (t *tape) push() {
	Label("push")
	dst, n, a, row := t.field(fieldDst), t.field(fieldN), t.field(fieldA), t.row()
	x := YMM()
	VBROADCASTSS(Mem{Base: t.state, Index: a, Scale: 4}, x)
	lead, masks := GP64(), GP64()
	MOVQ(dst, lead)
	ANDQ(Imm(7), lead)
	SUBQ(lead, dst)
	ADDQ(lead, n)
	LEAQ(Mem{Base: t.state, Index: dst, Scale: 4}, dst)
	LEAQ(t.masks, masks)
	NEGQ(lead)
	LEAQ(Mem{Base: row, Index: lead, Scale: 4}, row)
	below := t.field(fieldStride)
	LEAQ(Mem{Base: row, Index: below, Scale: 4}, below)
	m := YMM()
	VMOVUPS(Mem{Base: masks, Index: lead, Scale: 4, Disp: 32}, m)
	CMPQ(n, Imm(8))
	JLE(LabelRef("pushLast"))
	t.masked(Mem{Base: dst}, Mem{Base: row}, x, m)
	PREFETCHT0(Mem{Base: below})
	ADDQ(Imm(32), below)
	ADDQ(Imm(32), dst)
	ADDQ(Imm(32), row)
	SUBQ(Imm(8), n)
	VPCMPEQD(m, m, m)
	Label("pushWhole")
	CMPQ(n, Imm(8))
	JLE(LabelRef("pushLast"))
	acc := YMM()
	VMOVUPS(Mem{Base: dst}, acc)
	VFMADD231PS(Mem{Base: row}, x, acc)
	VMOVUPS(acc, Mem{Base: dst})
	PREFETCHT0(Mem{Base: below})
	ADDQ(Imm(32), below)
	ADDQ(Imm(32), dst)
	ADDQ(Imm(32), row)
	SUBQ(Imm(8), n)
	JMP(LabelRef("pushWhole"))
	Label("pushLast")
	PREFETCHT0(Mem{Base: below, Disp: 28})
	PREFETCHT0(Mem{Base: below})
	t.last(masks, n, m)
	t.masked(Mem{Base: dst}, Mem{Base: row}, x, m)
	JMP(LabelRef("next"))
}

// last leaves the first n lanes of a mask on.
func (t *tape) last(masks, n reg.GPVirtual, m reg.VecVirtual) {
	NEGQ(n)
	VANDPS(Mem{Base: masks, Index: n, Scale: 4, Disp: 64}, m, m)
}

// masked continues the chains of the lanes that are on, reads no other weights,
// and leaves the other elements as they are.
func (t *tape) masked(dst, row Mem, x, m reg.VecVirtual) {
	old, acc, w := YMM(), YMM(), YMM()
	VMASKMOVPS(row, m, w)
	VMOVUPS(dst, old)
	VMOVAPS(old, acc)
	VFMADD231PS(w, x, acc)
	VBLENDVPS(m, acc, old, acc)
	VMOVUPS(acc, dst)
}

// pushes writes the push of several operands. Those that are not 0 and their
// rows are listed first, without a branch that nobody could foresee; then blocks
// of chains stay in registers while they go by. What follows in each row is
// fetched ahead, since rows lie too far apart for the processor to see that.
func (t *tape) pushes() {
	Label("pushes")
	values, rows := AllocLocal(4*tapeOperands), AllocLocal(8*tapeOperands)
	a, k, row, stride := t.field(fieldA), t.field(fieldK), t.row(), t.field(fieldStride)
	LEAQ(Mem{Base: t.state, Index: a, Scale: 4}, a)
	SHLQ(Imm(2), stride)
	Label("gather")
	CMPQ(k, Imm(0))
	JLE(LabelRef("next"))
	some, left := GP64(), GP64()
	XORQ(some, some)
	MOVQ(U32(tapeOperands), left)
	CMPQ(k, left)
	CMOVQLT(k, left)
	SUBQ(left, k)
	Label("operand")
	v := GP32()
	MOVL(Mem{Base: a}, v)
	MOVL(v, values.Idx(some, 4))
	MOVQ(row, rows.Idx(some, 8))
	ADDL(v, v) // without the sign
	NEGL(v)    // carries if that is not 0
	ADCQ(Imm(0), some)
	ADDQ(Imm(4), a)
	ADDQ(stride, row)
	DECQ(left)
	JNZ(LabelRef("operand"))
	TESTQ(some, some)
	JZ(LabelRef("gather"))

	dst, n, at := t.field(fieldDst), t.field(fieldN), GP64()
	LEAQ(Mem{Base: t.state, Index: dst, Scale: 4}, dst)
	XORQ(at, at) // bytes
	over := func(name string, vectors int, each func(p, w reg.GPVirtual, x reg.VecVirtual, acc []reg.VecVirtual)) []reg.VecVirtual {
		acc := make([]reg.VecVirtual, vectors)
		for i := range acc {
			acc[i] = YMM()
			VMOVUPS(Mem{Base: dst, Index: at, Scale: 1, Disp: 32 * i}, acc[i])
		}
		p, w, x := GP64(), GP64(), YMM()
		XORQ(p, p)
		Label(name)
		VBROADCASTSS(values.Idx(p, 4), x)
		MOVQ(rows.Idx(p, 8), w)
		each(p, w, x, acc)
		INCQ(p)
		CMPQ(p, some)
		JLT(LabelRef(name))
		return acc
	}
	for _, vectors := range []int{8, 4, 2, 1} {
		loop, after := label("columns", vectors), label("columnsAfter", vectors)
		Label(loop)
		CMPQ(n, Imm(uint64(8*vectors)))
		JLT(LabelRef(after))
		acc := over(label("rows", vectors), vectors, func(p, w reg.GPVirtual, x reg.VecVirtual, acc []reg.VecVirtual) {
			for i := range acc {
				VFMADD231PS(Mem{Base: w, Index: at, Scale: 1, Disp: 32 * i}, x, acc[i])
			}
			if vectors == 8 {
				for line := 0; line < 32*vectors; line += 64 {
					PREFETCHT0(Mem{Base: w, Index: at, Scale: 1, Disp: 32*vectors + line})
				}
			}
		})
		for i := range acc {
			VMOVUPS(acc[i], Mem{Base: dst, Index: at, Scale: 1, Disp: 32 * i})
		}
		ADDQ(U32(uint32(32*vectors)), at)
		SUBQ(Imm(uint64(8*vectors)), n)
		JMP(LabelRef(loop))
		Label(after)
	}
	TESTQ(n, n)
	JZ(LabelRef("gather"))
	masks, m := GP64(), YMM()
	LEAQ(t.masks, masks)
	VPCMPEQD(m, m, m)
	t.last(masks, n, m)
	acc := over("rowsLast", 1, func(p, w reg.GPVirtual, x reg.VecVirtual, acc []reg.VecVirtual) {
		row := YMM()
		VMASKMOVPS(Mem{Base: w, Index: at, Scale: 1}, m, row)
		VFMADD231PS(row, x, acc[0])
	})
	last := Mem{Base: dst, Index: at, Scale: 1}
	old := YMM()
	VMOVUPS(last, old)
	VBLENDVPS(m, acc[0], old, old)
	VMOVUPS(old, last)
	JMP(LabelRef("gather"))
}

func label(name string, n int) string { return fmt.Sprintf("%s%d", name, n) }
