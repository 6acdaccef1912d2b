package kern

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func fusedKernels() []elementwise {
	return []elementwise{
		{"Flush", 1, false, func(k *Impl, dst []float32, in [][]float32) { k.Flush(dst, in[0], 0.5) }},
		{"Gate", 2, false, func(k *Impl, dst []float32, in [][]float32) { k.Gate(dst, in[0], in[1]) }},
		{"Lerp", 2, false, func(k *Impl, dst []float32, in [][]float32) { k.Lerp(dst, in[0], in[1], 0.3) }},
	}
}

var ordinaryAdam = AdamStep{Keep1: 0.9, Add1: 0.1, Keep2: 0.999, Add2: 0.001, Correct1: 10, Correct2: 1000, Epsilon: 1e-8, Rate: 1e-3, Least: 0x1p-100}

// TestFusedAreTheirParts composes each fused kernel of single operations.
func TestFusedAreTheirParts(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	x, y := randomFloats(rng, 5000), randomFloats(rng, 5000)
	zero, c, want, got := make([]float32, 5000), make([]float32, 5000), make([]float32, 5000), make([]float32, 5000)
	for _, k := range Impls() {
		check := func(name string) {
			t.Helper()
			if i := firstDiff(got, want); i >= 0 {
				t.Errorf("%s: %s(%g, %g) = %#x, want %#x", k.Name, name, x[i], y[i], bits(got[i]), bits(want[i]))
			}
		}
		composedFlush(k, want, x, 0.5)
		k.Flush(got, x, 0.5)
		check("Flush")
		k.BinaryScalar(Less, c, x, 0, true)
		k.Select(want, c, y, zero)
		k.Gate(got, x, y)
		check("Gate")
		for _, s := range specials {
			k.Binary(Sub, want, y, x)
			k.BinaryScalar(Mul, want, want, s, true)
			k.Binary(Add, want, x, want)
			k.Lerp(got, x, y, s)
			check("Lerp")
		}
	}
}

func composedFlush(k *Impl, dst, x []float32, least float32) {
	c := make([]float32, len(x))
	k.Unary(Abs, c, x)
	k.BinaryScalar(Less, c, c, least, false)
	k.Select(dst, c, make([]float32, len(x)), x)
}

// composedAdam is a step of Adam, operation by operation.
func composedAdam(k *Impl, p, m, v, g []float32, s AdamStep) {
	a, b := make([]float32, len(g)), make([]float32, len(g))
	scaled := func(dst, x []float32, c float32) { k.BinaryScalar(Mul, dst, x, c, false) }
	scaled(a, m, s.Keep1)
	scaled(b, g, s.Add1)
	k.Binary(Add, a, a, b)
	composedFlush(k, m, a, s.Least)
	scaled(a, v, s.Keep2)
	k.Unary(Square, b, g)
	scaled(b, b, s.Add2)
	k.Binary(Add, a, a, b)
	composedFlush(k, v, a, s.Least)
	scaled(a, v, s.Correct2)
	k.Unary(Sqrt, a, a)
	k.BinaryScalar(Add, a, a, s.Epsilon, false)
	scaled(b, m, s.Correct1)
	k.Binary(Div, b, b, a)
	if s.Decayed {
		scaled(a, p, s.Decay)
		k.Binary(Add, b, b, a)
	}
	scaled(b, b, s.Rate)
	k.Binary(Sub, p, p, b)
}

// TestSoftplusSigmoid holds the pair to the two functions, for lengths that end
// in every way.
func TestSoftplusSigmoid(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	for n := range 131 {
		x := randomFloats(rng, n)
		for _, k := range Impls() {
			checkSoftplusSigmoid(t, k, x)
		}
	}
}

