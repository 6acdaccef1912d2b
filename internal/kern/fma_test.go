package kern

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// bigFMA is x·y + z rounded once, by arithmetic of unlimited precision. The
// arguments are finite.
func bigFMA(x, y, z float32) float32 {
	f := func(v float32) *big.Float { return new(big.Float).SetPrec(2000).SetFloat64(float64(v)) }
	p := new(big.Float).SetPrec(2000).Mul(f(x), f(y))
	s := new(big.Float).SetPrec(2000).Add(p, f(z))
	if s.Sign() == 0 {
		// The sign of an exact zero is that of the float64 sum of the parts.
		return float32(float64(float64(x)*float64(y)) + float64(z))
	}
	r, _ := s.Float32()
	return r
}

func checkFMA(t *testing.T, x, y, z float32) {
	t.Helper()
	if got, want := FMA(x, y, z), bigFMA(x, y, z); bits(got) != bits(want) {
		t.Fatalf("FMA(%x, %x, %x) = %x, want %x", x, y, z, got, want)
	}
}

// TestFMANearTies makes sums that lie half-way between two float32 but for a
// distance that float64 cannot hold: the cases that rounding twice gets wrong.
func TestFMANearTies(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 11))
	wrong := 0
	for range 20000 {
		// z is a float32; ±2^-24·2^e is half its last place; and the product adds
		// that and a little: (1+a)(1-a) = 1 - a² with a down to 2^-23.
		e := rng.IntN(200) - 90
		z := float32(math.Ldexp(1+float64(rng.IntN(1<<23))/(1<<23), e))
		a := math.Ldexp(1, -12-rng.IntN(12))
		x := float32(1 + a)
		y := float32(math.Ldexp(1-a, e-24))
		for _, s := range [][2]float32{{1, 1}, {-1, 1}, {1, -1}, {-1, -1}} {
			checkFMA(t, x, s[0]*y, s[1]*z)
			naive := float32(math.FMA(float64(x), float64(s[0]*y), float64(s[1]*z)))
			if naive != FMA(x, s[0]*y, s[1]*z) {
				wrong++
			}
		}
	}
	if wrong == 0 {
		t.Error("no case tells FMA from a sum rounded twice: the test is too weak")
	}
}

// TestFMASubnormal looks where the result has fewer bits.
func TestFMASubnormal(t *testing.T) {
	rng := rand.New(rand.NewPCG(12, 12))
	for range 50000 {
		x := fromBits(rng.Uint32()&(signBit|0x7fffff) | uint32(60+rng.IntN(10))<<23)
		y := fromBits(rng.Uint32()&(signBit|0x7fffff) | uint32(45+rng.IntN(30))<<23)
		z := fromBits(rng.Uint32() & (signBit | 0xffffff))
		checkFMA(t, x, y, z)
	}
	// Half of the least subnormal, less a² of it: (1+a)(1-a) = 1 - a².
	for range 20000 {
		a := float32(math.Ldexp(1, -12-rng.IntN(12)))
		z := fromBits(rng.Uint32()&0x7fffff | 0x400000)
		for _, s := range []float32{1, -1} {
			checkFMA(t, (1+a)*0x1p-75, s*(1-a)*0x1p-75, z)
			checkFMA(t, (1+a)*0x1p-75, s*(1-a)*0x1p-75, -z)
		}
	}
	// The same with nothing to add to.
	for _, d := range []float32{0x1p-23, -0x1p-24} {
		checkFMA(t, 0x1p-75, (1+d)*0x1p-75, 0)
		checkFMA(t, 0x1p-75, (1+d)*0x1p-75, fromBits(1))
		checkFMA(t, -0x1p-75, (1+d)*0x1p-75, fromBits(3))
	}
}

func TestFMARandom(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 13))
	for range 50000 {
		x, y, z := fromBits(rng.Uint32()), fromBits(rng.Uint32()), fromBits(rng.Uint32())
		if rng.IntN(2) == 0 { // bring z near the product
			z = fromBits(bits(x*y) + uint32(rng.IntN(64)<<20))
		}
		if finite(x) && finite(y) && finite(z) {
			checkFMA(t, x, y, z)
		}
	}
}

func finite(x float32) bool { return abs(x) < inf }

func TestFMASpecials(t *testing.T) {
	for _, x := range specials {
		for _, y := range specials {
			for _, z := range specials {
				if finite(x) && finite(y) && finite(z) {
					checkFMA(t, x, y, z)
					continue
				}
				want := float32(float64(float64(x)*float64(y)) + float64(z)) // inf or NaN either way
				if got := FMA(x, y, z); firstDiff([]float32{got}, []float32{want}) >= 0 {
					t.Fatalf("FMA(%g, %g, %g) = %g, want %g", x, y, z, got, want)
				}
			}
		}
	}
	// Overflow is decided by the rounded value.
	checkFMA(t, math.MaxFloat32, 1, 0x1p102)
	checkFMA(t, math.MaxFloat32, 1, 0x1.fffffep102)
	checkFMA(t, math.MaxFloat32, 1, 0x1p103)
	checkFMA(t, 0x1.fffffep63, 0x1.fffffep64, -0x1p104)
}

func BenchmarkFMA(b *testing.B) {
	x, y := float32(0.999), float32(1)
	for b.Loop() {
		for range 100 {
			y = FMA(x, y, 0.1)
		}
	}
	b.ReportMetric(100*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFMA/s")
}
