package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// mask says for every lane yes or no: by words of ones and zeros, of which with
// AVX2 the top bit decides, or with AVX-512 by a bit in an opmask register.
type mask struct {
	words vec
	bits  []Op
}

// cmp returns where a pred b holds.
func cmp(pred uint64, a vec, b any) mask {
	if isa.lanes == 4 {
		return mask{words: neonCompare(pred, a, b)}
	}
	ins := withImm(VCMPPS, pred)
	if isa.lanes == 8 {
		return mask{words: op(ins, a, b)}
	}
	m := mask{bits: make([]Op, len(a))}
	for i := range a {
		m.bits[i] = K()
		ins(lane(b, i), a[i], m.bits[i])
	}
	return m
}

// topBit returns where the top bit of a is set.
func topBit(a vec) mask {
	switch isa.lanes {
	case 4:
		return mask{words: sra(a, 31)}
	case 8:
		return mask{words: a}
	}
	m := mask{bits: make([]Op, len(a))}
	for i := range a {
		m.bits[i] = K()
		VPMOVD2M(a[i], m.bits[i])
	}
	return m
}

// asWords returns words of ones where m holds and of zeros elsewhere. m is of
// a comparison.
func asWords(m mask) vec {
	if isa.lanes != 16 {
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
		switch isa.lanes {
		case 4:
			neonBlend(m.words[i], lane(yes, i), no[i], out[i])
		case 8:
			VBLENDVPS(m.words[i], lane(yes, i), no[i], out[i])
		case 16:
			VBLENDMPS(lane(yes, i), no[i], m.bits[i], out[i])
		}
	}
	return out
}

// keep returns a where m, of a comparison, holds and +0 elsewhere.
func keep(m mask, a any) vec {
	if isa.lanes != 16 {
		return op(isa.and, m.words, a)
	}
	out := newVec(len(m.bits))
	for i := range out {
		VMOVUPS_Z(lane(a, i), m.bits[i], out[i])
	}
	return out
}

// nanWhere returns NaN where m, of a comparison, holds and a elsewhere.
func nanWhere(m mask, a vec) vec {
	if isa.lanes == 16 {
		return blend(m, wordOf("allBits"), a)
	}
	return or(a, m.words)
}
