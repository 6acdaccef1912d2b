package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// scaleRows writes x op s for rows that lie apart, with a scalar for each.
func scaleRows(name string, op func(...Op)) {
	TEXT(name+"RowsAVX2", NOSPLIT, "func(rows, cols int, dst *float32, ldd int, x *float32, ldx int, s *float32, step int)")
	Doc(name + "RowsAVX2 sets rows > 0 rows of cols, a multiple of 8 above 0; the scalars are step apart. Strides are in bytes.")
	Pragma("noescape")
	rows, cols := Load(Param("rows"), GP64()), Load(Param("cols"), GP64())
	dst, ldd := Load(Param("dst"), GP64()), Load(Param("ldd"), GP64())
	x, ldx := Load(Param("x"), GP64()), Load(Param("ldx"), GP64())
	s, step := Load(Param("s"), GP64()), Load(Param("step"), GP64())
	SHLQ(Imm(2), cols)
	c, wide := GP64(), GP64()
	MOVQ(cols, wide)
	ANDQ(I32(-128), wide)
	scalar := YMM()
	columns := func(n int) {
		v := make([]reg.VecVirtual, n)
		for i := range v {
			v[i] = YMM()
			VMOVUPS(Mem{Base: x, Index: c, Scale: 1, Disp: 32 * i}, v[i])
		}
		for i := range v {
			op(scalar, v[i], v[i])
			VMOVUPS(v[i], Mem{Base: dst, Index: c, Scale: 1, Disp: 32 * i})
		}
		ADDQ(I32(int32(32*n)), c)
	}
	Label("row")
	VBROADCASTSS(Mem{Base: s}, scalar)
	XORQ(c, c)
	CMPQ(c, wide)
	JGE(LabelRef("narrow"))
	Label("four")
	columns(4)
	CMPQ(c, wide)
	JLT(LabelRef("four"))
	Label("narrow")
	CMPQ(c, cols)
	JGE(LabelRef("next"))
	Label("one")
	columns(1)
	CMPQ(c, cols)
	JLT(LabelRef("one"))
	Label("next")
	ADDQ(ldx, x)
	ADDQ(ldd, dst)
	ADDQ(step, s)
	DECQ(rows)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}
