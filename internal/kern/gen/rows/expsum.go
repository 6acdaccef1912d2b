package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// expSum writes the exponentials of a row less its maximum, and their sum. It
// gives up, with a sum of 0, where the maximum is infinite or NaN.
func expSum() {
	TEXT("expSumAVX2", NOSPLIT, "func(dst, x []float32) (shift, sum float32)")
	Doc("expSumAVX2 is ExpSum of one chunk; or sum is 0 and nothing done, if the maximum is not finite.")
	Pragma("noescape")
	x, n := Load(Param("x").Base(), GP64()), Load(Param("x").Len(), GP64())
	first, count := GP64(), GP64()
	MOVQ(x, first)
	MOVQ(n, count)
	m := largest(&row{n: n, at: []reg.Register{x}})
	top := GP32()
	VMOVD(m.AsX(), top)
	ANDL(U32(0x7fffffff), top)
	CMPL(top, U32(0x7f800000))
	JAE(LabelRef("none"))
	Store(m.AsX(), ReturnIndex(0))
	VBROADCASTSS(m.AsX(), m)

	dst := Load(Param("dst").Base(), GP64())
	r := &row{n: count, at: []reg.Register{first, dst}}
	e := newExps()
	lanes := newPair().clear()
	r.loop("exps", func() {
		v := r.load(first)
		for i := range v {
			VSUBPS(m, v[i], v[i])
		}
		v = e.of(v)
		for i := range v {
			if r.mask != nil {
				VANDPS(r.mask[i], v[i], v[i])
			}
			VADDPS(v[i], lanes[i], lanes[i])
		}
		r.store(v, dst)
	})
	Store(fold(lanes), ReturnIndex(1))
	VZEROUPPER()
	RET()

	Label("none")
	zero := XMM()
	VXORPS(zero, zero, zero)
	Store(zero, ReturnIndex(0))
	Store(zero, ReturnIndex(1))
	VZEROUPPER()
	RET()
}

// largest returns the maximum plus +0, or NaN if there is one, in the first
// lane.
func largest(r *row) reg.VecVirtual {
	best, nan, none := newPair(), YMM(), YMM()
	VXORPS(nan, nan, nan)
	VMOVUPS(word(0xff800000), none)
	for _, b := range best {
		VMOVAPS(none, b)
	}
	r.loop("largest", func() {
		v, u := r.load(r.at[0]), YMM()
		VCMPPS(Imm(3), v[0], v[1], u) // true where either is NaN
		VORPS(u, nan, nan)
		for i := range v {
			if r.mask != nil {
				VBLENDVPS(r.mask[i], v[i], none, v[i])
			}
			VMAXPS(v[i], best[i], best[i])
		}
	})
	acc, other := best[0], YMM()
	VMAXPS(best[1], acc, acc)
	VPERM2F128(Imm(1), acc, acc, other)
	VMAXPS(other, acc, acc)
	for _, swap := range []uint64{0x4e, 0xb1} {
		VPERMILPS(Imm(swap), acc, other)
		VMAXPS(other, acc, acc)
	}
	VXORPS(other, other, other)
	VADDPS(other, acc, acc)
	VMOVMSKPS(nan, r.at[0].(reg.GPVirtual).As32())
	TESTL(r.at[0].(reg.GPVirtual).As32(), r.at[0].(reg.GPVirtual).As32())
	JNZ(LabelRef("none"))
	return acc
}

// exps is exp of numbers that are not above 0 and not NaN: line by line that of
// package kern without what only others need.
type exps struct {
	log2e, rounder, ln2Hi, ln2Lo, one reg.VecVirtual
}

func newExps() *exps {
	load := func(w uint32) reg.VecVirtual {
		v := YMM()
		VMOVUPS(word(w), v)
		return v
	}
	return &exps{load(kern.Float("log2e")), load(kern.Float("rounder")), load(kern.Float("ln2Hi")), load(kern.Float("ln2Lo")), load(0x3f800000)}
}

// of returns the exponentials. The bits of rounder that are left in t leave it
// when it is shifted into the exponent.
func (e *exps) of(x pair) pair {
	t, f, keep := newPair(), newPair(), newPair()
	each := func(do func(i int)) { do(0); do(1) }
	each(func(i int) { VMOVAPS(e.rounder, t[i]) })
	each(func(i int) { VFMADD231PS(e.log2e, x[i], t[i]) })
	each(func(i int) { VCMPPS(Imm(0x1d), word(kern.Float("expMin")), x[i], keep[i]) }) // x ≥ expMin
	each(func(i int) { VSUBPS(e.rounder, t[i], f[i]) })
	each(func(i int) { VFNMADD231PS(e.ln2Hi, f[i], x[i]) })
	each(func(i int) { VFNMADD231PS(e.ln2Lo, f[i], x[i]) })
	each(func(i int) { VPSLLD(Imm(23), t[i], t[i]) })
	p := f
	each(func(i int) { VMOVUPS(word(kern.Float("expC4")), p[i]) })
	for _, c := range []string{"expC3", "expC2", "expC1", "expC0"} {
		each(func(i int) { VFMADD213PS(word(kern.Float(c)), x[i], p[i]) })
	}
	for range 2 {
		each(func(i int) { VFMADD213PS(e.one, x[i], p[i]) })
	}
	each(func(i int) { VPADDD(t[i], p[i], p[i]) })
	each(func(i int) { VANDPS(keep[i], p[i], p[i]) })
	return p
}
