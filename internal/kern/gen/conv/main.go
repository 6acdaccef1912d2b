// Command conv writes the AVX2 micro-kernels of convolutions: products whose
// rows are found by lists of offsets, after Dukhan ("The indirect convolution
// algorithm", 2019).
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// maxRows is the number of rows of a tile: with two vectors of columns, twelve
// chains, which keep both multipliers busy.
const maxRows = 6

func main() {
	ConstraintExpr("amd64,!noasm")
	for rows := 1; rows <= maxRows; rows++ {
		tile(rows)
	}
	for rows := 1; rows <= maxRows; rows++ {
		pairs(rows, 2, false)
		if rows < maxRows { // with six rows the mask does not fit in the registers
			pairs(rows, 2, true)
		}
	}
	pairs(1, 8, false)
	pairs(2, 4, false)
	depthGlobals()
	for rows := 1; rows <= maxRows; rows++ {
		depthTile(rows)
	}
	depthPairs()
	Generate()
}

// chains are the accumulators of a tile of rows by 8·nv columns.
type chains struct {
	rows, nv int
	acc      []reg.VecVirtual
}

func newChains(rows, nv int) chains {
	c := chains{rows, nv, make([]reg.VecVirtual, rows*nv)}
	for i := range c.acc {
		c.acc[i] = YMM()
		VXORPS(c.acc[i], c.acc[i], c.acc[i])
	}
	return c
}

// step adds one product to every chain; a addresses the rows of A and b the
// vectors of B.
func (c chains) step(a func(i int) Mem, b func(j int, v reg.VecVirtual)) {
	bs := make([]reg.VecVirtual, c.nv)
	load := func(j int) { bs[j] = YMM(); b(j, bs[j]) }
	as := make([]reg.VecVirtual, c.rows)
	broadcast := func(i int) { as[i] = YMM(); VBROADCASTSS(a(i), as[i]) }
	if c.nv > c.rows {
		for i := range c.rows {
			broadcast(i)
		}
		for j := range c.nv {
			load(j)
			for i := range c.rows {
				VFMADD231PS(bs[j], as[i], c.acc[i*c.nv+j])
			}
		}
		return
	}
	for j := range c.nv {
		load(j)
	}
	for i := range c.rows {
		broadcast(i)
		for j := range c.nv {
			VFMADD231PS(bs[j], as[i], c.acc[i*c.nv+j])
		}
	}
}

// tile writes the forward kernel. Pointers are loaded again for each segment,
// since registers are few.
func tile(rows int) {
	name := fmt.Sprintf("convTile%d", rows)
	TEXT(name, NOSPLIT, "func(segs int, at, from *int32, k int, a, zeros, b, c *float32, ldc int)")
	Doc(name + " computes a tile of convolution chains, to which it adds +0; ldc is in bytes.")
	Pragma("noescape")
	t := newChains(rows, 2)
	segs := Load(Param("segs"), GP64())
	at := Load(Param("at"), GP64())
	from := Load(Param("from"), GP64())
	TESTQ(segs, segs)
	JZ(LabelRef("store"))

	Label("segment")
	base, zeros := Load(Param("a"), GP64()), Load(Param("zeros"), GP64())
	ps := make([]reg.GPVirtual, rows)
	for i := range ps {
		ps[i] = GP64()
		off := GP64()
		MOVLQSX(Mem{Base: at, Disp: 4 * i}, off)
		LEAQ(Mem{Base: base, Index: off, Scale: 4}, ps[i])
		TESTQ(off, off)
		CMOVQLT(zeros, ps[i])
	}
	b, off := Load(Param("b"), GP64()), GP64()
	MOVLQSX(Mem{Base: from}, off)
	LEAQ(Mem{Base: b, Index: off, Scale: 4}, b)
	ADDQ(Imm(uint64(4*rows)), at)
	ADDQ(Imm(4), from)
	step := func(p reg.Register, u int) {
		t.step(
			func(i int) Mem { return Mem{Base: ps[i], Index: p, Scale: 4, Disp: 4 * u} },
			func(j int, v reg.VecVirtual) { VMOVUPS(Mem{Base: b, Disp: 64*u + 32*j}, v) })
	}
	p, left := GP64(), Load(Param("k"), GP64())
	XORQ(p, p)
	SUBQ(Imm(4), left)
	JLT(LabelRef("tail"))
	Label("loop4")
	for u := range 4 {
		step(p, u)
	}
	ADDQ(Imm(4), p)
	ADDQ(U32(4*64), b)
	SUBQ(Imm(4), left)
	JGE(LabelRef("loop4"))
	Label("tail")
	ADDQ(Imm(4), left)
	JZ(LabelRef("next"))
	Label("loop1")
	step(p, 0)
	INCQ(p)
	ADDQ(Imm(64), b)
	DECQ(left)
	JNZ(LabelRef("loop1"))
	Label("next")
	DECQ(segs)
	JNZ(LabelRef("segment"))

	Label("store")
	zero := YMM()
	VXORPS(zero, zero, zero)
	c, ldc := Load(Param("c"), GP64()), Load(Param("ldc"), GP64())
	for i := range rows {
		for j := range 2 {
			v := t.acc[2*i+j]
			VADDPS(zero, v, v)
			VMOVUPS(v, Mem{Base: c, Disp: 32 * j})
		}
		ADDQ(ldc, c)
	}
	VZEROUPPER()
	RET()
}

