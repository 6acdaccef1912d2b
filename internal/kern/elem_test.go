package kern

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// bell returns a number of mean 0 and variance 1, by additions of float32
// alone, so that golden inputs are the same everywhere.
func bell(rng *rand.Rand) float32 {
	return (rng.Float32() + rng.Float32() + rng.Float32() + rng.Float32() - 2) * 1.75
}

// randomFloats mixes specials, random bit patterns and ordinary numbers.
func randomFloats(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		switch rng.IntN(4) {
		case 0:
			x[i] = specials[rng.IntN(len(specials))]
		case 1:
			x[i] = fromBits(rng.Uint32())
		default:
			x[i] = bell(rng) * 10
		}
	}
	return x
}

func randomWords(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = word(rng.IntN(2) == 0)
	}
	return x
}

// elementwise is a kernel of one to three inputs, as the laws see it.
type elementwise struct {
	name string
	in   int
	bool bool // the first input is boolean words
	run  func(k *Impl, dst []float32, in [][]float32)
}

func elementwiseKernels() []elementwise {
	var all []elementwise
	for _, op := range UnaryOps() {
		all = append(all, elementwise{op.String(), 1, false, func(k *Impl, dst []float32, in [][]float32) { k.Unary(op, dst, in[0]) }})
	}
	for _, op := range BinaryOps() {
		all = append(all, elementwise{op.String(), 2, false, func(k *Impl, dst []float32, in [][]float32) { k.Binary(op, dst, in[0], in[1]) }})
	}
	return append(all,
		elementwise{"Select", 3, true, func(k *Impl, dst []float32, in [][]float32) { k.Select(dst, in[0], in[1], in[2]) }},
		elementwise{"Not", 1, true, func(k *Impl, dst []float32, in [][]float32) { k.Not(dst, in[0]) }},
		elementwise{"BoolToFloat", 1, true, func(k *Impl, dst []float32, in [][]float32) { k.BoolToFloat(dst, in[0]) }},
	)
}

// inputs returns operands of n elements for e.
func (e elementwise) inputs(rng *rand.Rand, n int) [][]float32 {
	in := make([][]float32, e.in)
	for i := range in {
		in[i] = randomFloats(rng, n)
	}
	if e.bool {
		in[0] = randomWords(rng, n)
	}
	return in
}

// TestElementwise holds every implementation to the portable one, bit for bit,
// over lengths that end in every way, in place and out of place, and looks for
// writes beside the slices.
func TestElementwise(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	oracle := Impls()[0]
	for _, e := range append(elementwiseKernels(), fusedKernels()...) {
		for n := range 131 {
			in := e.inputs(rng, n)
			want := make([]float32, n)
			e.run(oracle, want, in)
			for _, k := range Impls() {
				check := func(how string, dst []float32, intact func() bool) {
					t.Helper()
					if i := firstDiff(dst, want); i >= 0 {
						t.Fatalf("%s: %s of %d, %s: element %d of %x is %08x, want %08x", k.Name, e.name, n, how, i, at3(in, i), bits(dst[i]), bits(want[i]))
					}
					if !intact() {
						t.Fatalf("%s: %s of %d, %s, wrote outside", k.Name, e.name, n, how)
					}
				}
				dst, intact := guarded(want)
				clear(dst)
				e.run(k, dst, in)
				check("out of place", dst, intact)
				for a := range in {
					alias := append([][]float32(nil), in...)
					alias[a], intact = guarded(in[a])
					e.run(k, alias[a], alias)
					check(fmt.Sprint("in place of input ", a), alias[a], intact)
				}
			}
		}
	}
}

// at3 returns the words of element i of every input.
func at3(in [][]float32, i int) []uint32 {
	var w []uint32
	for _, x := range in {
		w = append(w, bits(x[i]))
	}
	return w
}

// TestElementwiseSweep compares implementations on a sweep of all float32.
func TestElementwiseSweep(t *testing.T) {
	step := uint64(997)
	if testing.Short() {
		step = 99991
	}
	const block = 4096
	impls := Impls()
	x, want, got := make([]float32, block), make([]float32, block), make([]float32, block)
	for w := uint64(0); w < 1<<32; {
		for i := range x {
			x[i] = fromBits(uint32(w))
			w += step
		}
		for _, op := range UnaryOps() {
			impls[0].Unary(op, want, x)
			for _, k := range impls[1:] {
				k.Unary(op, got, x)
				if i := firstDiff(got, want); i >= 0 {
					t.Fatalf("%s: %v(%g = %#08x) = %#08x, want %#08x", k.Name, op, x[i], bits(x[i]), bits(got[i]), bits(want[i]))
				}
			}
		}
		for _, k := range impls {
			checkSoftplusSigmoid(t, k, x)
		}
	}
}

