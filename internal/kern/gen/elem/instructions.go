package main

import . "github.com/mmcloughlin/avo/operand"

// instructions is what the operations are made of. Each takes its operands in
// the order of Go's assembler, the result last, so that sub(b, a, out) is
// a - b; only the first may be a constant. They work on one register.
type instructions struct {
	suffix string // of kernels' names
	lanes  int    // floats in a register
	chains int    // see chain

	// exactExtremes says that max and min treat NaN and the signs of zeros as
	// Max and Min do, and that truncate saturates.
	exactExtremes bool

	register func() Op         // a new register
	pattern  func(w uint32) Op // a constant of copies of w

	add, sub, mul, div      func(...Op)
	and, or, xor            func(...Op)
	max, min                func(...Op)
	addInt, subInt, maxInt  func(...Op)
	sqrt, floatOf, truncate func(...Op)
	floor, move, load       func(...Op)
	shl, sra                func(n uint64) func(...Op)
	fma213                  func(...Op) // fma213(c, x, p): p = p·x + c
	fma231, fnma231         func(...Op) // fma231(y, x, acc): acc = acc ± x·y

	shared   func(a any, n int) any // a, in a register if it is a constant that n instructions read
	again    func(a vec) vec        // an input, loaded anew if that frees registers
	kernel   func(name, params string, unroll int, f func(in []vec, s Op) vec, inputs []string)
	generate func()
}

var isa *instructions
