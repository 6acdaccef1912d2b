// Command reduce writes the AVX2 reductions.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64,!noasm")
	sum()
	addRows()
	extreme("max", 0xff800000, VMAXPS, VANDPS)
	extreme("min", 0x7f800000, VMINPS, VORPS)
	Generate()
}

// sum writes the sum of one chunk: sixteen lanes in two registers.
func sum() {
	TEXT("sumAVX2", NOSPLIT, "func(x []float32) float32")
	Doc("sumAVX2 returns the sum of one chunk, in the order of Sum.")
	Pragma("noescape")
	x := Load(Param("x").Base(), GP64())
	n := Load(Param("x").Len(), GP64())
	lo, hi := YMM(), YMM()
	VXORPS(lo, lo, lo)
	VXORPS(hi, hi, hi)
	Label("loop")
	SUBQ(Imm(16), n)
	JLT(LabelRef("tail"))
	VADDPS(Mem{Base: x}, lo, lo)
	VADDPS(Mem{Base: x, Disp: 32}, hi, hi)
	ADDQ(Imm(64), x)
	JMP(LabelRef("loop"))
	Label("tail")
	ADDQ(Imm(16), n)
	v := tail(x, n, 0)
	VADDPS(v[0], lo, lo)
	VADDPS(v[1], hi, hi)
	VADDPS(hi, lo, lo) // l += l+8
	q, t := XMM(), XMM()
	VEXTRACTF128(Imm(1), lo, q)
	VADDPS(q, lo.AsX(), q) // l += l+4
	VMOVHLPS(q, q, t)
	VADDPS(t, q, q) // l += l+2
	VMOVSHDUP(q, t)
	VADDSS(t, q, q) // l += l+1
	Store(q, ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// tail loads the last n < 16 floats at x into two registers filled up with the
// word identity.
func tail(x, n reg.Register, identity uint32) [2]reg.VecVirtual {
	table := GP64()
	LEAQ(maskTable(), table)
	at := GP64()
	MOVQ(U32(16), at)
	SUBQ(n, at)
	var v [2]reg.VecVirtual
	for i := range v {
		mask := YMM()
		VMOVUPS(Mem{Base: table, Index: at, Scale: 4, Disp: 32 * i}, mask)
		v[i] = YMM()
		VMASKMOVPS(Mem{Base: x, Disp: 32 * i}, mask, v[i])
		if identity != 0 {
			fill := YMM()
			VBROADCASTSS(word(identity), fill)
			VBLENDVPS(mask, v[i], fill, v[i])
		}
	}
	return v
}

// addRows writes the body of a sum over rows: row r of 64 is added to lane r mod
// 16, so that a lane is loaded and stored once for four rows.
func addRows() {
	TEXT("addRowsAVX2", NOSPLIT, "func(lanes, x *float32, cols, stride int)")
	Doc("addRowsAVX2 adds 64 rows of cols, a multiple of 8, with stride bytes from one to the next, to 16 lanes of cols.")
	Pragma("noescape")
	lane := Load(Param("lanes"), GP64())
	x := [4]reg.Register{Load(Param("x"), GP64()), GP64(), GP64(), GP64()}
	cols := Load(Param("cols"), GP64())
	stride := Load(Param("stride"), GP64())
	step := GP64()
	MOVQ(stride, step)
	SHLQ(Imm(4), step)
	for i := 1; i < 4; i++ {
		LEAQ(Mem{Base: x[i-1], Index: step, Scale: 1}, x[i])
	}
	count, c := GP64(), GP64()
	MOVQ(U32(16), count)
	Label("row")
	XORQ(c, c)
	Label("columns")
	sum := YMM()
	VMOVUPS(Mem{Base: lane, Index: c, Scale: 4}, sum)
	for _, p := range x {
		VADDPS(Mem{Base: p, Index: c, Scale: 4}, sum, sum)
	}
	VMOVUPS(sum, Mem{Base: lane, Index: c, Scale: 4})
	ADDQ(Imm(8), c)
	CMPQ(c, cols)
	JLT(LabelRef("columns"))
	LEAQ(Mem{Base: lane, Index: cols, Scale: 4}, lane)
	for _, p := range x {
		ADDQ(stride, p)
	}
	DECQ(count)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}

// extreme writes the largest or smallest element. Each order of the operands
// gives the second where one is NaN or both are zeros; zeros combines the two
// signs of zero, and NaN is remembered apart.
func extreme(name string, identity uint32, better, zeros func(...Op)) {
	TEXT(name+"ReduceAVX2", NOSPLIT, "func(x []float32) float32")
	Doc(fmt.Sprintf("%sReduceAVX2 returns the %s of x and the identity, and NaN if x has one.", name, name))
	Pragma("noescape")
	x := Load(Param("x").Base(), GP64())
	n := Load(Param("x").Len(), GP64())
	var best [2]reg.VecVirtual
	nan := YMM()
	VXORPS(nan, nan, nan)
	for i := range best {
		best[i] = YMM()
		VBROADCASTSS(word(identity), best[i])
	}
	combine := func(acc, v reg.VecVirtual) {
		a, u := YMM(), YMM()
		VCMPPS(Imm(3), v, v, u)
		VORPS(u, nan, nan)
		better(v, acc, a)
		better(acc, v, acc)
		zeros(a, acc, acc)
	}
	Label("loop")
	SUBQ(Imm(16), n)
	JLT(LabelRef("tail"))
	for i := range best {
		v := YMM()
		VMOVUPS(Mem{Base: x, Disp: 32 * i}, v)
		combine(best[i], v)
	}
	ADDQ(Imm(64), x)
	JMP(LabelRef("loop"))
	Label("tail")
	ADDQ(Imm(16), n)
	v := tail(x, n, identity)
	combine(best[0], v[0])
	combine(best[1], v[1])
	combine(best[0], best[1])
	// A lane that met a NaN may have gone on from any value: the mask decides.
	VPERM2F128(Imm(1), nan, nan, best[1])
	VORPS(best[1], nan, nan)
	for _, swap := range []uint64{0x4e, 0xb1} {
		VPERMILPS(Imm(swap), nan, best[1])
		VORPS(best[1], nan, nan)
	}
	acc := best[0]
	other := YMM()
	VPERM2F128(Imm(1), acc, acc, other)
	combine(acc, other)
	for _, swap := range []uint64{0x4e, 0xb1} {
		VPERMILPS(Imm(swap), acc, other)
		combine(acc, other)
	}
	VORPS(nan, acc, acc)
	Store(acc.AsX(), ReturnIndex(0))
	VZEROUPPER()
	RET()
}

var globals = map[string]Mem{}

func global(name string, words ...uint32) Mem {
	m, ok := globals[name]
	if !ok {
		m = GLOBL(name, RODATA|NOPTR)
		for i, w := range words {
			DATA(4*i, U32(w))
		}
		globals[name] = m
	}
	return m
}

func word(w uint32) Mem { return global(fmt.Sprintf("reduce%08x", w), w) }

// maskTable returns sixteen words of ones followed by sixteen of zeros.
func maskTable() Mem {
	var t [32]uint32
	for i := range 16 {
		t[i] = 0xffffffff
	}
	return global("reduceMasks", t[:]...)
}
