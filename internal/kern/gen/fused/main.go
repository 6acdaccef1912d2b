// Command fused writes the AVX2 kernels of expressions that occur often enough
// to be worth one pass.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64,!noasm")
	one("flush", "dst, x []float32, least float32", func(in, s []reg.VecVirtual) reg.VecVirtual {
		return flush(in[0], s[0])
	}, []string{"x"}, []string{"least"})
	one("gate", "dst, x, g []float32", func(in, s []reg.VecVirtual) reg.VecVirtual {
		mask := YMM()
		VCMPPS(Imm(greater), pattern(0), in[0], mask)
		VANDPS(in[1], mask, mask)
		return mask
	}, []string{"x", "g"}, nil)
	one("lerp", "dst, x, y []float32, t float32", func(in, s []reg.VecVirtual) reg.VecVirtual {
		d := op(VSUBPS, in[1], in[0])
		return op(VADDPS, in[0], op(VMULPS, s[0], d))
	}, []string{"x", "y"}, []string{"t"})
	adam("adam", false)
	adam("adamDecay", true)
	Generate()
}

// Predicates of comparisons, false with NaN.
const (
	less    = 0x11
	greater = 0x1e
)

// op returns ins(a, b).
func op(ins func(...Op), a reg.VecVirtual, b Op) reg.VecVirtual {
	out := YMM()
	ins(b, a, out)
	return out
}

// flush returns +0 where |x| < least, and else x.
func flush(x, least reg.VecVirtual) reg.VecVirtual {
	tiny := op(VANDPS, x, pattern(0x7fffffff))
	VCMPPS(Imm(less), least, tiny, tiny)
	VANDNPS(x, tiny, tiny)
	return tiny
}

// lanes are eight elements at p: all of them, or those that mask leaves.
type lanes struct{ mask reg.VecVirtual }

func (l lanes) load(p reg.Register) reg.VecVirtual {
	v := YMM()
	if l.mask == nil {
		VMOVUPS(Mem{Base: p}, v)
	} else {
		VMASKMOVPS(Mem{Base: p}, l.mask, v)
	}
	return v
}

func (l lanes) store(v reg.VecVirtual, p reg.Register) {
	if l.mask == nil {
		VMOVUPS(v, Mem{Base: p})
	} else {
		VMASKMOVPS(v, l.mask, Mem{Base: p})
	}
}

// loop applies body to n elements, eight at a time, and to the rest under a
// mask; the pointers advance between.
func loop(n reg.Register, pointers []reg.Register, body func(l lanes)) {
	Label("loop")
	CMPQ(n, Imm(8))
	JLT(LabelRef("tail"))
	body(lanes{})
	for _, p := range pointers {
		ADDQ(Imm(32), p)
	}
	SUBQ(Imm(8), n)
	JMP(LabelRef("loop"))
	Label("tail")
	TESTQ(n, n)
	JLE(LabelRef("end"))
	// The mask of n lanes is what lies 8 − n words into the table.
	skip, table, mask := GP64(), GP64(), YMM()
	MOVQ(U32(8), skip)
	SUBQ(n, skip)
	LEAQ(maskTable(), table)
	VMOVUPS(Mem{Base: table, Index: skip, Scale: 4}, mask)
	body(lanes{mask})
	Label("end")
	VZEROUPPER()
	RET()
}

// one writes name+"AVX2": dst = f of inputs and scalars.
func one(name, params string, f func(in, s []reg.VecVirtual) reg.VecVirtual, inputs, scalars []string) {
	TEXT(name+"AVX2", NOSPLIT, "func("+params+")")
	Doc(fmt.Sprintf("%sAVX2 sets every element of dst; see the method of Impl.", name))
	Pragma("noescape")
	dst := Load(Param("dst").Base(), GP64())
	n := Load(Param("dst").Len(), GP64())
	pointers := []reg.Register{dst}
	for _, in := range inputs {
		pointers = append(pointers, Load(Param(in).Base(), GP64()))
	}
	s := broadcast(scalars)
	loop(n, pointers, func(l lanes) {
		var in []reg.VecVirtual
		for _, p := range pointers[1:] {
			in = append(in, l.load(p))
		}
		l.store(f(in, s), dst)
	})
}

