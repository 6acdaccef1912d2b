package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// columns is where a kernel is in rows of sixteen columns, of which the first
// column has seen, the next one more, and in the lanes of their sums, which lie
// in memory: sixteen rows of them.
type columns struct {
	n, seen, ld reg.Register
	lanes, lane reg.Register // lane is in bytes
	unseen      *pair        // in rows that not all columns have
}

func newColumns() *columns {
	return &columns{n: Load(Param("n"), GP64()), seen: Load(Param("seen"), GP64()), ld: Load(Param("ld"), GP64()),
		lanes: Load(Param("lanes"), GP64()), lane: GP64()}
}

// clear sets the lanes to +0.
func (c *columns) clear() {
	zero := YMM()
	VXORPS(zero, zero, zero)
	for i := range 32 {
		VMOVUPS(zero, Mem{Base: c.lanes, Disp: 32 * i})
	}
	XORQ(c.lane, c.lane)
}

// loop runs body for every row, with pointers into it: first for those that all
// columns have.
func (c *columns) loop(label string, body func(at []reg.Register), from ...reg.Register) {
	n, at := GP64(), make([]reg.Register, len(from))
	for i, p := range from {
		at[i] = GP64()
		MOVQ(p, at[i])
	}
	next := func() {
		for _, p := range at {
			ADDQ(c.ld, p)
		}
		DECQ(n)
	}
	c.unseen = nil
	MOVQ(c.seen, n)
	TESTQ(n, n)
	JZ(LabelRef(label + "Seen"))
	Label(label)
	body(at)
	next()
	JNZ(LabelRef(label))
	Label(label + "Seen")
	MOVQ(c.n, n)
	SUBQ(c.seen, n)
	JZ(LabelRef(label + "End"))
	all, mask := GP64(), GP64()
	LEAQ(maskTable(), all) // sixteen words of ones, and then zeros
	LEAQ(Mem{Base: all, Disp: 64}, mask)
	Label(label + "Part")
	SUBQ(Imm(4), mask)
	CMPQ(mask, all)
	CMOVQLT(all, mask)
	m := loadPair(mask)
	c.unseen = &m
	body(at)
	next()
	JNZ(LabelRef(label + "Part"))
	Label(label + "End")
}

// hide puts another vector in place of what columns have not.
func (c *columns) hide(v pair, by reg.VecVirtual) {
	for i := range v {
		if c.unseen != nil {
			VBLENDVPS(c.unseen[i], by, v[i], v[i])
		}
	}
}

// add adds a row to its lane.
func (c *columns) add(v pair) {
	for i := range v {
		m := Mem{Base: c.lanes, Index: c.lane, Scale: 1, Disp: 32 * i}
		VADDPS(m, v[i], v[i])
		VMOVUPS(v[i], m)
	}
	ADDQ(Imm(64), c.lane)
	ANDQ(U32(1023), c.lane)
}

// fold adds the lanes in the order of Sum.
func (c *columns) fold() (sum pair) {
	for i := range sum {
		lane := func(l int) Mem { return Mem{Base: c.lanes, Disp: 64*l + 32*i} }
		var l [8]reg.VecVirtual
		for j := range l {
			l[j] = YMM()
			VMOVUPS(lane(j), l[j])
			VADDPS(lane(j+8), l[j], l[j])
		}
		for half := 4; half > 0; half /= 2 {
			for j := range half {
				VADDPS(l[j+half], l[j], l[j])
			}
		}
		sum[i] = l[0]
	}
	return sum
}

func loadPair(p reg.Register) pair {
	v := newPair()
	for i := range v {
		VMOVUPS(Mem{Base: p, Disp: 32 * i}, v[i])
	}
	return v
}

func storePair(v pair, p reg.Register) {
	for i := range v {
		VMOVUPS(v[i], Mem{Base: p, Disp: 32 * i})
	}
}

