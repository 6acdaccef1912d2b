package prep

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/fmath"
)

// Dequantize writes the events of b as rows into dst (N × D), with step·u added
// to every discrete scalar, u uniform on [0, 1), so that a value v becomes a
// point of its cell [v, v+step). Real scalars are copied. The noise of an event
// depends on key, draw and its id alone. It returns Σ log step over the
// discrete dims: what turns the density at such a point into an unbiased
// estimate of the mass of the event's cell.
func Dequantize(dst []float64, b *surprisal.Batch, key surprisal.Key, draw int) (logCell float64) {
	n, d := b.Len(), b.Space.Dims()
	if len(dst) != n*d {
		panic(fmt.Sprintf("prep: Dequantize of %d × %d scalars into %d", n, d, len(dst)))
	}
	b.Float64s(dst, 0)
	logCell = LogCell(b.Space)
	if b.Space.Continuous() {
		return logCell
	}
	step := steps(b.Space)
	var src rand.PCG
	for i := range n {
		k := key.Fold(uint64(draw), b.ID(i))
		src.Seed(uint64(k), uint64(k.Fold(0)))
		row := dst[i*d : (i+1)*d]
		for j, s := range step {
			if s > 0 {
				u := float64(int64(src.Uint64()>>11)) * 0x1p-53
				end := row[j] + s
				row[j] += float64(s * u)
				if row[j] >= end { // the sum rounded up
					row[j] = math.Nextafter(end, math.Inf(-1))
				}
			}
		}
	}
	return logCell
}

// LogCell is Σ log step over the discrete dims of a space: the log volume of an
// event's cell.
func LogCell(space *surprisal.Space) float64 {
	sum := 0.0
	for _, f := range space.Fields {
		if f.Discrete() {
			_, step, _ := f.Grid()
			sum += float64(float64(f.Size()) * fmath.Log(step))
		}
	}
	return sum
}

// steps returns the grid step of every dim, 0 for real ones (D).
func steps(space *surprisal.Space) []float64 {
	out := make([]float64, 0, space.Dims())
	for _, f := range space.Fields {
		step := 0.0
		if f.Discrete() {
			_, step, _ = f.Grid()
		}
		for range f.Size() {
			out = append(out, step)
		}
	}
	return out
}

// Quantize replaces every discrete scalar of the rows x (N × D) by the grid
// value whose cell it lies in, or the nearest one if it lies beyond the ends.
// It undoes Dequantize. A NaN becomes the lowest value.
func Quantize(x []float64, space *surprisal.Space) {
	d := space.Dims()
	if len(x)%d != 0 {
		panic(fmt.Sprintf("prep: Quantize of %d scalars, want a multiple of %d", len(x), d))
	}
	at := 0
	for _, f := range space.Fields {
		if f.Discrete() {
			low, step, levels := f.Grid()
			top := float64(math.MaxInt32)
			if levels > 0 {
				top = float64(levels - 1)
			}
			for lo := at; lo < len(x); lo += d {
				cell := x[lo : lo+f.Size()]
				for j, v := range cell {
					i := math.Floor((v - low) / step)
					if !(i > 0) {
						i = 0
					}
					cell[j] = float64(min(i, top)*step) + low
				}
			}
		}
		at += f.Size()
	}
}