// TestBinaryScalar holds the broadcasts to the general form, over all pairs of
// specials.
func TestBinaryScalar(t *testing.T) {
	n := len(specials)
	y := make([]float32, n)
	for _, k := range Impls() {
		for _, op := range BinaryOps() {
			for _, s := range specials {
				k.Fill(y, s)
				for _, left := range []bool{false, true} {
					want := make([]float32, n)
					if left {
						Impls()[0].Binary(op, want, y, specials)
					} else {
						Impls()[0].Binary(op, want, specials, y)
					}
					got, intact := guarded(make([]float32, n))
					k.BinaryScalar(op, got, specials, s, left)
					if i := firstDiff(got, want); i >= 0 || !intact() {
						t.Fatalf("%s: %v of %x and scalar %x, left %t: element %d, %x, want %x", k.Name, op, words(specials), bits(s), left, i, words(got), words(want))
					}
				}
			}
		}
	}
}

// TestZerosAndNaN states the documented choices once.
func TestZerosAndNaN(t *testing.T) {
	negZero := fromBits(signBit)
	for _, k := range Impls() {
		eval := func(op BinaryOp, x, y float32) float32 {
			d := []float32{0}
			k.Binary(op, d, []float32{x}, []float32{y})
			return d[0]
		}
		for _, c := range []struct {
			op         BinaryOp
			x, y, want float32
		}{
			{Max, 0, negZero, 0}, {Max, negZero, 0, 0}, {Max, negZero, negZero, negZero}, {Max, 1, nan(), nan()}, {Max, nan(), 1, nan()},
			{Min, 0, negZero, negZero}, {Min, negZero, 0, negZero}, {Min, 1, nan(), nan()}, {Min, nan(), 1, nan()},
			{Less, nan(), 1, 0}, {LessEq, 1, 1, word(true)}, {Equal, 0, negZero, word(true)}, {NotEqual, nan(), nan(), word(true)},
			{Equal, nan(), nan(), 0}, {And, word(true), word(false), 0}, {Or, word(true), word(false), word(true)},
		} {
			got := eval(c.op, c.x, c.y)
			if bits(got) != bits(c.want) && !(got != got && c.want != c.want && c.op <= Min) {
				t.Errorf("%s: %v(%g, %g) = %#x, want %#x", k.Name, c.op, c.x, c.y, bits(got), bits(c.want))
			}
		}
	}
}

func TestSpecialValues(t *testing.T) {
	negZero := fromBits(signBit)
	for _, k := range Impls() {
		for _, c := range []struct {
			op      UnaryOp
			x, want float32
		}{
			{Exp, -inf, 0}, {Exp, inf, inf}, {Exp, nan(), nan()}, {Exp, 0, 1}, {Exp, -87.4, 0}, {Exp, 88.73, inf},
			{Expm1, negZero, negZero}, {Expm1, -inf, -1}, {Expm1, inf, inf}, {Expm1, fromBits(1), fromBits(1)},
			{Log, 0, -inf}, {Log, negZero, -inf}, {Log, -1, nan()}, {Log, inf, inf}, {Log, 1, 0}, {Log, -inf, nan()},
			{Log1p, -1, -inf}, {Log1p, negZero, negZero}, {Log1p, inf, inf}, {Log1p, -1.5, nan()}, {Log1p, fromBits(3), fromBits(3)},
			{Tanh, inf, 1}, {Tanh, -inf, -1}, {Tanh, negZero, negZero}, {Tanh, nan(), nan()},
			{Sigmoid, inf, 1}, {Sigmoid, -inf, 0}, {Sigmoid, -88, 0}, {Sigmoid, 0, 0.5}, {Sigmoid, nan(), nan()},
			{Softplus, inf, inf}, {Softplus, -inf, 0}, {Softplus, -88, 0}, {Softplus, 100, 100}, {Softplus, nan(), nan()},
			{Erf, inf, 1}, {Erf, -inf, -1}, {Erf, negZero, negZero}, {Erf, nan(), nan()},
			{Sin, negZero, negZero}, {Sin, inf, nan()}, {Cos, 0, 1}, {Cos, nan(), nan()},
			{Relu, negZero, 0}, {Relu, nan(), nan()}, {Relu, -inf, 0}, {Sign, negZero, negZero}, {Sign, fromBits(1), 1}, {Sign, nan(), nan()},
			{Recip, negZero, -inf}, {Recip, inf, 0}, {Sqrt, -1, nan()}, {Sqrt, negZero, negZero}, {Floor, -0.5, -1}, {Floor, negZero, negZero},
			{Abs, -inf, inf}, {Neg, 0, negZero},
		} {
			d := []float32{c.x}
			k.Unary(c.op, d, d)
			if firstDiff(d, []float32{c.want}) >= 0 {
				t.Errorf("%s: %v(%g) = %g (%#x), want %g", k.Name, c.op, c.x, d[0], bits(d[0]), c.want)
			}
		}
	}
}

