// Command elem writes the elementwise kernels for AVX2, AVX-512 and NEON. One
// text of each operation, in the words of vec.go and mask.go, serves all three;
// what the instruction sets do differently is in instructions.go, x86.go and
// neon.go.
package main

import (
	"flag"

	. "github.com/mmcloughlin/avo/operand"
)

// chain is the unrolling of long chains of operations, which want as many at a
// time as there are registers for.
const chain = -1

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
	{"recip", 2, func(x vec) vec { return div(all(num(1), len(x)), x) }},
	{"square", 4, func(x vec) vec { return mul(x, x) }},
	// The addition makes +0 of -0.
	{"relu", 4, func(x vec) vec {
		zero := all(num(0), len(x))
		return add(maxOf(zero, x), num(0))
	}},
	{"exp", chain, exp},
	{"expm1", 3, expm1},
	{"log", chain, log},
	{"log1p", 2, log1p},
	{"tanh", chain, tanh},
	{"sigmoid", chain, sigmoid},
	{"softplus", chain, softplus},
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
	{"max", exactMax},
	{"min", exactMin},
	{"less", func(x, y vec) vec { return asWords(cmp(lt, x, y)) }},
	{"lessEq", func(x, y vec) vec { return asWords(cmp(le, x, y)) }},
	{"equal", func(x, y vec) vec { return asWords(cmp(eq, x, y)) }},
	{"notEqual", func(x, y vec) vec { return asWords(cmp(neqN, x, y)) }},
	{"and", func(x, y vec) vec { return and(x, y) }},
	{"or", func(x, y vec) vec { return or(x, y) }},
}

func main() {
	lanes := flag.Int("lanes", 8, "floats in a register: 4 is NEON, 8 is AVX2, 16 is AVX-512")
	flag.String("neon-out", "", "file of assembly to write for NEON, which avo's -out does not know")
	flag.String("neon-stubs", "", "file of declarations to write for NEON")
	flag.Parse()
	isa = map[int]*instructions{4: neon, 8: avx2, 16: avx512}[*lanes]
	for _, k := range unary {
		kernel(k.name, "dst, x []float32", k.unroll, func(in []vec, _ Op) vec { return k.f(in[0]) }, "x")
	}
	for _, k := range binary {
		kernel(k.name, "dst, x, y []float32", 2, func(in []vec, _ Op) vec { return k.f(in[0], in[1]) }, "x", "y")
		kernel(k.name+"Right", "dst, x []float32, s float32", 2, func(in []vec, s Op) vec {
			return k.f(in[0], repeat(s, in[0]))
		}, "x")
		kernel(k.name+"Left", "dst, x []float32, s float32", 2, func(in []vec, s Op) vec {
			return k.f(repeat(s, in[0]), in[0])
		}, "x")
	}
	kernel("expDown", "dst, x []float32", chain, func(in []vec, _ Op) vec { return expDown(in[0]) }, "x")
	kernel("softplusOf", "dst, x, e []float32", chain, func(in []vec, _ Op) vec { return softplusOf(in[0], in[1]) }, "x", "e")
	kernel("sigmoidOf", "dst, x, e []float32", chain, func(in []vec, _ Op) vec { return sigmoidOf(in[0], in[1]) }, "x", "e")
	kernel("select", "dst, cond, x, y []float32", 2, func(in []vec, _ Op) vec {
		return blend(topBit(in[0]), in[1], in[2])
	}, "cond", "x", "y")
	kernel("toFloat", "dst []float32, x []int32", 4, func(in []vec, _ Op) vec { return floatOf(in[0]) }, "x")
	kernel("toInt", "dst []int32, x []float32", 2, func(in []vec, _ Op) vec { return saturate(in[0]) }, "x")
	kernel("fill", "dst []float32, s float32", 4, func(in []vec, s Op) vec { return repeat(s, newVec(4)) })
	isa.generate()
}

func repeat(s Op, like vec) vec {
	v := make(vec, len(like))
	for i := range v {
		v[i] = s
	}
	return v
}

// kernel writes a kernel, which applies f to as many registers at a time as
// unroll says and then to one at a time.
func kernel(name, params string, unroll int, f func(in []vec, s Op) vec, inputs ...string) {
	if unroll == chain {
		unroll = isa.chains
	}
	isa.kernel(name+isa.suffix, params, unroll, f, inputs)
}
