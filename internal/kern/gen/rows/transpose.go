package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// transpose writes the transpose of eight rows, eight columns at a time.
func transpose() {
	TEXT("transpose8AVX2", NOSPLIT, "func(n int, dst *float32, ldd int, x *float32, ldx int)")
	Doc("transpose8AVX2 sets dst(c, r) = x(r, c) for 8 rows r and 8·n > 0 columns c. Strides are in bytes.")
	Pragma("noescape")
	n := Load(Param("n"), GP64())
	dst, ldd := Load(Param("dst"), GP64()), Load(Param("ldd"), GP64())
	x, ldx := Load(Param("x"), GP64()), Load(Param("ldx"), GP64())
	ldx3, half := GP64(), GP64()
	LEAQ(Mem{Base: ldx, Index: ldx, Scale: 2}, ldx3)
	LEAQ(Mem{Base: x, Index: ldx, Scale: 4}, half) // the row of number 4
	Label("loop")
	// Half a row of the upper four with half a row of the lower four, so that
	// what is left stays within halves of registers.
	in := make([]reg.VecVirtual, 8)
	for i := range 8 {
		c, r := i/4, i%4
		at := func(base reg.Register) Mem {
			m := Mem{Base: base, Disp: 16 * c}
			switch r {
			case 1, 2:
				m.Index, m.Scale = ldx, uint8(r)
			case 3:
				m.Index, m.Scale = ldx3, 1
			}
			return m
		}
		in[i] = YMM()
		VMOVUPS(at(x), in[i].AsX())
		VINSERTF128(Imm(1), at(half), in[i], in[i])
	}
	for c := range 2 {
		q := in[4*c:][:4]
		var lo, hi [2]reg.VecVirtual
		for i := range 2 {
			lo[i], hi[i] = YMM(), YMM()
			VUNPCKLPS(q[2*i+1], q[2*i], lo[i])
			VUNPCKHPS(q[2*i+1], q[2*i], hi[i])
		}
		for _, out := range []struct {
			ins  func(...Op)
			from [2]reg.VecVirtual
		}{{VUNPCKLPD, lo}, {VUNPCKHPD, lo}, {VUNPCKLPD, hi}, {VUNPCKHPD, hi}} {
			v := YMM()
			out.ins(out.from[1], out.from[0], v)
			VMOVUPS(v, Mem{Base: dst})
			ADDQ(ldd, dst)
		}
	}
	ADDQ(Imm(32), x)
	ADDQ(Imm(32), half)
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}
