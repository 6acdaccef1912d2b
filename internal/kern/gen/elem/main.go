// Command elem writes the AVX2 elementwise kernels.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// unary lists dst = f(x), with the number of registers the loop is unrolled to.
var unary = []struct {
	name   string
	unroll int
	f      func(x vec) vec
}{
	{"neg", 4, func(x vec) vec { return xor(x, wordOf("signBit")) }},
	{"abs", 4, abs},
	{"sign", 2, func(x vec) vec {
		return blend(cmp(neq, x, num(0)), or(signOf(x), num(1)), x)
	}},
	{"floor", 4, floor},
	{"sqrt", 2, sqrt},
	{"recip", 2, func(x vec) vec { return div(constant(num(1), len(x)), x) }},
	{"square", 4, func(x vec) vec { return mul(x, x) }},
	// The addition makes +0 of -0.
	{"relu", 4, func(x vec) vec {
		zero := constant(num(0), len(x))
		return add(maxOf(zero, x), num(0))
	}},
	{"exp", 3, exp},
	{"expm1", 3, expm1},
	{"log", 2, log},
	{"log1p", 2, log1p},
	{"tanh", 2, tanh},
	{"sigmoid", 3, sigmoid},
	{"softplus", 2, softplus},
	{"erf", 2, erf},
	{"sin", 2, sin},
	{"cos", 2, sinQuadrant(1)},
	{"not", 4, func(x vec) vec { return xor(x, wordOf("allBits")) }},
	{"boolToFloat", 4, func(x vec) vec { return and(x, wordOf("oneBits")) }},
}

// binary lists dst = f(x, y), each also with a scalar on either side.
var binary = []struct {
	name string
	f    func(x, y vec) vec
}{
	{"add", func(x, y vec) vec { return add(x, y) }},
	{"sub", func(x, y vec) vec { return sub(x, y) }},
	{"mul", func(x, y vec) vec { return mul(x, y) }},
	{"div", func(x, y vec) vec { return div(x, y) }},
	// Each order of operands gives the second where one is NaN or both are
	// zeros, so the two results differ in the sign of zeros and in NaN alone.
	{"max", func(x, y vec) vec {
		return or(and(maxOf(x, y), maxOf(y, x)), cmp(unord, x, y))
	}},
	{"min", func(x, y vec) vec {
		return or(or(minOf(x, y), minOf(y, x)), cmp(unord, x, y))
	}},
	{"less", func(x, y vec) vec { return cmp(lt, x, y) }},
	{"lessEq", func(x, y vec) vec { return cmp(le, x, y) }},
	{"equal", func(x, y vec) vec { return cmp(eq, x, y) }},
	{"notEqual", func(x, y vec) vec { return cmp(neqN, x, y) }},
	{"and", func(x, y vec) vec { return and(x, y) }},
	{"or", func(x, y vec) vec { return or(x, y) }},
}

func main() {
	ConstraintExpr("amd64,!noasm")
	for _, k := range unary {
		kernel(k.name, "dst, x []float32", k.unroll, func(in []vec, _ reg.VecVirtual) vec { return k.f(in[0]) }, "x")
	}
	for _, k := range binary {
		kernel(k.name, "dst, x, y []float32", 2, func(in []vec, _ reg.VecVirtual) vec { return k.f(in[0], in[1]) }, "x", "y")
		kernel(k.name+"Right", "dst, x []float32, s float32", 2, func(in []vec, s reg.VecVirtual) vec {
			return k.f(in[0], repeat(s, in[0]))
		}, "x")
		kernel(k.name+"Left", "dst, x []float32, s float32", 2, func(in []vec, s reg.VecVirtual) vec {
			return k.f(repeat(s, in[0]), in[0])
		}, "x")
	}
	kernel("select", "dst, cond, x, y []float32", 2, func(in []vec, _ reg.VecVirtual) vec {
		return blend(in[0], in[1], in[2])
	}, "cond", "x", "y")
	kernel("toFloat", "dst []float32, x []int32", 4, func(in []vec, _ reg.VecVirtual) vec { return floatOf(in[0]) }, "x")
	// Out of range the instruction gives the pattern of MinInt32.
	kernel("toInt", "dst []int32, x []float32", 2, func(in []vec, _ reg.VecVirtual) vec {
		x := in[0]
		t := xor(truncate(x), cmp(ge, x, num(1<<31)))
		return and(t, cmp(ord, x, x))
	}, "x")
	kernel("fill", "dst []float32, s float32", 4, func(in []vec, s reg.VecVirtual) vec { return repeat(s, newVec(4)) })
	Generate()
}

func repeat(s reg.VecVirtual, like vec) vec {
	v := make(vec, len(like))
	for i := range v {
		v[i] = s
	}
	return v
}

// kernel writes name+"AVX2", which applies f to blocks of 8·unroll elements
// and then, under a mask, to eight at a time.
func kernel(name, params string, unroll int, f func(in []vec, s reg.VecVirtual) vec, inputs ...string) {
	TEXT(name+"AVX2", NOSPLIT, "func("+params+")")
	Doc(fmt.Sprintf("%sAVX2 sets every element of dst; see the operation.", name))
	Pragma("noescape")
	dst := Load(Param("dst").Base(), GP64())
	n := Load(Param("dst").Len(), GP64())
	var src []reg.Register
	for _, in := range inputs {
		src = append(src, Load(Param(in).Base(), GP64()))
	}
	var s reg.VecVirtual
	if addr, err := Param("s").Resolve(); err == nil {
		s = YMM()
		VBROADCASTSS(addr.Addr, s)
	}
	advance := func(floats int) {
		for _, p := range append(src, dst) {
			ADDQ(I32(int32(4*floats)), p)
		}
		SUBQ(I32(int32(floats)), n)
	}

	Label("loop")
	CMPQ(n, I32(int32(8*unroll)))
	JLT(LabelRef("tail"))
	var in []vec
	for _, p := range src {
		v := newVec(unroll)
		for i := range v {
			VMOVUPS(Mem{Base: p, Disp: 32 * i}, v[i])
		}
		in = append(in, v)
	}
	for i, r := range f(in, s)[:unroll] {
		VMOVUPS(r, Mem{Base: dst, Disp: 32 * i})
	}
	advance(8 * unroll)
	JMP(LabelRef("loop"))

	Label("tail")
	TESTQ(n, n)
	JLE(LabelRef("end"))
	skip := GP64() // words of the mask table to skip: 8 - min(n, 8)
	MOVQ(U32(8), skip)
	SUBQ(n, skip)
	zero := GP64()
	XORQ(zero, zero)
	CMPQ(n, Imm(8))
	CMOVQGT(zero, skip)
	table := GP64()
	LEAQ(maskTable(), table)
	mask := YMM()
	VMOVUPS(Mem{Base: table, Index: skip, Scale: 4}, mask)
	in = nil
	for _, p := range src {
		v := newVec(1)
		VMASKMOVPS(Mem{Base: p}, mask, v[0])
		in = append(in, v)
	}
	VMASKMOVPS(f(in, s)[0], mask, Mem{Base: dst})
	advance(8)
	JMP(LabelRef("tail"))
	Label("end")
	VZEROUPPER()
	RET()
}

var masks *Mem

// maskTable returns eight words of ones followed by eight of zeros.
func maskTable() Mem {
	if masks == nil {
		m := GLOBL("elemMasks", RODATA|NOPTR)
		for i, w := range [16]uint32{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff} {
			DATA(4*i, U32(w))
		}
		masks = &m
	}
	return *masks
}
