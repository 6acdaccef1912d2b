package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// spread writes elements several times each.
func spread() {
	TEXT("spreadAVX2", NOSPLIT, "func(count int, dst, src *float32, n int)")
	Doc("spreadAVX2 writes each of count > 0 elements n > 0 times, and up to the next multiple of eight beyond: the next one writes over that.")
	Pragma("noescape")
	count, dst, src := Load(Param("count"), GP64()), Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	n, at, left, v := Load(Param("n"), GP64()), GP64(), GP64(), YMM()
	Label("element")
	VBROADCASTSS(Mem{Base: src}, v)
	MOVQ(dst, at)
	MOVQ(n, left)
	Label("store")
	VMOVUPS(v, Mem{Base: at})
	ADDQ(Imm(32), at)
	SUBQ(Imm(8), left)
	JG(LabelRef("store"))
	LEAQ(Mem{Base: dst, Index: n, Scale: 4}, dst)
	ADDQ(Imm(4), src)
	DECQ(count)
	JNZ(LabelRef("element"))
	VZEROUPPER()
	RET()
}
