// Command philox writes the kernels of the random numbers, for AVX2 or, with
// -lanes 16, for AVX-512.
package main

import (
	"flag"
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

var lanes = flag.Int("lanes", 8, "words in a register")

func main() {
	flag.Parse()
	ConstraintExpr("amd64,!noasm")
	blocks()
	uniform()
	Generate()
}

// blocks writes as many blocks of Philox at a time as there are lanes. Counter
// word c is spread over two registers, its even and its odd elements, each in
// the low half of a 64-bit place, where the multiplication wants them; what the
// high halves hold does not matter.
func blocks() {
	name := "philox" + suffix()
	TEXT(name, NOSPLIT, "func(dst *uint32, n int, ctr *[4]uint32, key *[2]uint32)")
	Doc(fmt.Sprintf("%s writes %d*n > 0 blocks, counted from ctr[0] on, as UniformBits has them.", name, *lanes))
	Pragma("noescape")
	dst := Load(Param("dst"), GP64())
	n := Load(Param("n"), GP64())
	ctr := Load(Param("ctr"), GP64())
	key := Load(Param("key"), GP64())
	count := GP32()
	MOVL(Mem{Base: ctr}, count)

	mul := [2]reg.VecVirtual{register(), register()}
	VPBROADCASTQ(word64(0xD2511F53), mul[0])
	VPBROADCASTQ(word64(0xCD9E8D57), mul[1])
	odd := oddWords()

	Label("loop")
	var c [4][2]reg.VecVirtual
	for w := range c {
		for h := range 2 {
			c[w][h] = register()
			if w > 0 {
				VPBROADCASTD(Mem{Base: ctr, Disp: 4 * w}, c[w][h])
			}
		}
	}
	low := XMM()
	VMOVD(count, low)
	first := register()
	VPBROADCASTD(low, first)
	VPADDD(everySecond("philoxEven", 0), first, c[0][0])
	VPADDD(everySecond("philoxOdd", 1), first, c[0][1])
	k := [2]reg.VecVirtual{register(), register()}
	VPBROADCASTD(Mem{Base: key}, k[0])
	VPBROADCASTD(Mem{Base: key, Disp: 4}, k[1])
	for round := range 10 {
		if round > 0 {
			VPADDD(copies("philoxWeyl0", 0x9E3779B9), k[0], k[0])
			VPADDD(copies("philoxWeyl1", 0xBB67AE85), k[1], k[1])
		}
		for h := range 2 {
			p0, p1 := register(), register()
			VPMULUDQ(mul[0], c[0][h], p0)
			VPMULUDQ(mul[1], c[2][h], p1)
			c[0][h] = xorHigh(k[0], c[1][h], p1)
			c[2][h] = xorHigh(k[1], c[3][h], p0)
			c[1][h], c[3][h] = p1, p0
		}
	}
	// Even and odd elements are blocks 0 2 | 4 6 … and 1 3 | 5 7 …. Interleave
	// words 0 with 1 and 2 with 3, so that each 64-bit place holds two of its
	// block.
	var pair [2][2]reg.VecVirtual
	for w := range 2 {
		for h := range 2 {
			t := register()
			VPSLLQ(Imm(32), c[2*w+1][h], t)
			pair[w][h] = odd(t, c[2*w][h])
		}
	}
	var block [4]reg.VecVirtual // of blocks 0|4…, 2|6…, then 1|5…, 3|7…
	for h := range 2 {
		block[2*h], block[2*h+1] = register(), register()
		VPUNPCKLQDQ(pair[1][h], pair[0][h], block[2*h])
		VPUNPCKHQDQ(pair[1][h], pair[0][h], block[2*h+1])
	}
	storeBlocks(dst, block[0], block[2], block[1], block[3])
	ADDL(Imm(uint64(*lanes)), count)
	ADDQ(U32(uint32(16**lanes)), dst)
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// uniform writes the step from words to numbers, in place.
func uniform() {
	name := "uniform" + suffix()
	TEXT(name, NOSPLIT, "func(x *uint32, n int)")
	Doc(fmt.Sprintf("%s turns %d*n > 0 words into uniform numbers, as Uniform has them.", name, *lanes))
	Pragma("noescape")
	x := Load(Param("x"), GP64())
	n := Load(Param("n"), GP64())
	half, scale := register(), register()
	VMOVUPS(copies("philoxHalf", math.Float32bits(0.5)), half)
	VMOVUPS(copies("philoxScale", math.Float32bits(0x1p-23)), scale)
	Label("loop")
	v := register()
	VMOVUPS(Mem{Base: x}, v)
	VPSRLD(Imm(9), v, v)
	VCVTDQ2PS(v, v)
	VADDPS(half, v, v)
	VMULPS(scale, v, v)
	VMOVUPS(v, Mem{Base: x})
	ADDQ(Imm(uint64(4**lanes)), x)
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

// copies is a register's worth of one word.
func copies(name string, w uint32) Mem {
	words := make([]uint32, *lanes)
	for i := range words {
		words[i] = w
	}
	return pattern(name, words...)
}

// everySecond is first, 0, first+2, 0, first+4, 0 …
func everySecond(name string, first uint32) Mem {
	words := make([]uint32, *lanes)
	for i := 0; i < *lanes; i += 2 {
		words[i] = first + uint32(i)
	}
	return pattern(name, words...)
}

func word64(w uint32) Mem { return pattern(fmt.Sprintf("philox%08x", w), w, 0) }
