// Command step writes the AVX2 kernels of step programs, which push values
// into chains as they become known.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64,!noasm")
	pushOne()
	pushLanes()
	runTape()
	Generate()
}

// pushOne writes the kernel of one lane: blocks of 32, 8, 4 and 1 chains stay
// in registers while k goes on, which most often is one value. The row below is fetched ahead: the value that
// becomes known next most often needs it, and a row is too short for the
// processor to see where the next begins.
func pushOne() {
	TEXT("pushOneAVX2", NOSPLIT, "func(dst []float32, w *float32, ldw int, x []float32)")
	Doc("pushOneAVX2 continues the chains dst by k = len(x) products. ldw is in bytes.")
	Pragma("noescape")
	dst := Load(Param("dst").Base(), GP64())
	n := Load(Param("dst").Len(), GP64())
	w := Load(Param("w"), GP64())
	ldw := Load(Param("ldw"), GP64())
	x := Load(Param("x").Base(), GP64())
	k := Load(Param("x").Len(), GP64())
	one := YMM()
	VBROADCASTSS(Mem{Base: x}, one)
	CMPQ(k, Imm(1))
	JE(LabelRef("single"))
	for _, b := range []struct{ size, vectors int }{{32, 4}, {8, 1}, {4, 1}, {1, 1}} {
		loop, inner, next := fmt.Sprintf("loop%d", b.size), fmt.Sprintf("inner%d", b.size), fmt.Sprintf("next%d", b.size)
		v := vector(b.size / b.vectors)
		Label(loop)
		CMPQ(n, Imm(uint64(b.size)))
		JLT(LabelRef(next))
		acc := make([]reg.Register, b.vectors)
		for i := range acc {
			acc[i] = v.register()
			v.move(Mem{Base: dst, Disp: 32 * i}, acc[i])
		}
		xp, wp, left := GP64(), GP64(), GP64()
		MOVQ(x, xp)
		MOVQ(w, wp)
		MOVQ(k, left)
		Label(inner)
		s := v.register()
		v.broadcast(Mem{Base: xp}, s)
		for i := range acc {
			v.fma(Mem{Base: wp, Disp: 32 * i}, s, acc[i])
		}
		for line := 0; line < 4*b.size; line += 64 {
			PREFETCHT0(Mem{Base: wp, Index: ldw, Scale: 1, Disp: line})
		}
		ADDQ(Imm(4), xp)
		ADDQ(ldw, wp)
		DECQ(left)
		JNZ(LabelRef(inner))
		for i := range acc {
			v.move(acc[i], Mem{Base: dst, Disp: 32 * i})
		}
		ADDQ(Imm(uint64(4*b.size)), dst)
		ADDQ(Imm(uint64(4*b.size)), w)
		SUBQ(Imm(uint64(b.size)), n)
		JMP(LabelRef(loop))
		Label(next)
	}
	VZEROUPPER()
	RET()
	Label("single")
	for _, b := range []struct{ size, vectors int }{{64, 8}, {8, 1}, {4, 1}, {1, 1}} {
		loop, next := fmt.Sprintf("single%d", b.size), fmt.Sprintf("after%d", b.size)
		v := vector(b.size / b.vectors)
		s := one
		Label(loop)
		CMPQ(n, Imm(uint64(b.size)))
		JLT(LabelRef(next))
		for line := 0; line < 4*b.size; line += 64 {
			PREFETCHT0(Mem{Base: w, Index: ldw, Scale: 1, Disp: line})
		}
		acc := make([]reg.Register, b.vectors)
		for i := range acc {
			acc[i] = v.register()
			v.move(Mem{Base: dst, Disp: 32 * i}, acc[i])
			v.fma(Mem{Base: w, Disp: 32 * i}, v.part(s), acc[i])
		}
		for i := range acc {
			v.move(acc[i], Mem{Base: dst, Disp: 32 * i})
		}
		ADDQ(U32(uint32(4*b.size)), dst)
		ADDQ(U32(uint32(4*b.size)), w)
		SUBQ(Imm(uint64(b.size)), n)
		JMP(LabelRef(loop))
		Label(next)
	}
	VZEROUPPER()
	RET()
}