// pairs writes the weight gradient's kernel: rows of A and B are found by
// pairs of offsets. The edge variant reads and writes the columns that the mask
// selects.
func pairs(rows, nv int, edge bool) {
	name, mask := fmt.Sprintf("convPairs%dx%d", rows, 8*nv), ""
	if edge {
		name, mask = fmt.Sprintf("convEdge%d", rows), ", mask *uint32"
	}
	TEXT(name, NOSPLIT, "func(n int, at *int32, a, b, c *float32, ldc, cont int"+mask+")")
	Doc(name + " adds n > 0 products to the chains of a tile of C, from C itself if cont is not 0; ldc is in bytes.")
	Pragma("noescape")
	n := Load(Param("n"), GP64())
	at := Load(Param("at"), GP64())
	a := Load(Param("a"), GP64())
	b := Load(Param("b"), GP64())
	c := Load(Param("c"), GP64())
	ldc := Load(Param("ldc"), GP64())
	cont := Load(Param("cont"), GP64())
	masks := make([]reg.VecVirtual, nv)
	if edge {
		p := Load(Param("mask"), GP64())
		for j := range masks {
			masks[j] = YMM()
			VMOVUPS(Mem{Base: p, Disp: 32 * j}, masks[j])
		}
	}
	load := func(m Mem, j int, v reg.VecVirtual) {
		if edge {
			VMASKMOVPS(m, masks[j], v)
		} else {
			VMOVUPS(m, v)
		}
	}
	t := newChains(rows, nv)
	row := GP64()
	TESTQ(cont, cont)
	JZ(LabelRef("loop"))
	MOVQ(c, row)
	for i := range rows {
		for j := range nv {
			load(Mem{Base: row, Disp: 32 * j}, j, t.acc[i*nv+j])
		}
		ADDQ(ldc, row)
	}
	Label("loop")
	p, q := GP64(), GP64()
	MOVLQSX(Mem{Base: at}, p)
	MOVLQSX(Mem{Base: at, Disp: 4}, q)
	t.step(
		func(i int) Mem { return Mem{Base: a, Index: p, Scale: 4, Disp: 4 * i} },
		func(j int, v reg.VecVirtual) { load(Mem{Base: b, Index: q, Scale: 4, Disp: 32 * j}, j, v) })
	ADDQ(Imm(8), at)
	DECQ(n)
	JNZ(LabelRef("loop"))
	for i := range rows {
		for j := range nv {
			m := Mem{Base: c, Disp: 32 * j}
			if edge {
				VMASKMOVPS(t.acc[i*nv+j], masks[j], m)
			} else {
				VMOVUPS(t.acc[i*nv+j], m)
			}
		}
		ADDQ(ldc, c)
	}
	VZEROUPPER()
	RET()
}
