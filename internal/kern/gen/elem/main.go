// Command elem writes the elementwise kernels, for AVX2 or, with -lanes 16, for
// AVX-512.
package main

import (
	"flag"

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
		return nanWhere(cmp(unord, x, y), and(maxOf(x, y), maxOf(y, x)))
	}},
	{"min", func(x, y vec) vec {
		return nanWhere(cmp(unord, x, y), or(minOf(x, y), minOf(y, x)))
	}},
	{"less", func(x, y vec) vec { return asWords(cmp(lt, x, y)) }},
	{"lessEq", func(x, y vec) vec { return asWords(cmp(le, x, y)) }},
	{"equal", func(x, y vec) vec { return asWords(cmp(eq, x, y)) }},
	{"notEqual", func(x, y vec) vec { return asWords(cmp(neqN, x, y)) }},
	{"and", func(x, y vec) vec { return and(x, y) }},
	{"or", func(x, y vec) vec { return or(x, y) }},
}

func main() {
	flag.IntVar(&lanes, "lanes", 8, "floats in a register")
	flag.Parse()
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
		return blend(topBit(in[0]), in[1], in[2])
	}, "cond", "x", "y")
	kernel("toFloat", "dst []float32, x []int32", 4, func(in []vec, _ reg.VecVirtual) vec { return floatOf(in[0]) }, "x")
	// Out of range the instruction gives the pattern of MinInt32.
	kernel("toInt", "dst []int32, x []float32", 2, func(in []vec, _ reg.VecVirtual) vec {
		x := in[0]
		t := blend(cmp(ge, x, num(1<<31)), pattern(0x7fffffff), truncate(x))
		return keep(cmp(ord, x, x), t)
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

// kernel writes the kernel called name, which applies f to unroll registers at
// a time and then, under a mask, to one at a time.
func kernel(name, params string, unroll int, f func(in []vec, s reg.VecVirtual) vec, inputs ...string) {
	name += map[int]string{8: "AVX2", 16: "AVX512"}[lanes]
	TEXT(name, NOSPLIT, "func("+params+")")
	Doc(name + " sets every element of dst; see the operation.")
	Pragma("noescape")
	dst := Load(Param("dst").Base(), GP64())
	n := Load(Param("dst").Len(), GP64())
	var src []reg.Register
	for _, in := range inputs {
		src = append(src, Load(Param(in).Base(), GP64()))
	}
	var s reg.VecVirtual
	if addr, err := Param("s").Resolve(); err == nil {
		s = register()
		VBROADCASTSS(addr.Addr, s)
	}
	advance := func(floats int) {
		for _, p := range append(src, dst) {
			ADDQ(I32(int32(4*floats)), p)
		}
		SUBQ(I32(int32(floats)), n)
	}

	Label("loop")
	CMPQ(n, I32(int32(lanes*unroll)))
	JLT(LabelRef("tail"))
	var in []vec
	for _, p := range src {
		v := newVec(unroll)
		for i := range v {
			VMOVUPS(Mem{Base: p, Disp: 4 * lanes * i}, v[i])
		}
		in = append(in, v)
	}
	for i, r := range f(in, s)[:unroll] {
		VMOVUPS(r, Mem{Base: dst, Disp: 4 * lanes * i})
	}
	advance(lanes * unroll)
	JMP(LabelRef("loop"))

	Label("tail")
	TESTQ(n, n)
	JLE(LabelRef("end"))
	load, store := firstLanes(n)
	in = nil
	for _, p := range src {
		v := newVec(1)
		load(Mem{Base: p}, v[0])
		in = append(in, v)
	}
	store(f(in, s)[0], Mem{Base: dst})
	advance(lanes)
	JMP(LabelRef("tail"))
	Label("end")
	VZEROUPPER()
	RET()
}
