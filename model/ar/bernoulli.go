package ar

import (
	"math"
	"math/rand/v2"

	"github.com/surprisal-go/surprisal/internal/fmath"
)

// coins decides u < σ(z) for most u and z without an exponential: by where
// logit(u) lies, of all u of a cell, which a processor finds out while z is not
// there yet.
type coins [1 << coinBits]struct{ mid, half float32 }

const coinBits = 9

func newCoins() *coins {
	c := new(coins)
	logit := func(i int) float64 {
		p := float64(i) / float64(len(c))
		return fmath.Log(p) - fmath.Log1p(-p)
	}
	for i := range c {
		if i == 0 || i == len(c)-1 { // without end
			c[i].half = float32(math.Inf(1))
			continue
		}
		lo, hi := logit(i), logit(i+1)
		// The slack is far more than what rounding can do.
		c[i].mid, c[i].half = float32((lo+hi)/2), float32((hi-lo)/2+1e-4)
	}
	return c
}

// bit is 1 if u < σ(z), where u is what Float64 of a rand.Rand makes of a
// random word. There is no branch on the bit, which no processor could foresee.
func (c *coins) bit(z float32, word uint64) (bit uint32) {
	cell := c[word<<11>>(64-coinBits)]
	d := z - cell.mid
	if d > 0 {
		bit = 1
	}
	if float32(math.Abs(float64(d))) <= cell.half {
		return exactBit(z, word)
	}
	return bit
}

//go:noinline
func exactBit(z float32, word uint64) uint32 {
	return below(float64(word<<11>>11)/(1<<53), float64(z))
}

// below is 1 if u < σ(z) with fmath.Sigmoid.
func below(u, z float64) uint32 {
	if u < fmath.Sigmoid(z) {
		return 1
	}
	return 0
}

// bitColumn is what drawing a column of bits needs to know. Columns as a whole
// take so much memory that those of an image would not stay in the first cache.
type bitColumn struct {
	head    int32 // −1 if the column is of another kind
	slot    int32 // in the head
	columns int32 // of the head
	at      int32 // in an event
	points  [2]float64
}

func (l *layout) bitColumns() []bitColumn {
	out := make([]bitColumn, len(l.columns))
	for i := range out {
		c := &l.columns[i]
		h := &l.heads[c.head]
		out[i] = bitColumn{int32(c.head), int32(c.slot), int32(len(h.columns)), int32(c.at), [2]float64{c.point(0), c.point(1)}}
		if h.answer != bits {
			out[i].head = -1
		}
	}
	return out
}

// draw draws the column in rows of so many dims, and as the features of a step,
// from the logits of the head.
func (c *bitColumn) draw(coins *coins, features []float32, rows []float64, dims int, logits []float32, random []rand.PCG) {
	const one = 0x3f800000 // the word of 1
	at, slot := int(c.at), int(c.slot)
	for r := range random {
		bit := coins.bit(logits[slot], random[r].Uint64())
		features[r], rows[at] = math.Float32frombits(-bit&one), c.points[bit&1]
		at, slot = at+dims, slot+int(c.columns)
	}
}
