package bench

import (
	"math"

	"github.com/surprisal-go/surprisal"
)

// Sizes of the sets.
const (
	SetSize = 2000 // events
	Pixels  = 784  // dims of Bits
	Columns = 43   // dims of Reals
	Tokens  = 256  // positions of Texts
	Symbols = 256  // and their alphabet
)

// uniform is element i of a stream of floats in [0, 1), by the finaliser of
// SplitMix64 (Steele, Lea and Flood 2014).
func uniform(stream, i int) float64 {
	x := (uint64(stream)<<40 + uint64(i) + 1) * 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return float64((x^x>>31)>>11) * 0x1p-53
}

// Bits returns 2,000 events of 784 bits. Event i is prototype i mod 10, whose
// bit j is 1 with probability 0.3, with a twentieth of the bits turned over.
func Bits() *surprisal.Batch {
	out := make(surprisal.Values[uint8], SetSize*Pixels)
	for i := range out {
		event, j := i/Pixels, i%Pixels
		bit := uniform(0, event%10*Pixels+j) < 0.3
		if bit != (uniform(1, i) < 0.05) {
			out[i] = 1
		}
	}
	space := &surprisal.Space{Fields: []surprisal.Field{{Name: "pixel", Kind: surprisal.Binary, Shape: []int{Pixels}}}}
	return &surprisal.Batch{Space: space, Columns: []surprisal.Column{out}}
}

// Reals returns 2,000 events of 43 reals, an autoregression of order one:
//
//	x_0 = e_0, x_j = 0.8·x_{j−1} + 0.6·e_j
//
// where e is twice the sum of three uniforms on [−½, ½), of variance 1.
func Reals() *surprisal.Batch {
	out := make(surprisal.Values[float64], SetSize*Columns)
	for i := range out {
		e := 2 * (uniform(2, 3*i) + uniform(2, 3*i+1) + uniform(2, 3*i+2) - 1.5)
		if i%Columns == 0 {
			out[i] = e
		} else {
			out[i] = math.FMA(0.8, out[i-1], float64(0.6*e))
		}
	}
	space := &surprisal.Space{Fields: []surprisal.Field{{Name: "column", Kind: surprisal.Real, Shape: []int{Columns}}}}
	return &surprisal.Batch{Space: space, Columns: []surprisal.Column{out}}
}

// Texts returns 2,000 events of 256 symbols of an alphabet of 256. The first is
// drawn uniformly; a later one is so with probability 1/4 and otherwise follows
// from the one before:
//
//	x_t = (5·x_{t−1} + 17) mod 256
func Texts() *surprisal.Batch {
	out := make(surprisal.Values[uint8], SetSize*Tokens)
	for i := range out {
		if i%Tokens == 0 || uniform(3, i) < 0.25 {
			out[i] = uint8(Symbols * uniform(4, i))
		} else {
			out[i] = 5*out[i-1] + 17
		}
	}
	space := &surprisal.Space{Fields: []surprisal.Field{{Name: "symbol", Kind: surprisal.Categorical, Shape: []int{Tokens}, Levels: Symbols}}}
	return &surprisal.Batch{Space: space, Columns: []surprisal.Column{out}}
}
