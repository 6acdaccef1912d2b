// Command philox writes the AVX2 kernels of the random numbers.
package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64,!noasm")
	blocks()
	uniform()
	Generate()
}

// blocks writes eight blocks of Philox at a time. Counter word c is spread over
// two registers, its even and its odd elements, each in the low half of a 64-bit
// place, where the multiplication wants them; what the high halves hold does
// not matter.
func blocks() {
	TEXT("philoxAVX2", NOSPLIT, "func(dst *uint32, n int, ctr *[4]uint32, key *[2]uint32)")
	Doc("philoxAVX2 writes 8*n > 0 blocks, counted from ctr[0] on, as UniformBits has them.")
	Pragma("noescape")
	dst := Load(Param("dst"), GP64())
	n := Load(Param("n"), GP64())
	ctr := Load(Param("ctr"), GP64())
	key := Load(Param("key"), GP64())
	count := GP32()
	MOVL(Mem{Base: ctr}, count)

	mul := [2]reg.VecVirtual{YMM(), YMM()}
	VPBROADCASTQ(word64(0xD2511F53), mul[0])
	VPBROADCASTQ(word64(0xCD9E8D57), mul[1])

	Label("loop")
	var c [4][2]reg.VecVirtual
	for w := range c {
		for h := range 2 {
			c[w][h] = YMM()
			if w > 0 {
				VPBROADCASTD(Mem{Base: ctr, Disp: 4 * w}, c[w][h])
			}
		}
	}
	low := XMM()
	VMOVD(count, low)
	first := YMM()
	VPBROADCASTD(low, first)
	VPADDD(pattern("philoxEven", 0, 0, 2, 0, 4, 0, 6, 0), first, c[0][0])
	VPADDD(pattern("philoxOdd", 1, 0, 3, 0, 5, 0, 7, 0), first, c[0][1])
	k := [2]reg.VecVirtual{YMM(), YMM()}
	VPBROADCASTD(Mem{Base: key}, k[0])
	VPBROADCASTD(Mem{Base: key, Disp: 4}, k[1])
	for round := range 10 {
		if round > 0 {
			VPADDD(pattern8("philoxWeyl0", 0x9E3779B9), k[0], k[0])
			VPADDD(pattern8("philoxWeyl1", 0xBB67AE85), k[1], k[1])
		}
		for h := range 2 {
			p0, p1, hi := YMM(), YMM(), YMM()
			VPMULUDQ(mul[0], c[0][h], p0)
			VPMULUDQ(mul[1], c[2][h], p1)
			VPSRLQ(Imm(32), p1, hi)
			VPXOR(k[0], c[1][h], c[1][h])
			VPXOR(hi, c[1][h], c[0][h])
			VPSRLQ(Imm(32), p0, hi)
			VPXOR(k[1], c[3][h], c[3][h])
			VPXOR(hi, c[3][h], c[2][h])
			c[1][h], c[3][h] = p1, p0
		}
	}
	// Even and odd elements are blocks 0 2 | 4 6 and 1 3 | 5 7. Interleave words
	// 0 with 1 and 2 with 3, so that each 64-bit place holds two of its block.
	var pair [2][2]reg.VecVirtual
	for w := range 2 {
		for h := range 2 {
			t := YMM()
			VPSLLQ(Imm(32), c[2*w+1][h], t)
			pair[w][h] = YMM()
			VPBLENDD(Imm(0xaa), t, c[2*w][h], pair[w][h])
		}
	}
	var block [4]reg.VecVirtual // of blocks 0|4, 2|6 then 1|5, 3|7
	for h := range 2 {
		block[2*h], block[2*h+1] = YMM(), YMM()
		VPUNPCKLQDQ(pair[1][h], pair[0][h], block[2*h])
		VPUNPCKHQDQ(pair[1][h], pair[0][h], block[2*h+1])
	}
	for i, b := range []struct{ a, b int }{{0, 2}, {1, 3}} {
		lo, hi := YMM(), YMM()
		VPERM2I128(Imm(0x20), block[b.b], block[b.a], lo)
		VPERM2I128(Imm(0x31), block[b.b], block[b.a], hi)
		VMOVDQU(lo, Mem{Base: dst, Disp: 32 * i})
		VMOVDQU(hi, Mem{Base: dst, Disp: 64 + 32*i})
	}
	ADDL(Imm(8), count)
	ADDQ(U32(128), dst)
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// uniform writes the step from words to numbers, in place.
func uniform() {
	TEXT("uniformAVX2", NOSPLIT, "func(x *uint32, n int)")
	Doc("uniformAVX2 turns 8*n > 0 words into uniform numbers, as Uniform has them.")
	Pragma("noescape")
	x := Load(Param("x"), GP64())
	n := Load(Param("n"), GP64())
	half, scale := YMM(), YMM()
	VMOVUPS(pattern8("philoxHalf", math.Float32bits(0.5)), half)
	VMOVUPS(pattern8("philoxScale", math.Float32bits(0x1p-23)), scale)
	Label("loop")
	v := YMM()
	VMOVDQU(Mem{Base: x}, v)
	VPSRLD(Imm(9), v, v)
	VCVTDQ2PS(v, v)
	VADDPS(half, v, v)
	VMULPS(scale, v, v)
	VMOVUPS(v, Mem{Base: x})
	ADDQ(Imm(32), x)
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

var globals = map[string]Mem{}

func pattern(name string, words ...uint32) Mem {
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

func pattern8(name string, w uint32) Mem { return pattern(name, w, w, w, w, w, w, w, w) }

func word64(w uint32) Mem { return pattern(fmt.Sprintf("philox%08x", w), w, 0) }
