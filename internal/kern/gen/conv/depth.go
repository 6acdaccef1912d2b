package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// maskOf returns a mask of the first n < 8 of eight floats, or of all.
func maskOf(n reg.Register) reg.VecVirtual {
	table, at, v := GP64(), GP64(), YMM()
	MOVQ(U32(8), at)
	SUBQ(n, at)
	zero := GP64()
	XORQ(zero, zero)
	TESTQ(at, at)
	CMOVQLT(zero, at)
	LEAQ(depthMasks, table)
	VMOVUPS(Mem{Base: table, Index: at, Scale: 4}, v)
	return v
}

// depthMasks is eight words of ones and eight of zeros, which also stand for the
// pixels outside an image.
var depthMasks Mem

func depthGlobals() {
	depthMasks = GLOBL("convDepthMasks", RODATA|NOPTR)
	for i := range 8 {
		DATA(4*i, U32(0xffffffff))
	}
	for i := 8; i < 24; i++ {
		DATA(4*i, U32(0))
	}
}

// depthTile writes the kernel of convolutions that keep channels apart: sixteen
// channels at a time, and then up to eight.
func depthTile(rows int) {
	name := fmt.Sprintf("convDepth%d", rows)
	TEXT(name, NOSPLIT, "func(segs int, at, from *int32, a, b, c *float32, ldc, cols int)")
	Doc(name + " computes cols channels of a tile of chains of a product for each segment, to which it adds +0; ldc is in bytes.")
	Pragma("noescape")
	a, b, c := Load(Param("a"), GP64()), Load(Param("b"), GP64()), Load(Param("c"), GP64())
	cols, outside := Load(Param("cols"), GP64()), GP64()
	LEAQ(depthMasks, outside)
	ADDQ(Imm(32), outside)
	block := func(nv int, mask reg.VecVirtual) {
		load := func(m Mem) Op {
			if mask == nil {
				return m
			}
			v := YMM()
			VMASKMOVPS(m, mask, v)
			return v
		}
		t := newChains(rows, nv)
		segs, at, from := Load(Param("segs"), GP64()), Load(Param("at"), GP64()), Load(Param("from"), GP64())
		TESTQ(segs, segs)
		JZ(LabelRef(fmt.Sprintf("store%d", nv)))
		Label(fmt.Sprintf("segment%d", nv))
		off, p := GP64(), GP64()
		MOVLQSX(Mem{Base: from}, off)
		w := make([]reg.VecVirtual, nv)
		for j := range w {
			w[j] = YMM()
			m := Mem{Base: b, Index: off, Scale: 4, Disp: 32 * j}
			if mask == nil {
				VMOVUPS(m, w[j])
			} else {
				VMASKMOVPS(m, mask, w[j])
			}
		}
		for i := range rows {
			MOVLQSX(Mem{Base: at, Disp: 4 * i}, off)
			LEAQ(Mem{Base: a, Index: off, Scale: 4}, p)
			TESTQ(off, off)
			CMOVQLT(outside, p)
			for j := range w {
				VFMADD231PS(load(Mem{Base: p, Disp: 32 * j}), w[j], t.acc[nv*i+j])
			}
		}
		ADDQ(Imm(uint64(4*rows)), at)
		ADDQ(Imm(4), from)
		DECQ(segs)
		JNZ(LabelRef(fmt.Sprintf("segment%d", nv)))
		Label(fmt.Sprintf("store%d", nv))
		zero, row, ldc := YMM(), GP64(), Load(Param("ldc"), GP64())
		VXORPS(zero, zero, zero)
		MOVQ(c, row)
		for i := range rows {
			for j := range w {
				v, m := t.acc[nv*i+j], Mem{Base: row, Disp: 32 * j}
				VADDPS(zero, v, v)
				if mask == nil {
					VMOVUPS(v, m)
				} else {
					VMASKMOVPS(v, mask, m)
				}
			}
			ADDQ(ldc, row)
		}
		for _, p := range []reg.Register{a, b, c} {
			ADDQ(U32(uint32(32*nv)), p)
		}
	}
	Label("wide")
	SUBQ(Imm(16), cols)
	JLT(LabelRef("rest"))
	block(2, nil)
	JMP(LabelRef("wide"))
	Label("rest")
	ADDQ(Imm(16), cols)
	Label("narrow")
	TESTQ(cols, cols)
	JLE(LabelRef("done"))
	block(1, maskOf(cols))
	SUBQ(Imm(8), cols)
	JMP(LabelRef("narrow"))
	Label("done")
	VZEROUPPER()
	RET()
}

// depthPairs writes their weight gradient's kernel: as many channels at a time as
// there are registers for, since a pair gives each a single product.
func depthPairs() {
	TEXT("convDepthPairs", NOSPLIT, "func(n int, at *int32, a, b, c *float32, cols, cont int)")
	Doc("convDepthPairs adds n > 0 products to the chain of each of cols channels, from C itself if cont is not 0.")
	Pragma("noescape")
	a, b, c := Load(Param("a"), GP64()), Load(Param("b"), GP64()), Load(Param("c"), GP64())
	cols, cont := Load(Param("cols"), GP64()), Load(Param("cont"), GP64())
	for _, nv := range []int{8, 4, 2, 1} {
		least := 8 * nv
		if nv == 1 {
			least = 1 // the rest
		}
		label := func(s string) string { return fmt.Sprintf("%s%d", s, nv) }
		Label(label("block"))
		CMPQ(cols, Imm(uint64(least)))
		JLT(LabelRef(label("next")))
		var mask reg.VecVirtual
		if nv == 1 {
			mask = maskOf(cols)
		}
		load := func(m Mem, v reg.VecVirtual) {
			if mask != nil {
				VMASKMOVPS(m, mask, v)
			} else {
				VMOVUPS(m, v)
			}
		}
		acc := make([]reg.VecVirtual, nv)
		for j := range acc {
			acc[j] = YMM()
			VXORPS(acc[j], acc[j], acc[j])
		}
		n, at := Load(Param("n"), GP64()), Load(Param("at"), GP64())
		TESTQ(cont, cont)
		JZ(LabelRef(label("loop")))
		for j := range acc {
			load(Mem{Base: c, Disp: 32 * j}, acc[j])
		}
		Label(label("loop"))
		p, q := GP64(), GP64()
		MOVLQSX(Mem{Base: at}, p)
		MOVLQSX(Mem{Base: at, Disp: 4}, q)
		for j := range acc {
			x, m := YMM(), Mem{Base: b, Index: q, Scale: 4, Disp: 32 * j}
			load(Mem{Base: a, Index: p, Scale: 4, Disp: 32 * j}, x)
			if mask == nil {
				VFMADD231PS(m, x, acc[j])
				continue
			}
			y := YMM()
			load(m, y)
			VFMADD231PS(y, x, acc[j])
		}
		ADDQ(Imm(8), at)
		DECQ(n)
		JNZ(LabelRef(label("loop")))
		for j := range acc {
			if m := (Mem{Base: c, Disp: 32 * j}); mask != nil {
				VMASKMOVPS(acc[j], mask, m)
			} else {
				VMOVUPS(acc[j], m)
			}
		}
		for _, p := range []reg.Register{a, b, c} {
			ADDQ(U32(uint32(32*nv)), p)
		}
		SUBQ(Imm(uint64(8*nv)), cols)
		JMP(LabelRef(label("block")))
		Label(label("next"))
	}
	VZEROUPPER()
	RET()
}
