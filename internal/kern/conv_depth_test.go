package kern

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// depthCase is a tile of channels kept apart, and its weight gradient.
type depthCase struct {
	tile       ConvTile
	pairs      ConvPairs
	cols, ldc  int
	a, b, want []float32
	old, sums  []float32
	cut        int // the pairs of a first call
}

func newDepthCase(rng *rand.Rand, rows, cols, segs int) *depthCase {
	c := &depthCase{cols: cols, ldc: cols + rng.IntN(3)}
	c.a, c.b = convFloats(rng, cols+rng.IntN(50)), convFloats(rng, cols+rng.IntN(50))
	at, from := make([]int32, rows*segs), make([]int32, segs)
	for i := range at {
		if at[i] = int32(rng.IntN(len(c.a) - cols + 1)); rng.IntN(4) == 0 {
			at[i] = -1
		}
	}
	for s := range from {
		from[s] = int32(rng.IntN(len(c.b) - cols + 1))
	}
	n := rng.IntN(12)
	pairs := make([]int32, 2*n)
	for i := range n {
		pairs[2*i], pairs[2*i+1] = int32(rng.IntN(len(c.a)-cols+1)), int32(rng.IntN(len(c.b)-cols+1))
	}
	if segs > 0 {
		at[0], from[0] = int32(len(c.a)-cols), int32(len(c.b)-cols) // to the very end
	}
	if n > 0 && rng.IntN(2) == 0 { // not always: a guard that is read and written back does not show
		pairs[0], pairs[1] = int32(len(c.a)-cols), int32(len(c.b)-cols)
	}
	c.tile, c.pairs, c.cut = NewConvTile(rows, at, from), NewConvPairs(pairs), rng.IntN(n+1)
	c.want, c.old = make([]float32, (rows-1)*c.ldc+cols), convFloats(rng, cols)
	for i := range rows {
		for j := range cols {
			var t float32
			for s := range segs {
				x := float32(0)
				if o := at[s*rows+i]; o >= 0 {
					x = c.a[int(o)+j]
				}
				t = FMA(x, c.b[int(from[s])+j], t)
			}
			c.want[i*c.ldc+j] = t + 0
		}
	}
	c.sums = make([]float32, cols)
	for j := range c.sums {
		for q := range n {
			c.sums[j] = FMA(c.a[int(pairs[2*q])+j], c.b[int(pairs[2*q+1])+j], c.sums[j])
		}
	}
	return c
}

func (c *depthCase) run(t *testing.T, copied func([]float32) ([]float32, func() bool)) {
	t.Helper()
	check := func(what string, got, want []float32, intact func() bool) {
		t.Helper()
		if i := firstDiff(got, want); i >= 0 {
			t.Fatalf("%s[%d] = %x, want %x", what, i, bits(got[i]), bits(want[i]))
		}
		if !intact() {
			t.Fatalf("%s: wrote outside", what)
		}
	}
	a, _ := copied(c.a)
	b, _ := copied(c.b)
	for _, k := range Impls() {
		what := fmt.Sprintf("%s: %d×%d, %d segments, %d pairs", k.Name, c.tile.rows, c.cols, len(c.tile.from), len(c.pairs.at)/2)
		got, intact := copied(make([]float32, len(c.want)))
		k.ConvDepth(&c.tile, c.cols, a, b, got, c.ldc)
		check(what+": C", got, c.want, intact)
		got, intact = copied(c.old)
		k.ConvDepthWeights(&c.pairs, 0, c.cut, c.cols, a, b, got, false)
		k.ConvDepthWeights(&c.pairs, c.cut, len(c.pairs.at)/2, c.cols, a, b, got, true)
		check(what+": weights", got, c.sums, intact)
	}
}

func TestConvDepth(t *testing.T) {
	rng := rand.New(rand.NewPCG(44, 44))
	for rows := 1; rows <= ConvRows; rows++ {
		for cols := 1; cols < 150; cols++ {
			newDepthCase(rng, rows, cols, rng.IntN(11)).run(t, guarded)
		}
	}
}

// TestConvDepthZero: a chain that ends as −0 becomes +0.
func TestConvDepthZero(t *testing.T) {
	tile := NewConvTile(1, []int32{0}, []int32{0})
	for _, cols := range []int{1, 16} {
		a, b := make([]float32, cols), make([]float32, cols)
		a[0], b[0] = 0x1p-149, -0x1p-149
		for _, k := range Impls() {
			c := make([]float32, cols)
			k.ConvDepth(&tile, cols, a, b, c, cols)
			if bits(c[0]) != 0 {
				t.Errorf("%s: %x, want +0", k.Name, bits(c[0]))
			}
		}
	}
}

// FuzzConvDepth takes any number of channels.
func FuzzConvDepth(f *testing.F) {
	f.Add(uint8(6), uint16(64), uint8(9), uint64(1))
	f.Fuzz(func(t *testing.T, rows uint8, cols uint16, segs uint8, seed uint64) {
		newDepthCase(rand.New(rand.NewPCG(seed, 3)), 1+int(rows)%ConvRows, 1+int(cols%700), int(segs%30)).run(t, guarded)
	})
}

// BenchmarkConvDepth takes 3×3 windows of rows of 28 pixels of 64 channels.
func BenchmarkConvDepth(b *testing.B) {
	const channels, taps, pixels = 64, 9, 96
	x, w, out := make([]float32, (pixels+2*28+3)*channels), make([]float32, taps*channels), make([]float32, pixels*channels)
	for i := range x {
		x[i], w[i%len(w)] = float32(i%13-6)/8, float32(i%7-3)/8 // no products of subnormals
	}
	var tiles []ConvTile
	for first := 0; first < pixels; first += ConvRows {
		at, from := make([]int32, taps*ConvRows), make([]int32, taps)
		for s := range from {
			from[s] = int32(s * channels)
			for i := range ConvRows {
				at[s*ConvRows+i] = int32((first + i + s/3*28 + s%3) * channels)
			}
		}
		tiles = append(tiles, NewConvTile(ConvRows, at, from))
	}
	at := make([]int32, 2*pixels)
	for i := range pixels {
		at[2*i], at[2*i+1] = int32((i+30)*channels), int32(i*channels)
	}
	pairs := NewConvPairs(at)
	for _, k := range Impls() {
		for name, f := range map[string]func(){
			"tile": func() {
				for i := range tiles {
					k.ConvDepth(&tiles[i], channels, x, w, out[i*ConvRows*channels:], channels)
				}
			},
			"weights": func() {
				for range taps {
					k.ConvDepthWeights(&pairs, 0, pixels, channels, x, x, out, false)
				}
			},
		} {
			b.Run("op="+name+"/impl="+k.Name, func(b *testing.B) {
				for b.Loop() {
					f()
				}
				b.ReportMetric(2*pixels*channels*taps*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}