// pushLanes writes the kernel of a multiple of eight lanes: for each chain the
// lanes are walked in blocks of 32 and of 8. Of eight lanes, eight chains are
// continued together.
func pushLanes() {
	TEXT("pushLanesAVX2", NOSPLIT, "func(dst []float32, lanes int, w *float32, ldw int, x []float32, k int)")
	Doc("pushLanesAVX2 continues the chains dst by k products in every lane. ldw is in bytes.")
	Pragma("noescape")
	dst := Load(Param("dst").Base(), GP64())
	end := Load(Param("dst").Len(), GP64())
	lanes := Load(Param("lanes"), GP64())
	w := Load(Param("w"), GP64())
	ldw := Load(Param("ldw"), GP64())
	x := Load(Param("x").Base(), GP64())
	k := Load(Param("k"), GP64())
	SHLQ(Imm(2), lanes) // bytes from here on
	LEAQ(Mem{Base: dst, Index: end, Scale: 4}, end)
	v := vector(8)
	CMPQ(lanes, Imm(32))
	JNE(LabelRef("chain"))
	Label("eight") // chains of eight lanes: one alone is bound by the latency of its sum
	stop := GP64()
	LEAQ(Mem{Base: dst, Disp: 8 * 32}, stop)
	CMPQ(stop, end)
	JGT(LabelRef("chain"))
	acc := make([]reg.Register, 8)
	for i := range acc {
		acc[i] = v.register()
		v.move(Mem{Base: dst, Disp: 32 * i}, acc[i])
	}
	xp, wp, p := GP64(), GP64(), GP64()
	MOVQ(x, xp)
	MOVQ(w, wp)
	MOVQ(k, p)
	Label("eightInner")
	row := v.register()
	v.move(Mem{Base: xp}, row)
	for i := range acc {
		s := v.register()
		v.broadcast(Mem{Base: wp, Disp: 4 * i}, s)
		v.fma(row, s, acc[i])
	}
	ADDQ(lanes, xp)
	ADDQ(ldw, wp)
	DECQ(p)
	JNZ(LabelRef("eightInner"))
	for i := range acc {
		v.move(acc[i], Mem{Base: dst, Disp: 32 * i})
	}
	MOVQ(stop, dst)
	ADDQ(Imm(32), w)
	JMP(LabelRef("eight"))
	Label("chain")
	CMPQ(dst, end)
	JGE(LabelRef("done"))
	left, at := GP64(), GP64()
	MOVQ(lanes, left)
	MOVQ(x, at)
	for _, vectors := range []int{4, 1} {
		bytes := 32 * vectors
		loop, inner, next := fmt.Sprintf("loop%d", bytes), fmt.Sprintf("inner%d", bytes), fmt.Sprintf("next%d", bytes)
		Label(loop)
		CMPQ(left, U32(uint32(bytes)))
		JLT(LabelRef(next))
		acc := make([]reg.Register, vectors)
		for i := range acc {
			acc[i] = v.register()
			v.move(Mem{Base: dst, Disp: 32 * i}, acc[i])
		}
		xp, wp, p := GP64(), GP64(), GP64()
		MOVQ(at, xp)
		MOVQ(w, wp)
		MOVQ(k, p)
		Label(inner)
		s := v.register()
		v.broadcast(Mem{Base: wp}, s)
		for i := range acc {
			v.fma(Mem{Base: xp, Disp: 32 * i}, s, acc[i])
		}
		ADDQ(lanes, xp)
		ADDQ(ldw, wp)
		DECQ(p)
		JNZ(LabelRef(inner))
		for i := range acc {
			v.move(acc[i], Mem{Base: dst, Disp: 32 * i})
		}
		ADDQ(U32(uint32(bytes)), dst)
		ADDQ(U32(uint32(bytes)), at)
		SUBQ(U32(uint32(bytes)), left)
		JMP(LabelRef(loop))
		Label(next)
	}
	ADDQ(Imm(4), w)
	JMP(LabelRef("chain"))
	Label("done")
	VZEROUPPER()
	RET()
}

// vector is a number of floats that instructions work on: 8, 4 or 1.
type vector int

func (v vector) register() reg.Register {
	if v == 8 {
		return YMM()
	}
	return XMM()
}

// part is what of a whole register the instructions read.
func (v vector) part(y reg.VecVirtual) reg.Register {
	if v == 8 {
		return y
	}
	return y.AsX()
}

func (v vector) move(from, to Op) {
	if v == 1 {
		VMOVSS(from, to)
		return
	}
	VMOVUPS(from, to)
}

func (v vector) broadcast(from, to Op) {
	if v == 1 {
		VMOVSS(from, to)
		return
	}
	VBROADCASTSS(from, to)
}

func (v vector) fma(x, y, acc Op) {
	if v == 1 {
		VFMADD231SS(x, y, acc)
		return
	}
	VFMADD231PS(x, y, acc)
}

func (v vector) add(x, y, sum Op) {
	if v == 1 {
		VADDSS(x, y, sum)
		return
	}
	VADDPS(x, y, sum)
}

// relu is max(x, +0) of x, with NaN for NaN.
func (v vector) relu(zero, x Op) {
	if v == 1 {
		VMAXSS(x, zero, x)
	} else {
		VMAXPS(x, zero, x)
	}
	v.add(zero, x, x) // makes +0 of −0
}
