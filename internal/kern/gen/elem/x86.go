package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

var avx2 = x86(instructions{
	suffix:   "AVX2",
	lanes:    8,
	chains:   4,
	register: func() Op { return YMM() },
	floor:    func(o ...Op) { VROUNDPS(Imm(1|8), o[0], o[1]) },
})

var avx512 = x86(instructions{
	suffix:   "AVX512",
	lanes:    16,
	chains:   3, // for want of mask registers
	register: func() Op { return ZMM() },
	floor:    withImm(VRNDSCALEPS, 1|8),
})

// x86 fills in what the two have in common.
func x86(s instructions) *instructions {
	s.add, s.sub, s.mul, s.div = VADDPS, VSUBPS, VMULPS, VDIVPS
	s.and, s.or, s.xor = VANDPS, VORPS, VXORPS
	s.max, s.min = VMAXPS, VMINPS
	s.addInt, s.subInt, s.maxInt = VPADDD, VPSUBD, VPMAXSD
	s.sqrt, s.floatOf, s.truncate = VSQRTPS, VCVTDQ2PS, VCVTTPS2DQ
	s.shl = func(n uint64) func(...Op) { return withImm(VPSLLD, n) }
	s.sra = func(n uint64) func(...Op) { return withImm(VPSRAD, n) }
	s.move, s.load = VMOVAPS, VMOVUPS
	s.fma213, s.fma231, s.fnma231 = VFMADD213PS, VFMADD231PS, VFNMADD231PS
	s.pattern = func(w uint32) Op {
		words := make([]uint32, isa.lanes)
		for i := range words {
			words[i] = w
		}
		return table(fmt.Sprintf("elem%08x", w), words)
	}
	s.shared, s.again = loadOnce, reload
	s.kernel = x86Kernel
	s.generate = func() {
		ConstraintExpr("amd64,!noasm")
		Generate()
	}
	return &s
}

// withImm turns an instruction with an immediate into one without.
func withImm(ins func(...Op), imm uint64) func(...Op) {
	return func(ops ...Op) { ins(append([]Op{Imm(imm)}, ops...)...) }
}

// x86Kernel writes a kernel whose last step is under a mask.
func x86Kernel(name, params string, unroll int, f func(in []vec, s Op) vec, inputs []string) {
	lanes := isa.lanes
	TEXT(name, NOSPLIT, "func("+params+")")
	Doc(name + " sets every element of dst; see the operation.")
	Pragma("noescape")
	dst := Load(Param("dst").Base(), GP64())
	n := Load(Param("dst").Len(), GP64())
	var src []reg.Register
	for _, in := range inputs {
		src = append(src, Load(Param(in).Base(), GP64()))
	}
	var s Op
	if addr, err := Param("s").Resolve(); err == nil {
		s = isa.register()
		VBROADCASTSS(addr.Addr, s)
	}
	advance := func(floats int) {
		for _, p := range append(src, dst) {
			ADDQ(I32(int32(4*floats)), p)
		}
		SUBQ(I32(int32(floats)), n)
	}

	Label("loop")
	CMPQ(n, I32(int32(lanes*unroll)))
	JLT(LabelRef("tail"))
	var in []vec
	for _, p := range src {
		v := newVec(unroll)
		for i := range v {
			lies[v[i]] = Mem{Base: p, Disp: 4 * lanes * i}
			VMOVUPS(lies[v[i]], v[i])
		}
		in = append(in, v)
	}
	for i, r := range f(in, s)[:unroll] {
		VMOVUPS(r, Mem{Base: dst, Disp: 4 * lanes * i})
	}
	advance(lanes * unroll)
	JMP(LabelRef("loop"))

	Label("tail")
	TESTQ(n, n)
	JLE(LabelRef("end"))
	load, store := firstLanes(n)
	in = nil
	for _, p := range src {
		v := newVec(1)
		load(Mem{Base: p}, v[0])
		in = append(in, v)
	}
	store(f(in, s)[0], Mem{Base: dst})
	advance(lanes)
	JMP(LabelRef("tail"))
	Label("end")
	VZEROUPPER()
	RET()
}

// loadOnce spares loads, of which there are two a cycle, as many as multiply-adds.
func loadOnce(a any, n int) any {
	m, ok := a.(Mem)
	if !ok || n <= 2 {
		return a
	}
	r := isa.register()
	isa.load(m, r)
	return r
}

// lies says where the inputs of the kernel under way were loaded from.
var lies = map[Op]Mem{}

// reload loads an input of a whole step once more. There are few registers, and
// loads cost little beside arithmetic.
func reload(v vec) vec {
	if _, ok := lies[v[0]]; !ok {
		return v
	}
	out := newVec(len(v))
	for i := range v {
		VMOVUPS(lies[v[i]], out[i])
		lies[out[i]] = lies[v[i]]
	}
	return out
}

// firstLanes returns moves of the first n > 0 lanes, or of all if there are
// fewer. Loads leave +0 in the others.
func firstLanes(n reg.Register) (load, store func(from, to Op)) {
	if isa.lanes == 16 {
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
