package main

import (
	. "github.com/mmcloughlin/avo/operand"
)

var neon = &instructions{
	suffix:        "NEON",
	lanes:         4,
	chains:        4,
	exactExtremes: true,

	register: func() Op { return new(value) },
	pattern:  func(w uint32) Op { return constantWord(w) },

	add: three("FADD", 0x4e20d400), sub: three("FSUB", 0x4ea0d400),
	mul: three("FMUL", 0x6e20dc00), div: three("FDIV", 0x6e20fc00),
	and: three("AND", 0x4e201c00), or: three("ORR", 0x4ea01c00), xor: three("EOR", 0x6e201c00),
	max: three("FMAX", 0x4e20f400), min: three("FMIN", 0x4ea0f400),
	addInt: three("ADD", 0x4ea08400), subInt: three("SUB", 0x6ea08400), maxInt: three("SMAX", 0x4ea06400),
	sqrt: two("FSQRT", 0x6ea1f800), floatOf: two("SCVTF", 0x4e21d800), truncate: two("FCVTZS", 0x4ea1b800),
	floor: two("FRINTM", 0x4e219800),
	move:  func(o ...Op) { o[1].(*value).id = o[0].(*value).id },
	load:  func(o ...Op) { o[1].(*value).id = fresh(o[0]) },
	shl:   func(n uint64) func(...Op) { return two("SHL", 0x4f005400|uint32(32+n)<<16) },
	sra:   func(n uint64) func(...Op) { return two("SSHR", 0x4f000400|uint32(64-n)<<16) },

	fma213: func(o ...Op) { tied("FMLA", 0x4e20cc00, fresh(o[0]), o[2].(*value), o[2], o[1]) },
	fma231: func(o ...Op) { tied("FMLA", 0x4e20cc00, use(o[2]), o[2].(*value), o[1], o[0]) },
	fnma231: func(o ...Op) {
		tied("FMLS", 0x4ea0cc00, use(o[2]), o[2].(*value), o[1], o[0])
	},

	shared:   func(a any, n int) any { return a },
	again:    func(a vec) vec { return a },
	kernel:   neonKernel,
	generate: writeNEON,
}

// three is an instruction of two sources, two one of a single source.
func three(name string, word uint32) func(...Op) {
	return func(o ...Op) { emit(name, word, o[2].(*value), use(o[1]), use(o[0])) }
}

func two(name string, word uint32) func(...Op) {
	return func(o ...Op) { emit(name, word, o[1].(*value), use(o[0])) }
}

// tied is an instruction that also reads its result, here from the value start.
func tied(name string, word uint32, start int, out *value, n, m Op) {
	emit(name, word, out, use(n), use(m))
	body[len(body)-1].start = start
}

// neonCompare returns words of ones where a pred b holds.
func neonCompare(pred uint64, a vec, b any) vec {
	equal := three("FCMEQ", 0x4e20e400)   // b = a
	greater := three("FCMGT", 0x6ea0e400) // a > b
	notLess := three("FCMGE", 0x6e20e400) // a ≥ b
	not := two("NOT", 0x6e205800)
	swap := func(ins func(...Op)) func(...Op) { return func(o ...Op) { ins(o[1], o[0], o[2]) } }
	switch pred {
	case eq:
		return op(equal, a, b)
	case neqN:
		return one(not, op(equal, a, b))
	case neq: // and ordered
		return or(op(greater, a, b), op(swap(greater), a, b))
	case lt:
		return op(swap(greater), a, b)
	case le:
		return op(swap(notLess), a, b)
	case ge:
		return op(notLess, a, b)
	case notLT:
		return one(not, op(swap(greater), a, b))
	case notLE:
		return one(not, op(swap(notLess), a, b))
	case notGE:
		return one(not, op(notLess, a, b))
	case unord: // b is a
		return one(not, op(equal, a, b))
	case notGT:
		return one(not, op(greater, a, b))
	}
	panic("no such comparison")
}

// neonBlend sets out to yes where m holds and to no elsewhere.
func neonBlend(m, yes, no, out Op) {
	tied("BSL", 0x6e601c00, use(m), out.(*value), yes, no)
}
