package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/surprisal-go/surprisal/internal/kern/gen/twin"
)

// vec is one value of the twin in as many registers as the loop is unrolled.
type vec []reg.VecVirtual

// Predicates of comparisons. Those in capitals after the N are true with NaN.
const (
	eq    = 0x00
	unord = 0x03
	neqN  = 0x04
	ord   = 0x07
	neq   = 0x0c
	lt    = 0x11
	le    = 0x12
	notLT = 0x15
	notLE = 0x16
	ge    = 0x1d
	notGT = 0x1a
)

var (
	kern   = twin.Read("..")
	shared = map[uint32]Mem{}
)

// lanes is the number of floats in a register: 8 with AVX2, 16 with AVX-512.
var lanes int

func register() reg.VecVirtual {
	if lanes == 16 {
		return ZMM()
	}
	return YMM()
}

// pattern returns the address of a register's worth of copies of the word w.
func pattern(w uint32) Mem {
	m, ok := shared[w]
	if !ok {
		m = GLOBL(fmt.Sprintf("elem%08x", w), RODATA|NOPTR)
		for i := range lanes {
			DATA(4*i, U32(w))
		}
		shared[w] = m
	}
	return m
}

// named and wordOf are constants of package kern; num is a number.
func named(name string) Mem  { return pattern(kern.Float(name)) }
func wordOf(name string) Mem { return pattern(kern.Word(name)) }
func num(f float64) Mem      { return pattern(math.Float32bits(float32(f))) }

func newVec(n int) vec {
	v := make(vec, n)
	for i := range v {
		v[i] = register()
	}
	return v
}

// lane returns register i of a vec, or the memory of a constant.
func lane(a any, i int) Op {
	if v, ok := a.(vec); ok {
		return v[i]
	}
	return a.(Mem)
}

// op returns ins(a, b). a is a vec; b may be a constant.
func op(ins func(...Op), a vec, b any) vec {
	out := newVec(len(a))
	for i := range a {
		ins(lane(b, i), a[i], out[i])
	}
	return out
}

func add(a vec, b any) vec { return op(VADDPS, a, b) }
func sub(a vec, b any) vec { return op(VSUBPS, a, b) }
func mul(a vec, b any) vec { return op(VMULPS, a, b) }
func div(a vec, b any) vec { return op(VDIVPS, a, b) }
func and(a vec, b any) vec { return op(VANDPS, a, b) }
func or(a vec, b any) vec  { return op(VORPS, a, b) }
func xor(a vec, b any) vec { return op(VXORPS, a, b) }

// maxOf and minOf return b where either is NaN or both are zeros.
func maxOf(a vec, b any) vec { return op(VMAXPS, a, b) }
func minOf(a vec, b any) vec { return op(VMINPS, a, b) }

func addInt(a vec, b any) vec { return op(VPADDD, a, b) }
func subInt(a vec, b any) vec { return op(VPSUBD, a, b) }
func maxInt(a vec, b any) vec { return op(VPMAXSD, a, b) }

// withImm turns an instruction with an immediate into one without.
func withImm(ins func(...Op), imm uint64) func(...Op) {
	return func(ops ...Op) { ins(append([]Op{Imm(imm)}, ops...)...) }
}

// one applies an instruction of one source.
func one(ins func(...Op), a vec) vec {
	out := newVec(len(a))
	for i := range a {
		ins(a[i], out[i])
	}
	return out
}

func sqrt(a vec) vec            { return one(VSQRTPS, a) }
func floatOf(a vec) vec         { return one(VCVTDQ2PS, a) }
func truncate(a vec) vec        { return one(VCVTTPS2DQ, a) }
func shl(a vec, n uint64) vec   { return one(withImm(VPSLLD, n), a) }
func sra(a vec, n uint64) vec   { return one(withImm(VPSRAD, n), a) }
func clone(a vec) vec           { return one(VMOVAPS, a) }
func constant(c Mem, n int) vec { v := newVec(n); fill(v, c); return v }

func fill(v vec, c Mem) {
	for i := range v {
		VMOVUPS(c, v[i])
	}
}

func floor(a vec) vec {
	if lanes == 16 {
		return one(withImm(VRNDSCALEPS, 1|8), a)
	}
	return one(func(o ...Op) { VROUNDPS(Imm(1|8), o[0], o[1]) }, a)
}

// fma returns p·x + c in the registers of p.
func fma(p, x vec, c any) vec {
	for i := range p {
		VFMADD213PS(lane(c, i), x[i], p[i])
	}
	return p
}

// fmaInto returns x·y + acc in the registers of acc, fnmaInto acc - x·y.
func fmaInto(acc, x vec, y any) vec {
	for i := range acc {
		VFMADD231PS(lane(y, i), x[i], acc[i])
	}
	return acc
}

func fnmaInto(acc, x vec, y any) vec {
	for i := range acc {
		VFNMADD231PS(lane(y, i), x[i], acc[i])
	}
	return acc
}

// horner returns the polynomial in x whose coefficients are the constants
// called prefix+degree … prefix+0.
func horner(prefix string, degree int, x vec) vec {
	p := constant(named(fmt.Sprint(prefix, degree)), len(x))
	for i := degree - 1; i >= 0; i-- {
		p = fma(p, x, named(fmt.Sprint(prefix, i)))
	}
	return p
}
