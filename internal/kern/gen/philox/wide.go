package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// What follows is done in another way by each instruction set.

func suffix() string {
	if *lanes == 16 {
		return "AVX512"
	}
	return "AVX2"
}

func register() reg.VecVirtual {
	if *lanes == 16 {
		return ZMM()
	}
	return YMM()
}

// xorHigh returns k ^ c ^ p>>32 in the low half of every 64-bit place.
func xorHigh(k, c, p reg.VecVirtual) reg.VecVirtual {
	hi := register()
	VPSRLQ(Imm(32), p, hi)
	if *lanes == 16 {
		VPTERNLOGD(Imm(0x96), k, c, hi)
		return hi
	}
	VPXOR(k, hi, hi)
	VPXOR(c, hi, hi)
	return hi
}

// oddWords returns the function that takes odd words of a and even ones of b.
func oddWords() func(a, b reg.VecVirtual) reg.VecVirtual {
	if *lanes != 16 {
		return func(a, b reg.VecVirtual) reg.VecVirtual {
			v := YMM()
			VPBLENDD(Imm(0xaa), a, b, v)
			return v
		}
	}
	bits, k := GP32(), K()
	MOVL(U32(0xaaaa), bits)
	KMOVW(bits, k)
	return func(a, b reg.VecVirtual) reg.VecVirtual {
		v := ZMM()
		VPBLENDMD(a, b, k, v)
		return v
	}
}

// storeBlocks writes the 128-bit parts 0 of a, b, c and d, then their parts 1
// and so on.
func storeBlocks(dst reg.Register, a, b, c, d reg.VecVirtual) {
	if *lanes != 16 {
		for i, half := range [2]uint64{0x20, 0x31} {
			for j, p := range [2][2]reg.VecVirtual{{a, b}, {c, d}} {
				v := YMM()
				VPERM2I128(Imm(half), p[1], p[0], v)
				VMOVDQU(v, Mem{Base: dst, Disp: 64*i + 32*j})
			}
		}
		return
	}
	for i, half := range [2]uint64{0x44, 0xee} { // parts 0 and 1, then 2 and 3
		ab, cd := ZMM(), ZMM()
		VSHUFI32X4(Imm(half), b, a, ab) // a0 a1 b0 b1
		VSHUFI32X4(Imm(half), d, c, cd)
		for j, part := range [2]uint64{0x88, 0xdd} {
			v := ZMM()
			VSHUFI32X4(Imm(part), cd, ab, v)
			VMOVUPS(v, Mem{Base: dst, Disp: 128*i + 64*j})
		}
	}
}