// expSumColumns writes the exponentials of columns less their maxima, and their
// sums. Like expSum, it gives up where a maximum is infinite or NaN.
func expSumColumns() {
	TEXT("expSumColumnsAVX2", NOSPLIT, "func(n, seen int, x *float32, ld int, lanes, sum *float32) (done bool)")
	Doc("expSumColumnsAVX2 is ExpSumColumns of up to a chunk of n > 0 rows, seen of them in the first column; or only what is not seen is set to −Inf, if a maximum is not finite. The stride is in bytes.")
	Pragma("noescape")
	c, x := newColumns(), Load(Param("x"), GP64())
	best, nan, zero, none := newPair(), YMM(), YMM(), YMM()
	VXORPS(nan, nan, nan)
	VXORPS(zero, zero, zero)
	VMOVUPS(word(0xff800000), none)
	for _, b := range best {
		VMOVAPS(none, b)
	}
	c.loop("largest", func(at []reg.Register) {
		v, u := loadPair(at[0]), YMM()
		if c.unseen != nil {
			c.hide(v, none)
			storePair(v, at[0])
		}
		VCMPPS(Imm(3), v[0], v[1], u) // true where either is NaN
		VORPS(u, nan, nan)
		for i := range v {
			VMAXPS(v[i], best[i], best[i])
		}
	}, x)
	finite, open := newPair(), GP32()
	for i, f := range finite {
		VADDPS(zero, best[i], best[i])
		VANDPS(word(0x7fffffff), best[i], f)
		VCMPPS(Imm(1), word(0x7f800000), f, f) // |best| < ∞
	}
	VANDPS(finite[0], finite[1], finite[0])
	VANDNPS(finite[0], nan, finite[0])
	VMOVMSKPS(finite[0], open)
	done := GP8()
	CMPL(open, U32(0xff))
	SETEQ(done)
	Store(done, ReturnIndex(0))
	JNE(LabelRef("none"))

	c.clear()
	e := newExps()
	c.loop("exps", func(at []reg.Register) {
		v := loadPair(at[0])
		for i := range v {
			VSUBPS(best[i], v[i], v[i])
		}
		v = e.of(v)
		storePair(v, at[0])
		c.add(v)
	}, x)
	storePair(c.fold(), Load(Param("sum"), GP64()))
	Label("none")
	VZEROUPPER()
	RET()
}

// softmaxGradColumns writes (x − Dot(x, y)/sum)·y.
func softmaxGradColumns() {
	TEXT("softmaxGradColumnsAVX2", NOSPLIT, "func(n, seen int, x, y *float32, ld int, lanes, sum *float32)")
	Doc("softmaxGradColumnsAVX2 sets up to a chunk of n > 0 rows of x, seen of them in the first column; see the method of Impl. The stride is in bytes.")
	Pragma("noescape")
	c, x, y, zero := newColumns(), Load(Param("x"), GP64()), Load(Param("y"), GP64()), YMM()
	VXORPS(zero, zero, zero)
	c.clear()
	c.loop("products", func(at []reg.Register) {
		v := loadPair(at[0])
		c.hide(v, zero) // may be infinite
		for i := range v {
			VMULPS(Mem{Base: at[1], Disp: 32 * i}, v[i], v[i])
		}
		c.add(v)
	}, x, y)
	mean, sum := c.fold(), Load(Param("sum"), GP64())
	for i := range mean {
		VDIVPS(Mem{Base: sum, Disp: 32 * i}, mean[i], mean[i])
	}
	c.loop("differences", func(at []reg.Register) {
		v := loadPair(at[0])
		for i := range v {
			VSUBPS(mean[i], v[i], v[i])
			VMULPS(Mem{Base: at[1], Disp: 32 * i}, v[i], v[i])
		}
		c.hide(v, zero) // NaN, if one of the sums is
		storePair(v, at[0])
	}, x, y)
	VZEROUPPER()
	RET()
}
