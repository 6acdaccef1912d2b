// Command gemm writes the micro-kernels of the matrix product, for AVX2 together
// with the kernels that pack its operands or, with -lanes 16, for AVX-512.
package main

import (
	"flag"
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// lanes is the number of floats in a register.
var lanes = flag.Int("lanes", 8, "floats in a register: 8 is AVX2, 16 is AVX-512")

// shape is that of a tile: rows by registers.
type shape struct{ mr, nv int }

func main() {
	flag.Parse()
	ConstraintExpr("amd64,!noasm")
	if *lanes == 16 {
		micros(24, []shape{{1, 8}, {2, 6}, {3, 4}, {4, 3}, {5, 2}, {6, 2}, {7, 2}, {8, 2}})
		Generate()
		return
	}
	micros(6, []shape{{1, 12}, {2, 6}, {3, 4}, {4, 3}})
	packRows()
	packTiles()
	packColumns()
	peak()
	Generate()
}

// micros writes kernels of the wide shapes and of up to mr rows by 16 columns.
func micros(mr int, wide []shape) {
	for _, t := range wide {
		micro(t.mr, t.nv, full)
	}
	nv := 16 / *lanes
	for i := 1; i <= mr; i++ {
		micro(i, nv, full)
		micro(i, nv, edge)
		if i <= 4 {
			micro(i, nv, stair)
		}
	}
}

// variant of a micro-kernel: what of a tile's columns it touches.
type variant int

const (
	full  variant = iota
	edge          // of C those in a mask; of B too, up to five rows
	stair         // of C those in a mask; of B, row by row, those from a first one on
)

// tile is what the parts of a micro-kernel share.
type tile struct {
	variant
	mr, nv       int
	a, b, c, ldc reg.Register
	row          func(i int) Mem  // of A
	masks        []reg.VecVirtual // of words
	bits         []Op             // the same in opmask registers, with AVX-512
	acc          []reg.VecVirtual
	first, steps reg.Register // of a stair: see micro
	ahead        reg.Register // bytes to what is asked for early, or nil
}

// maskB says whether the mask of the columns is at hand in the loop. With six
// rows of AVX2 it does not fit in the registers and B must be packed.
func (t *tile) maskB() bool {
	return t.variant == edge && (t.mr <= 5 || *lanes == 16) || t.variant == stair
}

func register() reg.VecVirtual {
	if *lanes == 16 {
		return ZMM()
	}
	return YMM()
}

// vector returns the address of vector j of a row at m.
func vector(m Mem, j int) Mem {
	m.Disp += 4 * *lanes * j
	return m
}

// micro writes the kernel of tiles of mr rows and nv registers of columns, one below the
// other, which share B. Bits of the mode: 1 begins the chains with C, 2 adds
// C to the finished chains, 4 adds +0 to them. With six rows, the bits from 8 on
// are the bytes from B to the panel that comes next, which is asked for on the way.
func micro(mr, nv int, v variant) {
	prefix := map[int]string{8: "gemm", 16: "gemm512"}[*lanes]
	name, params := fmt.Sprintf("%sFull%dx%d", prefix, mr, *lanes*nv), ""
	switch v {
	case edge:
		name, params = fmt.Sprintf("%sEdge%d", prefix, mr), ", mask *uint32"
	case stair:
		name, params = fmt.Sprintf("%sStair%d", prefix, mr), ", mask *uint32, first *int32, steps *uint32, col int"
	}
	TEXT(name, NOSPLIT, "func(k int, a *float32, rsa, csa int, b *float32, ldb int, c *float32, ldc, mode, tiles, step int"+params+")")
	Doc(name + " adds chains of k products to tiles of C, whose parts of A are step apart. Strides are in bytes.")
	Pragma("noescape")
	param := func(name string) Mem {
		m, err := Param(name).Resolve()
		if err != nil {
			panic(err)
		}
		return m.Addr
	}
	t := &tile{variant: v, mr: mr, nv: nv}
	rsa := Load(Param("rsa"), GP64())
	csa := Load(Param("csa"), GP64())
	ldb := Load(Param("ldb"), GP64())
	t.c = Load(Param("c"), GP64())
	t.ldc = Load(Param("ldc"), GP64())
	t.a, t.b = GP64(), GP64()
	rows := addressRows(t.a, rsa, mr)
	t.row = rows.at
	if v == full && mr >= 6 {
		t.ahead = Load(Param("mode"), GP64())
		SHRQ(Imm(8), t.ahead)
	}
	t.masks = make([]reg.VecVirtual, nv)
	t.acc = make([]reg.VecVirtual, mr*nv)

	Label("tile")
	MOVQ(param("a"), t.a)
	rows.start()
	MOVQ(param("b"), t.b)
	if t.maskB() {
		t.loadMasks()
	}
	if v == stair {
		t.first = Load(Param("first"), GP64())
		t.steps = Load(Param("steps"), GP64()) // its middle: zeros before, ones from here on
		col := Load(Param("col"), GP64())
		LEAQ(Mem{Base: t.steps, Index: col, Scale: 4}, t.steps)
	}
	t.fetchNext()
	for i := range t.acc {
		t.acc[i] = register()
		VXORPS(t.acc[i], t.acc[i], t.acc[i])
	}
	TESTQ(U32(1), param("mode"))
	JZ(LabelRef("start"))
	if v == edge && !t.maskB() {
		t.loadMasks()
	}
	t.eachOfC(func(i int, m Mem, j int) { t.load(v != full, m, j, t.acc[i]) })
	Label("start")
	k := GP64()
	step := func() {
		t.step()
		rows.advance(csa)
		ADDQ(ldb, t.b)
	}
	MOVQ(param("k"), k)
	if *lanes != 16 || mr <= 8 { // else there are enough products in a step
		SHRQ(Imm(2), k)
		JZ(LabelRef("tail"))
		Label("loop4")
		for range 4 {
			step()
		}
		DECQ(k)
		JNZ(LabelRef("loop4"))
		Label("tail")
		MOVQ(param("k"), k)
		ANDQ(Imm(3), k)
	} else {
		TESTQ(k, k)
	}
	JZ(LabelRef("done"))
	Label("loop1")
	step()
	DECQ(k)
	JNZ(LabelRef("loop1"))
	Label("done")
	t.finish(param("mode"))
	MOVQ(param("step"), k)
	ADDQ(k, param("a"))
	DECQ(param("tiles"))
	JNZ(LabelRef("tile"))
	VZEROUPPER()
	RET()
}

func (t *tile) loadMasks() {
	p := Load(Param("mask"), GP64())
	t.bits = make([]Op, t.nv)
	for j := range t.masks {
		t.masks[j] = register()
		VMOVUPS(vector(Mem{Base: p}, j), t.masks[j])
		if *lanes == 16 {
			t.bits[j] = K()
			VPMOVD2M(t.masks[j], t.bits[j])
		}
	}
}

func (t *tile) load(masked bool, m Mem, j int, v reg.VecVirtual) {
	switch {
	case !masked:
		VMOVUPS(m, v)
	case *lanes == 16:
		VMOVUPS_Z(m, t.bits[j], v)
	default:
		VMASKMOVPS(m, t.masks[j], v)
	}
}

func (t *tile) store(masked bool, v reg.VecVirtual, j int, m Mem) {
	switch {
	case !masked:
		VMOVUPS(v, m)
	case *lanes == 16:
		VMOVUPS(v, t.bits[j], m)
	default:
		VMASKMOVPS(v, t.masks[j], m)
	}
}

// eachOfC calls f for the vectors of C, i counting all and j those of a row.
func (t *tile) eachOfC(f func(i int, m Mem, j int)) {
	row := GP64()
	MOVQ(t.c, row)
	for i := range t.mr {
		for j := range t.nv {
			f(i*t.nv+j, vector(Mem{Base: row}, j), j)
		}
		if i < t.mr-1 {
			ADDQ(t.ldc, row)
		}
	}
}

// fetchNext asks for the part of C that the next tile will need. Its first line
// was there when the columns to the left were done.
func (t *tile) fetchNext() {
	row := GP64()
	MOVQ(t.c, row)
	for range t.mr {
		ADDQ(t.ldc, row)
	}
	for i := range t.mr {
		PREFETCHT0(Mem{Base: row, Disp: 4**lanes*t.nv - 4})
		if i < t.mr-1 {
			ADDQ(t.ldc, row)
		}
	}
}

// step adds one product to every chain.
func (t *tile) step() {
	as := make([]reg.VecVirtual, t.mr)
	bs := make([]reg.VecVirtual, t.nv)
	loadA := func(i int) { as[i] = register(); VBROADCASTSS(t.row(i), as[i]) }
	loadB := func(j int) { bs[j] = register(); t.load(t.maskB(), vector(Mem{Base: t.b}, j), j, bs[j]) }
	fma := func(i, j int) { VFMADD231PS(bs[j], as[i], t.acc[i*t.nv+j]) }
	if t.variant == stair {
		open := GP64()
		MOVLQSX(Mem{Base: t.first}, open)
		NEGQ(open)
		ADDQ(Imm(4), t.first)
		loadB = func(j int) {
			bs[j] = register()
			step, b := vector(Mem{Base: t.steps, Index: open, Scale: 4}, j), vector(Mem{Base: t.b}, j)
			if *lanes == 16 {
				k := K()
				VPTESTMD(step, t.masks[j], k)
				VMOVUPS_Z(b, k, bs[j])
				return
			}
			m := YMM()
			VANDPS(step, t.masks[j], m)
			VMASKMOVPS(b, m, bs[j])
		}
	}
	if t.ahead != nil {
		PREFETCHT1(Mem{Base: t.b, Index: t.ahead, Scale: 1})
	}
	if cols := *lanes * t.nv; cols > 16 && t.mr > 2 { // else the memory is busy anyway
		for j := 0; j < cols; j += 16 {
			PREFETCHT0(Mem{Base: t.b, Disp: 4 * (cols + j)})
		}
	}
	switch {
	case t.mr == 1 && t.variant == full:
		loadA(0)
		for j := range t.nv {
			VFMADD231PS(vector(Mem{Base: t.b}, j), as[0], t.acc[j])
		}
	case *lanes == 16 && t.nv == 1:
		loadB(0)
		for i := range t.mr {
			VFMADD231PS_BCST(t.row(i), bs[0], t.acc[i])
		}
	case t.nv > t.mr:
		for i := range t.mr {
			loadA(i)
		}
		for j := range t.nv {
			loadB(j)
			for i := range t.mr {
				fma(i, j)
			}
		}
	default:
		for j := range t.nv {
			loadB(j)
		}
		for i := range t.mr {
			loadA(i)
			for j := range t.nv {
				fma(i, j)
			}
		}
	}
}

// finish stores the chains and moves C on.
func (t *tile) finish(mode Mem) {
	if t.variant == edge && !t.maskB() {
		t.loadMasks()
	}
	TESTQ(U32(6), mode)
	JZ(LabelRef("store"))
	TESTQ(U32(2), mode)
	JZ(LabelRef("end"))
	t.eachOfC(func(i int, m Mem, j int) {
		v := register()
		t.load(t.variant != full, m, j, v)
		VADDPS(t.acc[i], v, t.acc[i])
	})
	TESTQ(U32(4), mode)
	JZ(LabelRef("store"))
	Label("end")
	zero := register()
	VXORPS(zero, zero, zero)
	for _, v := range t.acc {
		VADDPS(v, zero, v)
	}
	Label("store")
	t.eachOfC(func(i int, m Mem, j int) {
		t.store(t.variant != full, t.acc[i], j, m)
	})
	for range t.mr {
		ADDQ(t.ldc, t.c)
	}
}

// packRows writes the kernel that copies a panel: rows of up to 16 floats, which
// it fills up with zeros. The panel to the right is likely to be next.
func packRows() {
	TEXT("packRows16", NOSPLIT, "func(k int, src *float32, lds int, dst *float32, ldd int, mask *uint32)")
	Doc("packRows16 copies k > 0 rows of the columns in mask, and zeros beside them. Strides are in bytes.")
	Pragma("noescape")
	k := Load(Param("k"), GP64())
	src := Load(Param("src"), GP64())
	lds := Load(Param("lds"), GP64())
	dst := Load(Param("dst"), GP64())
	ldd := Load(Param("ldd"), GP64())
	p := Load(Param("mask"), GP64())
	masks := []reg.VecVirtual{YMM(), YMM()}
	for j, m := range masks {
		VMOVUPS(Mem{Base: p, Disp: 32 * j}, m)
	}
	Label("loop")
	PREFETCHT1(Mem{Base: src, Disp: 64 + 60})
	for j, m := range masks {
		v := YMM()
		VMASKMOVPS(Mem{Base: src, Disp: 32 * j}, m, v)
		VMOVUPS(v, Mem{Base: dst, Disp: 32 * j})
	}
	ADDQ(lds, src)
	ADDQ(ldd, dst)
	DECQ(k)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// packTiles writes the kernel that cuts a few rows, which are far apart in
// memory, into tiles.
func packTiles() {
	TEXT("packTiles8", NOSPLIT, "func(k int, src *float32, lds int, dst *float32, width, tiles, step int, mask *uint32)")
	Doc("packTiles8 copies k > 0 rows of tiles of width bytes: tile t begins at dst + t·step, its rows width apart, and up to 8 floats are written at each. Strides are in bytes.")
	Pragma("noescape")
	k := Load(Param("k"), GP64())
	src := Load(Param("src"), GP64())
	lds := Load(Param("lds"), GP64())
	dst := Load(Param("dst"), GP64())
	width := Load(Param("width"), GP64())
	tiles := Load(Param("tiles"), GP64())
	step := Load(Param("step"), GP64())
	p := Load(Param("mask"), GP64())
	mask := YMM()
	VMOVUPS(Mem{Base: p}, mask)
	ahead := GP64() // to the rows of the next call
	MOVQ(lds, ahead)
	IMULQ(k, ahead)
	Label("tile")
	from, to, n := GP64(), GP64(), GP64()
	MOVQ(src, from)
	MOVQ(dst, to)
	MOVQ(k, n)
	Label("row")
	v := YMM()
	PREFETCHT0(Mem{Base: from, Index: ahead, Scale: 1})
	VMASKMOVPS(Mem{Base: from}, mask, v)
	VMOVUPS(v, Mem{Base: to})
	ADDQ(lds, from)
	ADDQ(width, to)
	DECQ(n)
	JNZ(LabelRef("row"))
	ADDQ(width, src)
	ADDQ(step, dst)
	DECQ(tiles)
	JNZ(LabelRef("tile"))
	VZEROUPPER()
	RET()
}

// packColumns writes the kernel that transposes eight rows, eight columns at a
// time. The last row stands in for those beyond rows.
func packColumns() {
	TEXT("packColumns8", NOSPLIT, "func(k8 int, src *float32, lds int, dst *float32, ldd int, rows int)")
	Doc("packColumns8 transposes up to 8 rows of 8*k8 > 0 columns: dst(p, r) = src(r, p). Strides are in bytes.")
	Pragma("noescape")
	k8 := Load(Param("k8"), GP64())
	ps := make([]reg.Register, 8)
	ps[0] = Load(Param("src"), GP64())
	lds := Load(Param("lds"), GP64())
	dst := Load(Param("dst"), GP64())
	rows := Load(Param("rows"), GP64())
	zero := GP64()
	XORQ(zero, zero)
	for r := 1; r < 8; r++ {
		CMPQ(rows, Imm(uint64(r)))
		CMOVQLE(zero, lds)
		ps[r] = GP64()
		LEAQ(Mem{Base: ps[r-1], Index: lds, Scale: 1}, ps[r])
	}
	ldd := Load(Param("ldd"), GP64())
	Label("loop")
	in := make([]reg.VecVirtual, 8)
	for r := range in {
		in[r] = YMM()
		VMOVUPS(Mem{Base: ps[r]}, in[r])
		ADDQ(Imm(32), ps[r])
	}
	pairs := make([]reg.VecVirtual, 8) // r0c0 r1c0 r0c1 r1c1 | c4.. ; r0c2 ..
	for r := 0; r < 8; r += 2 {
		pairs[r], pairs[r+1] = YMM(), YMM()
		VUNPCKLPS(in[r+1], in[r], pairs[r])
		VUNPCKHPS(in[r+1], in[r], pairs[r+1])
	}
	quads := make([]reg.VecVirtual, 8) // quads[h*4+c]: rows 4h.. of columns c | c+4
	for h := range 2 {
		for c := range 4 {
			q := YMM()
			lo, hi := pairs[4*h+c/2], pairs[4*h+2+c/2]
			if c%2 == 0 {
				VUNPCKLPD(hi, lo, q)
			} else {
				VUNPCKHPD(hi, lo, q)
			}
			quads[4*h+c] = q
		}
	}
	for c := range 8 {
		out := YMM()
		if c < 4 {
			VINSERTF128(Imm(1), quads[4+c].AsX(), quads[c], out)
		} else {
			VPERM2F128(Imm(0x31), quads[c], quads[c-4], out)
		}
		VMOVUPS(out, Mem{Base: dst})
		ADDQ(ldd, dst)
	}
	DECQ(k8)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// peak writes a loop of independent fused multiply-adds, for benchmarks to
// measure what the machine could do.
func peak() {
	TEXT("fmaPeak", NOSPLIT, "func(n int)")
	Doc("fmaPeak runs n times twelve independent fused multiply-adds of eight floats.")
	n := Load(Param("n"), GP64())
	v := make([]reg.VecVirtual, 14)
	for i := range v {
		v[i] = YMM()
		VXORPS(v[i], v[i], v[i])
	}
	Label("loop")
	for _, t := range v[2:] {
		VFMADD231PS(v[0], v[1], t)
	}
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}
