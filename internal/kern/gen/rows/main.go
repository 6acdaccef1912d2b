// Command rows writes the AVX2 kernels of which softmax, layer norm and their
// gradients are made, each one pass over a row or two.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/surprisal-go/surprisal/internal/kern/gen/twin"
)

var kern = twin.Read("..")

func main() {
	ConstraintExpr("amd64,!noasm")
	dot()
	expSum()
	scaleRows("mul", VMULPS)
	scaleRows("div", VDIVPS)
	standardize()
	mulAdd()
	standardGrad()
	transpose()
	expSumColumns()
	softmaxGradColumns()
	spread()
	Generate()
}

// pair is sixteen floats.
type pair [2]reg.VecVirtual

func newPair() pair { return pair{YMM(), YMM()} }

func (p pair) clear() pair {
	for _, v := range p {
		VXORPS(v, v, v)
	}
	return p
}

// row is where a kernel is in its arrays: sixteen floats on, as long as there
// are so many, and then those of a mask.
type row struct {
	n    reg.Register
	at   []reg.Register
	mask *pair // at the end
}

// loop runs body for every sixteen of the n floats at the pointers, and once for
// the rest. What it loads beyond them is +0.
func (r *row) loop(label string, body func()) {
	Label(label)
	SUBQ(Imm(16), r.n)
	JLT(LabelRef(label + "Tail"))
	r.mask = nil
	body()
	for _, p := range r.at {
		ADDQ(Imm(64), p)
	}
	JMP(LabelRef(label))
	Label(label + "Tail")
	ADDQ(Imm(16), r.n)
	JZ(LabelRef(label + "End"))
	at, table := GP64(), GP64()
	MOVQ(U32(16), at)
	SUBQ(r.n, at)
	LEAQ(maskTable(), table)
	m := newPair()
	for i, v := range m {
		VMOVUPS(Mem{Base: table, Index: at, Scale: 4, Disp: 32 * i}, v)
	}
	r.mask = &m
	body()
	Label(label + "End")
}

func (r *row) load(p reg.Register) pair {
	out := newPair()
	for i, v := range out {
		if m := (Mem{Base: p, Disp: 32 * i}); r.mask != nil {
			VMASKMOVPS(m, r.mask[i], v)
		} else {
			VMOVUPS(m, v)
		}
	}
	return out
}

func (r *row) store(x pair, p reg.Register) {
	for i, v := range x {
		if m := (Mem{Base: p, Disp: 32 * i}); r.mask != nil {
			VMASKMOVPS(v, r.mask[i], m)
		} else {
			VMOVUPS(v, m)
		}
	}
}

// fold adds the sixteen lanes in the order of Sum.
func fold(l pair) reg.VecVirtual {
	q, t := XMM(), XMM()
	VADDPS(l[1], l[0], l[0])
	VEXTRACTF128(Imm(1), l[0], q)
	VADDPS(q, l[0].AsX(), q)
	VMOVHLPS(q, q, t)
	VADDPS(t, q, q)
	VMOVSHDUP(q, t)
	VADDSS(t, q, q)
	return q
}

// dot writes the sum of products of one chunk.
func dot() {
	TEXT("dotAVX2", NOSPLIT, "func(x, y []float32) float32")
	Doc("dotAVX2 returns the sum of the products of one chunk, in the order of Sum.")
	Pragma("noescape")
	x, y := Load(Param("x").Base(), GP64()), Load(Param("y").Base(), GP64())
	r := row{n: Load(Param("x").Len(), GP64()), at: []reg.Register{x, y}}
	lanes := newPair().clear()
	r.loop("loop", func() {
		a, b := r.load(x), r.load(y)
		for i := range a {
			VMULPS(b[i], a[i], a[i])
			VADDPS(a[i], lanes[i], lanes[i])
		}
	})
	Store(fold(lanes), ReturnIndex(0))
	VZEROUPPER()
	RET()
}

var globals = map[string]Mem{}

func global(name string, words ...uint32) Mem {
	m, ok := globals[name]
	if !ok {
		m = GLOBL(name, RODATA|NOPTR)
		for i, w := range words {
			DATA(4*i, U32(w))
		}
		globals[name] = m
	}
	return m
}

// word is the address of eight copies of w.
func word(w uint32) Mem {
	return global(fmt.Sprintf("rows%08x", w), w, w, w, w, w, w, w, w)
}

// maskTable returns sixteen words of ones followed by sixteen of zeros.
func maskTable() Mem {
	var t [32]uint32
	for i := range 16 {
		t[i] = 0xffffffff
	}
	return global("rowsMasks", t[:]...)
}