func TestConversions(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for _, k := range Impls() {
		for n := range 70 {
			ints := make([]int32, n)
			for i := range ints {
				ints[i] = int32(rng.Uint32())
			}
			want := make([]float32, n)
			for i, v := range ints {
				want[i] = float32(v)
			}
			got, intact := guarded(make([]float32, n))
			k.Int32ToFloat(got, ints)
			if firstDiff(got, want) >= 0 || !intact() {
				t.Fatalf("%s: Int32ToFloat of %d: %v to %v", k.Name, n, ints, got)
			}
			x := randomFloats(rng, n)
			wantInts := make([]int32, n)
			portableToInt(wantInts, x)
			all := make([]int32, n+16)
			k.FloatToInt32(all[:n], x)
			for i, v := range all {
				if i < n && v != wantInts[i] || i >= n && v != 0 {
					t.Fatalf("%s: FloatToInt32(%g) = %d", k.Name, x[i], v)
				}
			}
			got, intact = guarded(make([]float32, n))
			k.Fill(got, word(true))
			for _, v := range got {
				if bits(v) != allBits || !intact() {
					t.Fatalf("%s: Fill of %d", k.Name, n)
				}
			}
		}
		var end [7]int32
		k.FloatToInt32(end[:], []float32{nan(), inf, -inf, 2147483520, -2147483648, -1.9, 1.9})
		if want := [7]int32{0, 1<<31 - 1, -1 << 31, 2147483520, -1 << 31, -1, 1}; end != want {
			t.Errorf("%s: FloatToInt32 ends at %v, want %v", k.Name, end, want)
		}
	}
}

// TestShortInputPanics gives inputs that are too short, though there is memory
// behind them.
func TestShortInputPanics(t *testing.T) {
	long, short := make([]float32, 9), make([]float32, 8, 64)
	for _, k := range Impls() {
		for name, f := range map[string]func(){
			"Unary":        func() { k.Unary(Exp, long, short) },
			"Binary left":  func() { k.Binary(Add, long, short, long) },
			"Binary right": func() { k.Binary(Add, long, long, short) },
			"BinaryScalar": func() { k.BinaryScalar(Add, long, short, 1, false) },
			"Select":       func() { k.Select(long, long, short, long) },
			"Not":          func() { k.Not(long, short) },
			"BoolToFloat":  func() { k.BoolToFloat(long, short) },
			"Int32ToFloat": func() { k.Int32ToFloat(long, make([]int32, 8, 64)) },
			"FloatToInt32": func() { k.FloatToInt32(make([]int32, 9), short) },
		} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s: no panic of %s on a short input", k.Name, name)
					}
				}()
				f()
			}()
		}
	}
}

func BenchmarkElementwise(b *testing.B) {
	const n = 4096
	rng := rand.New(rand.NewPCG(1, 1))
	for _, e := range append(elementwiseKernels(), fusedKernels()...) {
		in := make([][]float32, e.in)
		for i := range in {
			in[i] = make([]float32, n)
			for j := range in[i] {
				in[i][j] = rng.Float32()*8 + 0.01
			}
		}
		if e.bool {
			in[0] = randomWords(rng, n)
		}
		dst := make([]float32, n)
		for _, k := range Impls() {
			b.Run(fmt.Sprintf("op=%s/impl=%s", e.name, k.Name), func(b *testing.B) {
				for b.Loop() {
					e.run(k, dst, in)
				}
				b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds()/1e9, "Gelem/s")
			})
		}
	}
}
