package ar

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/surprisal-go/surprisal/internal/fmath"
)

// word is a random word of which Float64 of a rand.Rand makes u, with the bits
// that do not count.
type word uint64

func (w word) Uint64() uint64 { return uint64(w) }

func wordOf(u float64, rest uint64) uint64 {
	return uint64(max(0, min(u, 1-0x1p-53))*(1<<53)) | rest<<53
}

// TestCoins compares draws with the definition: at random, beside σ(z) on both
// sides, at the ends of cells, and where the table has no end.
func TestCoins(t *testing.T) {
	c, r := newCoins(), rand.New(rand.NewPCG(1, 2))
	logits := []float32{0, -17, 17, -800, 800, float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN())}
	for range 20_000 {
		z := float32(20 * (r.Float64() - 0.5))
		if p := float64(r.IntN(len(c))) / float64(len(c)); p > 0 && r.IntN(2) == 0 {
			z = float32(fmath.Log(p) - fmath.Log1p(-p))
		}
		logits = append(logits, z, math.Nextafter32(z, -50), math.Nextafter32(z, 50))
	}
	exact := 0
	for _, z := range logits {
		p := fmath.Sigmoid(float64(z))
		for _, u := range []float64{0, 1, p, p - 0x1p-53, p + 0x1p-53, p - 1e-9, p + 1e-9, p + 0.001, p - 0.001, p + 0.002, p - 0.002, p - 0.01, p + 0.01, r.Float64()} {
			w := wordOf(u, r.Uint64())
			u := rand.New(word(w)).Float64()
			if got := c.bit(z, w); (got == 1) != (u < p) {
				t.Fatalf("u = %g below σ(%g) = %g: got %d", u, z, p, got)
			}
		}
		if cell := &c[wordOf(r.Float64(), 0)<<11>>(64-coinBits)]; !(float32(math.Abs(float64(z-cell.mid))) > cell.half) {
			exact++
		}
	}
	if exact > len(logits)/50 {
		t.Errorf("%d of %d draws take an exponential", exact, len(logits))
	}
}
