package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/operand"

	"github.com/surprisal-go/surprisal/internal/kern/gen/twin"
)

// vec is one value of the twin in as many registers as the loop is unrolled.
type vec []Op

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
	notGE = 0x19
)

var kern = twin.Read("..")

func pattern(w uint32) Op { return isa.pattern(w) }

// named and wordOf are constants of package kern; num is a number.
func named(name string) Op  { return pattern(kern.Float(name)) }
func wordOf(name string) Op { return pattern(kern.Word(name)) }
func num(f float64) Op      { return pattern(math.Float32bits(float32(f))) }

func newVec(n int) vec {
	v := make(vec, n)
	for i := range v {
		v[i] = isa.register()
	}
	return v
}

// lane returns register i of a vec, or the memory of a constant.
func lane(a any, i int) Op {
	if v, ok := a.(vec); ok {
		return v[i]
	}
	return a.(Op)
}

// op returns ins(a, b). a is a vec; b may be a constant.
func op(ins func(...Op), a vec, b any) vec {
	b = isa.shared(b, len(a))
	out := newVec(len(a))
	for i := range a {
		ins(lane(b, i), a[i], out[i])
	}
	return out
}

func add(a vec, b any) vec { return op(isa.add, a, b) }
func sub(a vec, b any) vec { return op(isa.sub, a, b) }
func mul(a vec, b any) vec { return op(isa.mul, a, b) }
func div(a vec, b any) vec { return op(isa.div, a, b) }
func and(a vec, b any) vec { return op(isa.and, a, b) }
func or(a vec, b any) vec  { return op(isa.or, a, b) }
func xor(a vec, b any) vec { return op(isa.xor, a, b) }

// maxOf and minOf return b where either is NaN or both are zeros, or on arm64
// what Max and Min are to return.
func maxOf(a vec, b any) vec { return op(isa.max, a, b) }
func minOf(a vec, b any) vec { return op(isa.min, a, b) }

// exactMax and exactMin are the operations. Each order of the operands gives
// the second where one is NaN or both are zeros, so the two results differ in
// the sign of zeros and in NaN alone.
func exactMax(x, y vec) vec {
	if isa.exactExtremes {
		return maxOf(x, y)
	}
	return nanWhere(cmp(unord, x, y), and(maxOf(x, y), maxOf(y, x)))
}

func exactMin(x, y vec) vec {
	if isa.exactExtremes {
		return minOf(x, y)
	}
	return nanWhere(cmp(unord, x, y), or(minOf(x, y), minOf(y, x)))
}

// saturate is FloatToInt32. Out of range the instruction of x86 gives the
// pattern of MinInt32.
func saturate(x vec) vec {
	if isa.exactExtremes {
		return truncate(x)
	}
	t := blend(cmp(ge, x, num(1<<31)), pattern(0x7fffffff), truncate(x))
	return keep(cmp(ord, x, x), t)
}

func addInt(a vec, b any) vec { return op(isa.addInt, a, b) }
func subInt(a vec, b any) vec { return op(isa.subInt, a, b) }
func maxInt(a vec, b any) vec { return op(isa.maxInt, a, b) }

// one applies an instruction of one source.
func one(ins func(...Op), a vec) vec {
	out := newVec(len(a))
	for i := range a {
		ins(a[i], out[i])
	}
	return out
}

func sqrt(a vec) vec          { return one(isa.sqrt, a) }
func floatOf(a vec) vec       { return one(isa.floatOf, a) }
func truncate(a vec) vec      { return one(isa.truncate, a) }
func shl(a vec, n uint64) vec { return one(isa.shl(n), a) }
func sra(a vec, n uint64) vec { return one(isa.sra(n), a) }
func floor(a vec) vec         { return one(isa.floor, a) }
func clone(a vec) vec         { return one(isa.move, a) }
func again(a vec) vec         { return isa.again(a) }

// all returns n times the constant c, in one register: to be read, not to be
// worked on.
func all(c Op, n int) vec {
	v := newVec(1)
	isa.load(c, v[0])
	return repeat(v[0], make(vec, n))
}

// constant returns n copies of the constant c.
func constant(c Op, n int) vec {
	v := newVec(n)
	isa.load(c, v[0])
	for i := range v[1:] {
		isa.move(v[0], v[1+i])
	}
	return v
}

// fma returns p·x + c in the registers of p.
func fma(p, x vec, c any) vec {
	c = isa.shared(c, len(p))
	for i := range p {
		isa.fma213(lane(c, i), x[i], p[i])
	}
	return p
}

// fmaInto returns x·y + acc in the registers of acc, fnmaInto acc - x·y.
func fmaInto(acc, x vec, y any) vec {
	y = isa.shared(y, len(acc))
	for i := range acc {
		isa.fma231(lane(y, i), x[i], acc[i])
	}
	return acc
}

func fnmaInto(acc, x vec, y any) vec {
	y = isa.shared(y, len(acc))
	for i := range acc {
		isa.fnma231(lane(y, i), x[i], acc[i])
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
