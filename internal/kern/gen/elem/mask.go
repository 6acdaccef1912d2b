package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// mask says for every lane yes or no: with AVX2 by words of ones and zeros, of
// which the top bit decides, with AVX-512 by a bit in an opmask register.
type mask struct {
	words vec
	bits  []reg.OpmaskVirtual
}

// cmp returns where a pred b holds.
func cmp(pred uint64, a vec, b any) mask {
	ins := withImm(VCMPPS, pred)
	if lanes != 16 {
		return mask{words: op(ins, a, b)}
	}
	m := mask{bits: make([]reg.OpmaskVirtual, len(a))}
	for i := range a {
		m.bits[i] = K()
		ins(lane(b, i), a[i], m.bits[i])
	}
	return m
}

// topBit returns where the top bit of a is set.
func topBit(a vec) mask {
	if lanes != 16 {
		return mask{words: a}
	}
	m := mask{bits: make([]reg.OpmaskVirtual, len(a))}
	for i := range a {
		m.bits[i] = K()
		VPMOVD2M(a[i], m.bits[i])
	}
	return m
}

// asWords returns words of ones where m holds and of zeros elsewhere. m is of
// a comparison.
func asWords(m mask) vec {
	if lanes != 16 {
		return m.words
	}
	out := newVec(len(m.bits))
	for i := range out {
		VPMOVM2D(m.bits[i], out[i])
	}
	return out
}

// blend returns yes where m holds and no elsewhere.
func blend(m mask, yes any, no vec) vec {
	out := newVec(len(no))
	for i := range out {
		if lanes == 16 {
			VBLENDMPS(lane(yes, i), no[i], m.bits[i], out[i])
		} else {
			VBLENDVPS(m.words[i], lane(yes, i), no[i], out[i])
		}
	}
	return out
}

// keep returns a where m, of a comparison, holds and +0 elsewhere.
func keep(m mask, a any) vec {
	if lanes != 16 {
		return op(VANDPS, m.words, a)
	}
	out := newVec(len(m.bits))
	for i := range out {
		VMOVUPS_Z(lane(a, i), m.bits[i], out[i])
	}
	return out
}

// nanWhere returns NaN where m, of a comparison, holds and a elsewhere.
func nanWhere(m mask, a vec) vec {
	if lanes == 16 {
		return blend(m, wordOf("allBits"), a)
	}
	return or(a, m.words)
}

// firstLanes returns moves of the first n > 0 lanes, or of all if there are
// fewer. Loads leave +0 in the others.
func firstLanes(n reg.Register) (load, store func(from, to Op)) {
	if lanes == 16 {
		count, k := ZMM(), K()
		VPBROADCASTD(n.(reg.GPVirtual).As32(), count)
		VPCMPGTD(ascending(), count, k) // n > lane
		return func(from, to Op) { VMOVUPS_Z(from, k, to) }, func(from, to Op) { VMOVUPS(from, k, to) }
	}
	skip := GP64() // words of the mask table to skip: 8 - min(n, 8)
	MOVQ(U32(8), skip)
	SUBQ(n, skip)
	zero := GP64()
	XORQ(zero, zero)
	CMPQ(n, Imm(8))
	CMOVQGT(zero, skip)
	start := GP64()
	LEAQ(maskTable(), start)
	m := YMM()
	VMOVUPS(Mem{Base: start, Index: skip, Scale: 4}, m)
	return func(from, to Op) { VMASKMOVPS(from, m, to) }, func(from, to Op) { VMASKMOVPS(from, m, to) }
}

var tables = map[string]Mem{}

func table(name string, words []uint32) Mem {
	m, ok := tables[name]
	if !ok {
		m = GLOBL(name, RODATA|NOPTR)
		for i, w := range words {
			DATA(4*i, U32(w))
		}
		tables[name] = m
	}
	return m
}

// maskTable returns eight words of ones followed by eight of zeros.
func maskTable() Mem {
	words := make([]uint32, 16)
	for i := range 8 {
		words[i] = 1<<32 - 1
	}
	return table("elemMasks", words)
}

// ascending returns the numbers 0 to 15.
func ascending() Mem {
	words := make([]uint32, 16)
	for i := range words {
		words[i] = uint32(i)
	}
	return table("elemAscending", words)
}
