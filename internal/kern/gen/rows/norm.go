package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/reg"
)

// scalar is a parameter in all lanes.
func scalar(name string) reg.VecVirtual {
	addr, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	v := YMM()
	VBROADCASTSS(addr.Addr, v)
	return v
}

// again returns a row like r, at its beginning: to be called before r runs.
func again(r *row) *row {
	out := &row{n: GP64()}
	MOVQ(r.n, out.n)
	for _, p := range r.at {
		q := GP64()
		MOVQ(p, q)
		out.at = append(out.at, q)
	}
	return out
}

// standardize writes x̂ = (x − mean)·r with r = 1/√(variance + eps).
func standardize() {
	TEXT("standardizeAVX2", NOSPLIT, "func(dst, x []float32, size, eps float32) (r float32)")
	Doc("standardizeAVX2 is Standardize of one chunk, of size elements.")
	Pragma("noescape")
	dst := Load(Param("dst").Base(), GP64())
	total := &row{n: Load(Param("x").Len(), GP64()), at: []reg.Register{Load(Param("x").Base(), GP64())}}
	center := again(total)
	center.at = append(center.at, dst)
	scale := &row{n: GP64(), at: []reg.Register{GP64()}}
	MOVQ(total.n, scale.n)
	MOVQ(dst, scale.at[0])
	size := scalar("size")

	lanes := newPair().clear()
	total.loop("total", func() {
		for i, v := range total.load(total.at[0]) {
			VADDPS(v, lanes[i], lanes[i])
		}
	})
	mean := YMM()
	sum := fold(lanes)
	VDIVSS(size.AsX(), sum, sum)
	VBROADCASTSS(sum, mean)
	lanes = newPair().clear()
	center.loop("center", func() {
		c := center.load(center.at[0])
		for i, v := range c {
			VSUBPS(mean, v, v)
			if center.mask != nil {
				VANDPS(center.mask[i], v, v)
			}
		}
		center.store(c, center.at[1])
		for i, v := range c {
			VMULPS(v, v, v)
			VADDPS(v, lanes[i], lanes[i])
		}
	})
	sum = fold(lanes)
	eps, one, r := scalar("eps"), XMM(), YMM()
	VDIVSS(size.AsX(), sum, sum)
	VADDSS(eps.AsX(), sum, sum)
	VSQRTSS(sum, sum, sum)
	VMOVSS(word(0x3f800000), one)
	VDIVSS(sum, one, sum)
	Store(sum, ReturnIndex(0))
	VBROADCASTSS(sum, r)
	scale.loop("scale", func() {
		c := scale.load(scale.at[0])
		for _, v := range c {
			VMULPS(r, v, v)
		}
		scale.store(c, scale.at[0])
	})
	VZEROUPPER()
	RET()
}

// mulAdd writes x·y + z.
func mulAdd() {
	TEXT("mulAddAVX2", NOSPLIT, "func(dst, x, y, z []float32)")
	Doc("mulAddAVX2 sets every element of dst; see the method of Impl.")
	Pragma("noescape")
	dst, x, y, z := Load(Param("dst").Base(), GP64()), Load(Param("x").Base(), GP64()), Load(Param("y").Base(), GP64()), Load(Param("z").Base(), GP64())
	r := &row{n: Load(Param("dst").Len(), GP64()), at: []reg.Register{dst, x, y, z}}
	r.loop("loop", func() {
		a, b, c := r.load(x), r.load(y), r.load(z)
		for i, v := range a {
			VMULPS(b[i], v, v)
			VADDPS(c[i], v, v)
		}
		r.store(a, dst)
	})
	VZEROUPPER()
	RET()
}

// standardGrad writes the gradient of standardize.
func standardGrad() {
	TEXT("standardizeGradAVX2", NOSPLIT, "func(dst, h, unit []float32, size, r float32)")
	Doc("standardizeGradAVX2 is StandardizeGrad of one chunk, of size elements.")
	Pragma("noescape")
	dst, h, unit := Load(Param("dst").Base(), GP64()), Load(Param("h").Base(), GP64()), Load(Param("unit").Base(), GP64())
	sums := &row{n: Load(Param("dst").Len(), GP64()), at: []reg.Register{h, unit}}
	last := again(sums)
	last.at = append(last.at, dst)
	plain, product := newPair().clear(), newPair().clear()
	sums.loop("sums", func() {
		a, b := sums.load(h), sums.load(unit)
		for i, v := range a {
			VADDPS(v, plain[i], plain[i])
			VMULPS(b[i], v, v)
			VADDPS(v, product[i], product[i])
		}
	})
	size, r, mean, slope := scalar("size"), scalar("r"), YMM(), YMM()
	for _, s := range []struct {
		lanes pair
		to    reg.VecVirtual
	}{{plain, mean}, {product, slope}} {
		sum := fold(s.lanes)
		VDIVSS(size.AsX(), sum, sum)
		VBROADCASTSS(sum, s.to)
	}
	last.loop("last", func() {
		a, b := last.load(last.at[0]), last.load(last.at[1])
		for i, v := range a {
			VSUBPS(mean, v, v)
			VMULPS(slope, b[i], b[i])
			VSUBPS(b[i], v, v)
			VMULPS(r, v, v)
		}
		last.store(a, dst)
	})
	VZEROUPPER()
	RET()
}