func checkSoftplusSigmoid(t *testing.T, k *Impl, x []float32) {
	t.Helper()
	in, _ := guarded(x)
	p, pIntact := guarded(make([]float32, len(x)))
	s, sIntact := guarded(make([]float32, len(x)))
	want := make([]float32, len(x))
	k.SoftplusSigmoid(p, s, in)
	for op, got := range map[UnaryOp][]float32{Softplus: p, Sigmoid: s} {
		Impls()[0].Unary(op, want, x)
		if i := firstDiff(got, want); i >= 0 {
			t.Fatalf("%s: %v(%g = %#08x) of %d in a pair is %#08x, want %#08x", k.Name, op, x[i], bits(x[i]), len(x), bits(got[i]), bits(want[i]))
		}
	}
	if !pIntact() || !sIntact() {
		t.Fatalf("%s: a pair of %d wrote outside", k.Name, len(x))
	}
}

// TestAdam holds a step to the composition of its operations, for lengths that
// end in every way, ordinary and special values, places at rest, and numbers
// under which such a place moves after all.
func TestAdam(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	steps := []AdamStep{ordinaryAdam}
	for _, change := range []func(s *AdamStep){
		func(s *AdamStep) { s.Decay, s.Decayed = 0.01, true },
		func(s *AdamStep) { s.Decay, s.Decayed = -0.01, true },
		func(s *AdamStep) { s.Decay, s.Decayed = inf, true },
		func(s *AdamStep) { s.Epsilon = 0 },
		func(s *AdamStep) { s.Epsilon = nan() },
		func(s *AdamStep) { s.Rate = -1 },
		func(s *AdamStep) { s.Rate = inf },
		func(s *AdamStep) { s.Correct1 = -1 },
		func(s *AdamStep) { s.Correct2 = nan() },
		func(s *AdamStep) { s.Keep1 = inf },
		func(s *AdamStep) { s.Add2 = -inf },
		func(s *AdamStep) { s.Least = inf },
	} {
		s := ordinaryAdam
		change(&s)
		steps = append(steps, s)
	}
	for _, s := range steps {
		for _, k := range Impls() {
			for n := range 67 {
				var in, want, got [4][]float32
				for i := range in {
					in[i] = randomFloats(rng, n)
					if i == 2 && n%2 == 0 {
						k.Unary(Abs, in[i], in[i])
					}
				}
				for lo := range n {
					if lo/8%2 == n%2 { // whole vectors at rest, and others
						for i := range in {
							if i > 0 || n%3 == 0 {
								in[i][lo] = 0
							} else if n%3 == 1 {
								in[i][lo] = fromBits(signBit)
							}
						}
					}
				}
				intact := make([]func() bool, 4)
				for i := range in {
					want[i] = append([]float32(nil), in[i]...)
					got[i], intact[i] = guarded(in[i])
				}
				composedAdam(k, want[0], want[1], want[2], want[3], s)
				k.Adam(got[0], got[1], got[2], got[3], s)
				for a := range in {
					if i := firstDiff(got[a], want[a]); i >= 0 {
						t.Fatalf("%s: %+v on %d places p, m, v, g: from %x element %d of %c is %08x, want %08x", k.Name, s, n,
							[]uint32{bits(in[0][i]), bits(in[1][i]), bits(in[2][i]), bits(in[3][i])}, i, "pmvg"[a], bits(got[a][i]), bits(want[a][i]))
					}
					if !intact[a]() {
						t.Fatalf("%s: a step on %d places wrote outside", k.Name, n)
					}
				}
			}
		}
	}
}

// BenchmarkAdam makes steps on a block in the first cache, of whose places none
// or half are at rest.
func BenchmarkAdam(b *testing.B) {
	const n = 1024
	for _, rest := range []int{0, n / 2} {
		for _, k := range Impls() {
			b.Run(fmt.Sprintf("rest=%d/kern=%s", rest, k.Name), func(b *testing.B) {
				rng := rand.New(rand.NewPCG(6, 6))
				var x [4][]float32
				for i := range x {
					x[i] = make([]float32, n)
					for j := rest; j < n; j++ {
						x[i][j] = float32(math.Abs(float64(bell(rng)))) + 0.1
					}
				}
				b.SetBytes(4 * n)
				for b.Loop() {
					k.Adam(x[0], x[1], x[2], x[3], ordinaryAdam)
				}
			})
		}
	}
}
