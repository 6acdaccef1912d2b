// Command gemm writes the AVX2 micro-kernels of the matrix product and the
// kernels that pack its operands.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64,!noasm")
	for _, t := range []struct{ mr, nv int }{{1, 12}, {2, 6}, {3, 4}, {4, 3}} {
		micro(t.mr, t.nv, false)
	}
	for mr := 1; mr <= 6; mr++ {
		micro(mr, 2, false)
		micro(mr, 2, true)
	}
	packRows()
	packColumns()
	peak()
	Generate()
}

// micro writes the kernel of a tile of mr rows and 8·nv columns. The edge
// variant reads and writes only the columns of C that the mask selects, and,
// up to five rows, only those of B; with six rows the mask does not fit in the
// registers and B must be packed.
func micro(mr, nv int, edge bool) {
	name, mask := fmt.Sprintf("gemmFull%dx%d", mr, 8*nv), ""
	if edge {
		name, mask = fmt.Sprintf("gemmEdge%d", mr), ", mask *uint32"
	}
	TEXT(name, NOSPLIT, "func(k int, a *float32, rsa, csa int, b *float32, ldb int, c *float32, ldc int, mode int"+mask+")")
	Doc(name + " adds a chain of k products to a tile of C. Strides are in bytes.")
	Pragma("noescape")
	k := Load(Param("k"), GP64())
	a := Load(Param("a"), GP64())
	rsa := Load(Param("rsa"), GP64())
	csa := Load(Param("csa"), GP64())
	b := Load(Param("b"), GP64())
	ldb := Load(Param("ldb"), GP64())
	c := Load(Param("c"), GP64())
	ldc := Load(Param("ldc"), GP64())
	mode := Load(Param("mode"), GP64())
	row := rowAddress(a, rsa, mr)

	masks := make([]reg.VecVirtual, nv)
	loadMasks := func() {
		p := Load(Param("mask"), GP64())
		for j := range masks {
			masks[j] = YMM()
			VMOVUPS(Mem{Base: p, Disp: 32 * j}, masks[j])
		}
	}
	maskB := edge && mr <= 5
	if edge {
		loadMasks()
	}
	load := func(masked bool, m Mem, j int, v reg.VecVirtual) {
		if masked {
			VMASKMOVPS(m, masks[j], v)
		} else {
			VMOVUPS(m, v)
		}
	}

	acc := make([]reg.VecVirtual, mr*nv)
	for i := range acc {
		acc[i] = YMM()
		VXORPS(acc[i], acc[i], acc[i])
	}
	cRow := GP64()
	MOVQ(c, cRow)
	CMPQ(mode, Imm(1))
	JNE(LabelRef("start"))
	for i := range mr {
		for j := range nv {
			load(edge, Mem{Base: cRow, Disp: 32 * j}, j, acc[i*nv+j])
		}
		ADDQ(ldc, cRow)
	}
	Label("start")
	step := func() {
		as := make([]reg.VecVirtual, mr)
		bs := make([]reg.VecVirtual, nv)
		loadA := func(i int) { as[i] = YMM(); VBROADCASTSS(row(i), as[i]) }
		loadB := func(j int) { bs[j] = YMM(); load(maskB, Mem{Base: b, Disp: 32 * j}, j, bs[j]) }
		fma := func(i, j int) { VFMADD231PS(bs[j], as[i], acc[i*nv+j]) }
		switch {
		case mr == 1 && !maskB:
			loadA(0)
			for j := range nv {
				VFMADD231PS(Mem{Base: b, Disp: 32 * j}, as[0], acc[j])
			}
		case nv > mr:
			for i := range mr {
				loadA(i)
			}
			for j := range nv {
				loadB(j)
				for i := range mr {
					fma(i, j)
				}
			}
		default:
			for j := range nv {
				loadB(j)
			}
			for i := range mr {
				loadA(i)
				for j := range nv {
					fma(i, j)
				}
			}
		}
		ADDQ(csa, a)
		ADDQ(ldb, b)
	}
	k4 := GP64()
	MOVQ(k, k4)
	SHRQ(Imm(2), k4)
	JZ(LabelRef("tail"))
	Label("loop4")
	for range 4 {
		step()
	}
	DECQ(k4)
	JNZ(LabelRef("loop4"))
	Label("tail")
	ANDQ(Imm(3), k)
	JZ(LabelRef("done"))
	Label("loop1")
	step()
	DECQ(k)
	JNZ(LabelRef("loop1"))
	Label("done")

	if edge && !maskB {
		loadMasks()
	}
	CMPQ(mode, Imm(2))
	JNE(LabelRef("store"))
	MOVQ(c, cRow)
	for i := range mr {
		for j := range nv {
			t := YMM()
			load(edge, Mem{Base: cRow, Disp: 32 * j}, j, t)
			VADDPS(acc[i*nv+j], t, acc[i*nv+j])
		}
		ADDQ(ldc, cRow)
	}
	Label("store")
	for i := range mr {
		for j := range nv {
			m := Mem{Base: c, Disp: 32 * j}
			if edge {
				VMASKMOVPS(acc[i*nv+j], masks[j], m)
			} else {
				VMOVUPS(acc[i*nv+j], m)
			}
		}
		ADDQ(ldc, c)
	}
	VZEROUPPER()
	RET()
}

// rowAddress returns the addresses of up to six rows at base, stride apart.
func rowAddress(base, stride reg.Register, rows int) func(i int) Mem {
	var s3, s5 reg.Register
	if rows > 3 {
		s3 = GP64()
		LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, s3)
	}
	if rows > 5 {
		s5 = GP64()
		LEAQ(Mem{Base: stride, Index: stride, Scale: 4}, s5)
	}
	return func(i int) Mem {
		switch i {
		case 0:
			return Mem{Base: base}
		case 1, 2, 4:
			return Mem{Base: base, Index: stride, Scale: uint8(i)}
		case 3:
			return Mem{Base: base, Index: s3, Scale: 1}
		case 5:
			return Mem{Base: base, Index: s5, Scale: 1}
		}
		panic("more than six rows")
	}
}

// packRows writes the kernel that copies rows of up to 8 floats and fills them
// up with zeros.
func packRows() {
	TEXT("packRows8", NOSPLIT, "func(k int, src *float32, lds int, dst *float32, ldd int, mask *uint32)")
	Doc("packRows8 copies k > 0 rows of the columns in mask, and zeros beside them. Strides are in bytes.")
	Pragma("noescape")
	k := Load(Param("k"), GP64())
	src := Load(Param("src"), GP64())
	lds := Load(Param("lds"), GP64())
	dst := Load(Param("dst"), GP64())
	ldd := Load(Param("ldd"), GP64())
	p := Load(Param("mask"), GP64())
	mask := YMM()
	VMOVUPS(Mem{Base: p}, mask)
	Label("loop")
	v := YMM()
	VMASKMOVPS(Mem{Base: src}, mask, v)
	VMOVUPS(v, Mem{Base: dst})
	ADDQ(lds, src)
	ADDQ(ldd, dst)
	DECQ(k)
	JNZ(LabelRef("loop"))
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