// broadcast loads parameters into all lanes of registers.
func broadcast(names []string) []reg.VecVirtual {
	var out []reg.VecVirtual
	for _, name := range names {
		addr, err := Param(name).Resolve()
		if err != nil {
			panic(err)
		}
		v := YMM()
		VBROADCASTSS(addr.Addr, v)
		out = append(out, v)
	}
	return out
}

// adam writes a step of Adam in place. Eight places at rest, where gradient and
// moments are +0 (with decay the parameter too), are left alone unless busy.
func adam(name string, decay bool) {
	TEXT(name+"AVX2", NOSPLIT, "func(p, m, v, g []float32, keep1, add1, keep2, add2, correct1, correct2, epsilon, rate, decay, least float32, busy uint32)")
	Doc(fmt.Sprintf("%sAVX2 is a step of Adam; see the method of Impl.", name))
	Pragma("noescape")
	p := Load(Param("p").Base(), GP64())
	m := Load(Param("m").Base(), GP64())
	v := Load(Param("v").Base(), GP64())
	g := Load(Param("g").Base(), GP64())
	n := Load(Param("g").Len(), GP64())
	names := []string{"keep1", "add1", "keep2", "add2", "correct1", "correct2", "epsilon", "rate", "least"}
	if decay {
		names = append(names, "decay")
	}
	s := map[string]reg.VecVirtual{}
	for i, r := range broadcast(names) {
		s[names[i]] = r
	}
	busy := Load(Param("busy"), GP32())
	at := 0
	loop(n, []reg.Register{p, m, v, g}, func(l lanes) {
		at++
		work, rest := fmt.Sprint("work", at), fmt.Sprint("rest", at)
		gv, mv, vv := l.load(g), l.load(m), l.load(v)
		any := op(VORPS, gv, mv)
		VORPS(vv, any, any)
		var pv reg.VecVirtual
		if decay {
			pv = l.load(p)
			VORPS(pv, any, any)
		}
		TESTL(busy, busy)
		JNZ(LabelRef(work))
		VPTEST(any, any)
		JZ(LabelRef(rest))
		Label(work)
		if !decay {
			pv = l.load(p)
		}
		VMULPS(s["keep1"], mv, mv)
		VADDPS(op(VMULPS, gv, s["add1"]), mv, mv)
		mv = flush(mv, s["least"])
		VMULPS(s["keep2"], vv, vv)
		VMULPS(gv, gv, gv)
		VADDPS(op(VMULPS, gv, s["add2"]), vv, vv)
		vv = flush(vv, s["least"])
		l.store(mv, m)
		l.store(vv, v)
		VMULPS(s["correct2"], vv, vv)
		VSQRTPS(vv, vv)
		VADDPS(s["epsilon"], vv, vv)
		VMULPS(s["correct1"], mv, mv)
		VDIVPS(vv, mv, mv)
		if decay {
			VADDPS(op(VMULPS, pv, s["decay"]), mv, mv)
		}
		VMULPS(s["rate"], mv, mv)
		VSUBPS(mv, pv, pv)
		l.store(pv, p)
		Label(rest)
	})
}

var (
	masks  *Mem
	shared = map[uint32]Mem{}
)

// maskTable returns eight words of ones followed by eight of zeros.
func maskTable() Mem {
	if masks == nil {
		m := GLOBL("fusedMasks", RODATA|NOPTR)
		for i := range 16 {
			DATA(4*i, U32(uint32(0xffffffff)*uint32(1-i/8)))
		}
		masks = &m
	}
	return *masks
}

// pattern returns the address of eight copies of the word w.
func pattern(w uint32) Mem {
	m, ok := shared[w]
	if !ok {
		m = GLOBL(fmt.Sprintf("fused%08x", w), RODATA|NOPTR)
		for i := range 8 {
			DATA(4*i, U32(w))
		}
		shared[w] = m
	}
	return m
}
