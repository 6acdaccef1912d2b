package kern

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// convCase is a tile of a convolution with random offsets.
type convCase struct {
	tile       ConvTile
	cols, k    int
	a, b, want []float32
	ldc        int
}

func newConvCase(rng *rand.Rand, rows, cols, segs, k int) *convCase {
	c := &convCase{cols: cols, k: k, ldc: cols + rng.IntN(3)}
	c.a, c.b = convFloats(rng, 3*k+rng.IntN(50)), convFloats(rng, segs*k*ConvCols)
	at, from := make([]int32, rows*segs), make([]int32, segs)
	for i := range at {
		at[i] = int32(rng.IntN(len(c.a)-k+1)) - 1
		if rng.IntN(4) == 0 {
			at[i] = -1
		}
	}
	if len(at) > 0 {
		at[rng.IntN(len(at))] = int32(len(c.a) - k) // to the very end
	}
	for s := range from {
		from[s] = int32(s * k * ConvCols)
	}
	rng.Shuffle(segs, func(i, j int) { from[i], from[j] = from[j], from[i] })
	c.tile = NewConvTile(rows, at, from)
	c.want = make([]float32, (rows-1)*c.ldc+cols)
	for i := range rows {
		for j := range cols {
			var t float32
			for s := range segs {
				for p := range k {
					x := float32(0)
					if at[s*rows+i] >= 0 {
						x = c.a[int(at[s*rows+i])+p]
					}
					t = FMA(x, c.b[int(from[s])+p*ConvCols+j], t)
				}
			}
			if t == 0 {
				t = 0 // not −0
			}
			c.want[i*c.ldc+j] = t
		}
	}
	return c
}

// convFloats holds zeros, and numbers whose products vanish.
func convFloats(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = bell(rng)
		switch rng.IntN(12) {
		case 0:
			x[i] = 0
		case 1:
			x[i] *= 0x1p-90
		}
	}
	return x
}

func TestConvTile(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 31))
	var s Scratch
	for rows := 1; rows <= ConvRows; rows++ {
		for cols := 1; cols <= ConvCols; cols++ {
			for _, k := range []int{0, 1, 2, 3, 4, 5, 7, 8, 64} {
				c := newConvCase(rng, rows, cols, rng.IntN(10), k)
				for _, impl := range Impls() {
					got, intact := guarded(make([]float32, len(c.want)))
					a, _ := guarded(c.a)
					b, _ := guarded(c.b)
					impl.ConvTile(&c.tile, cols, k, a, b, got, c.ldc, &s)
					what := fmt.Sprintf("%s: %d×%d, %d segments of %d", impl.Name, rows, cols, len(c.tile.from), k)
					if i := firstDiff(got, c.want); i >= 0 {
						t.Fatalf("%s: C[%d] = %x, want %x", what, i, bits(got[i]), bits(c.want[i]))
					}
					if !intact() {
						t.Fatalf("%s: wrote outside C", what)
					}
				}
			}
		}
	}
}

// TestConvTileZero: a chain that ends as −0 becomes +0.
func TestConvTileZero(t *testing.T) {
	tile := NewConvTile(1, []int32{0}, []int32{0})
	b := make([]float32, ConvCols)
	b[0] = -0x1p-149
	for _, impl := range Impls() {
		c := make([]float32, 1)
		impl.ConvTile(&tile, 1, 1, []float32{0x1p-149}, b, c, 1, &Scratch{})
		if bits(c[0]) != 0 {
			t.Errorf("%s: %x, want +0", impl.Name, bits(c[0]))
		}
	}
}

func TestConvWeights(t *testing.T) {
	rng := rand.New(rand.NewPCG(32, 32))
	for range 400 {
		rows, cols, n := 1+rng.IntN(14), 1+rng.IntN(140), rng.IntN(20)
		if rng.IntN(2) == 0 {
			rows = 1 + rng.IntN(3)
		}
		a, b := convFloats(rng, rows+rng.IntN(60)), convFloats(rng, cols+rng.IntN(60))
		at := make([]int32, 2*n)
		for i := range n {
			at[2*i], at[2*i+1] = int32(rng.IntN(len(a)-rows+1)), int32(rng.IntN(len(b)-cols+1))
		}
		if n > 0 {
			at[0], at[1] = int32(len(a)-rows), int32(len(b)-cols)
		}
		pairs, ldc := NewConvPairs(at), cols+rng.IntN(4)
		cut := rng.IntN(n + 1)
		old := convFloats(rng, (rows-1)*ldc+cols)
		want := append([]float32(nil), old...)
		for i := range rows {
			for j := range cols {
				var t float32
				for q := range n {
					t = FMA(a[int(at[2*q])+i], b[int(at[2*q+1])+j], t)
				}
				want[i*ldc+j] = t
			}
		}
		for _, impl := range Impls() {
			c, intact := guarded(old)
			ga, _ := guarded(a)
			gb, _ := guarded(b)
			impl.ConvWeights(&pairs, 0, cut, rows, cols, ga, gb, c, ldc, false)
			impl.ConvWeights(&pairs, cut, n, rows, cols, ga, gb, c, ldc, true)
			if i := firstDiff(c, want); i >= 0 {
				t.Fatalf("%s: %d×%d of %d pairs, stride %d: C[%d] = %x, want %x", impl.Name, rows, cols, n, ldc, i, bits(c[i]), bits(want[i]))
			}
			if !intact() {
				t.Fatalf("%s: %d×%d: wrote outside C", impl.Name, rows, cols)
			}
		}
	}
}

// BenchmarkConv measures the kernels on 3×3 windows of images whose rows are 28
// pixels of 64 channels.
func BenchmarkConv(b *testing.B) {
	const channels, taps, pixels = 64, 9, 96
	rng := rand.New(rand.NewPCG(33, 33))
	x, w := convFloats(rng, (pixels+2*28+3)*channels), convFloats(rng, taps*channels*channels)
	out := make([]float32, max(pixels*channels, channels*channels))
	var tiles []ConvTile
	for first := 0; first < pixels; first += ConvRows {
		at, from := make([]int32, taps*ConvRows), make([]int32, taps)
		for s := range from {
			from[s] = int32(s * channels * ConvCols)
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
	report := func(b *testing.B, products int) {
		b.ReportMetric(2*float64(products)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
	}
	for _, impl := range Impls() {
		var s Scratch
		b.Run("op=tile/impl="+impl.Name, func(b *testing.B) {
			for b.Loop() {
				for j := 0; j < channels; j += ConvCols {
					for i := range tiles {
						impl.ConvTile(&tiles[i], ConvCols, channels, x, w[j*taps*channels:], out[i*ConvRows*channels+j:], channels, &s)
					}
				}
			}
			report(b, taps*pixels*channels*channels)
		})
		b.Run("op=weights/impl="+impl.Name, func(b *testing.B) {
			for b.Loop() {
				impl.ConvWeights(&pairs, 0, pixels, channels, channels, x, x, out, channels, true)
			}
			report(b, pixels*channels*channels)
		})
	}
}
