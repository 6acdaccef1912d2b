package main

import . "github.com/mmcloughlin/avo/operand"

// The bodies below follow the functions of the same names in package kern line
// by line: see there for what they do. Where they differ, in what is left out or
// read again to need fewer registers and less time, they give the same bits.

func signOf(x vec) vec { return and(x, wordOf("signBit")) }
func abs(x vec) vec    { return and(x, pattern(0x7fffffff)) }

func expReduce(x vec) (r, n vec) {
	t := fmaInto(constant(named("rounder"), len(x)), x, named("log2e"))
	n = subInt(t, wordOf("rounderBits"))
	f := sub(t, named("rounder"))
	r = fnmaInto(clone(x), f, named("ln2Hi"))
	return fnmaInto(r, f, named("ln2Lo")), n
}

func exp(x vec) vec {
	y := expMid(x)
	x = again(x)
	y = keep(cmp(ge, x, named("expMin")), y)
	return blend(cmp(notLE, x, named("expMax")), mul(x, inf()), y)
}

func inf() Op { return pattern(0x7f800000) }

// expDown is e^-|x|, and of NaN anything: exp for those who need one end of its
// range only.
func expDown(x vec) vec {
	minus := func(x vec) vec { return or(x, wordOf("signBit")) }
	y := expMid(minus(x))
	return keep(cmp(ge, minus(again(x)), named("expMin")), y)
}

// expMid is exp between the ends of its range.
func expMid(x vec) vec {
	r, n := expReduce(x)
	p := fma(fma(horner("expC", 4, r), r, num(1)), r, num(1))
	return addInt(p, shl(n, 23))
}

func expm1(x vec) vec {
	r, n := expReduce(maxOf(all(num(-20), len(x)), x))
	p := fma(mul(horner("expC", 4, r), r), r, r)
	s := shl(addInt(n, pattern(126)), 23)
	y := fmaInto(sub(s, num(0.5)), s, p)
	y = add(y, y)
	y = blend(cmp(notLE, x, named("expMax")), mul(x, inf()), y)
	return blend(cmp(lt, abs(x), num(0x1p-25)), x, y)
}

func sigmoid(x vec) vec {
	return sigmoidOf(x, expDown(x))
}

// sigmoidOf is sigmoid with e = e^-|x|, of NaN anything.
func sigmoidOf(x, e vec) vec {
	x = again(x)
	n := blend(topBit(x), e, all(num(1), len(x)))
	y := fnmaInto(n, e, div(n, add(e, num(1))))
	return nanWhere(cmp(unord, x, x), y)
}

// tanh is 1 from 44 on, as from about 9 on. The comparison that chooses the
// polynomial chooses it for NaN too.
func tanh(x vec) vec {
	a := abs(x)
	d := add(expMid(minOf(all(num(88), len(x)), add(a, a))), num(1))
	y := sub(all(num(1), len(x)), div(all(num(2), len(x)), d))
	z := again(x)
	z = mul(z, z)
	p := mul(horner("tanhC", 4, z), z)
	x = again(x)
	a = abs(x)
	p = fma(p, a, a)
	y = blend(cmp(notGE, a, named("tanhSmall")), p, y)
	return or(y, signOf(again(x)))
}

func logSplit(u vec) (m, e vec) {
	e = sra(subInt(u, wordOf("sqrtHalfBits")), 23)
	return subInt(u, shl(e, 23)), e
}

func logTail(f, e vec) vec {
	p := fma(horner("logC", 7, f), f, num(-0.5))
	y := fma(mul(p, f), f, f)
	e = floatOf(e)
	y = fmaInto(y, e, named("ln2Lo"))
	return fmaInto(y, e, named("ln2Hi"))
}

func log(x vec) vec {
	m, e := logSplit(blend(cmp(lt, x, named("minNormal")), mul(x, num(1<<23)), x))
	x = again(x)
	e = subInt(e, keep(cmp(lt, x, named("minNormal")), pattern(23)))
	y := logTail(sub(m, num(1)), e)
	x = again(x)
	y = nanWhere(cmp(notGT, x, num(0)), y)
	y = blend(cmp(eq, x, num(0)), pattern(0xff800000), y)
	return blend(cmp(notLT, x, inf()), x, y)
}

func log1pSum(big, small vec) vec {
	u := add(big, small)
	c := sub(small, sub(u, big))
	m, e := logSplit(u)
	scale := shl(maxInt(subInt(all(pattern(127), len(u)), e), num(0)), 23)
	return logTail(fmaInto(sub(m, num(1)), c, scale), e)
}

// log1pUnit is log1pSum(1, x) for x from 0 to 1, where the exponent of the sum
// is 0 or 1: it, in its place among the bits, is all that is kept of it.
func log1pUnit(x vec) vec {
	var f, e vec
	for i := 0; i < len(x); i += 2 { // few at a time, to need few registers
		x := x[i:min(i+2, len(x))]
		u := add(x, num(1))
		c := sub(x, sub(u, num(1)))
		ex := and(subInt(u, wordOf("sqrtHalfBits")), pattern(0xff800000))
		m := sub(subInt(u, ex), num(1))
		f = append(f, fmaInto(m, c, subInt(all(num(1), len(x)), ex))...)
		e = append(e, ex...)
	}
	return logTail(f, sra(e, 23))
}

func log1p(x vec) vec {
	below := cmp(lt, x, num(1))
	y := log1pSum(blend(below, num(1), x), blend(below, x, all(num(1), len(x))))
	y = or(y, signOf(x))
	y = blend(cmp(eq, x, num(-1)), pattern(0xff800000), y)
	y = nanWhere(cmp(lt, x, num(-1)), y)
	return blend(cmp(notLT, x, inf()), x, y)
}

func softplus(x vec) vec {
	return softplusOf(x, expDown(x))
}

// softplusOf is softplus with e = e^-|x|, of NaN anything.
func softplusOf(x, e vec) vec {
	l := log1pUnit(e)
	return add(l, maxOf(all(num(0), len(x)), again(x))) // NaN if x is
}

func erf(x vec) vec {
	a := abs(x)
	q := horner("erfcC", 6, minOf(all(named("erfMax"), len(x)), a))
	y := sub(all(num(1), len(x)), exp(xor(q, wordOf("signBit"))))
	z := mul(x, x)
	p := fma(horner("erfC", 6, z), a, a)
	y = blend(cmp(lt, a, named("erfSmall")), p, y)
	return or(y, signOf(x))
}

func sin(x vec) vec {
	return blend(cmp(lt, abs(x), num(0x1p-12)), x, sinQuadrant(0)(x))
}

// sinQuadrant has the shift of its twin folded into a constant.
func sinQuadrant(shift uint32) func(x vec) vec {
	return func(x vec) vec {
		t := fmaInto(constant(named("rounder"), len(x)), x, named("twoOverPi"))
		n := subInt(t, pattern(kern.Word("rounderBits")-shift))
		f := sub(t, named("rounder"))
		r := fnmaInto(clone(x), f, named("halfPi1"))
		r = fnmaInto(r, f, named("halfPi2"))
		r = fnmaInto(r, f, named("halfPi3"))
		z := mul(r, r)
		s := fma(mul(horner("sinC", 3, z), z), r, r)
		c := fma(fma(horner("cosC", 2, z), z, num(-0.5)), z, num(1))
		y := blend(topBit(shl(n, 31)), c, s)
		y = xor(y, shl(and(n, pattern(2)), 30))
		return nanWhere(cmp(notLE, abs(x), named("trigMax")), y)
	}
}
