package kern

import (
	"fmt"
	"os"
)

// Impl is one set of kernels. Its methods are safe for concurrent use. The
// zero value is of no use: take [Default] or one of [Impls].
type Impl struct {
	// Name is what SURPRISAL_KERN calls the set: "portable", "avx2",
	// "avx512", "neon".
	Name string

	unary       [numUnary]func(dst, x []float32)
	binary      [numBinary]func(dst, x, y []float32)
	scalarRight [numBinary]func(dst, x []float32, s float32) // x op s
	scalarLeft  [numBinary]func(dst, x []float32, s float32) // s op x

	sel         func(dst, cond, x, y []float32)
	not         func(dst, x []float32)
	boolToFloat func(dst, x []float32)
	toFloat     func(dst []float32, x []int32)
	toInt       func(dst []int32, x []float32)
	fill        func(dst []float32, v float32)

	flush func(dst, x []float32, least float32)
	gate  func(dst, x, g []float32)
	lerp  func(dst, x, y []float32, t float32)
	adam  func(p, m, v, g []float32, s AdamStep)

	softplusSigmoid func(p, s, x []float32)

	sum     func(x []float32) float32 // one chunk, at most chunkRows elements
	max     func(x []float32) float32
	min     func(x []float32) float32
	sumRows func(dst, x []float32, rows, cols, stride int, first bool) // one chunk
	maxRows func(dst, x []float32, rows, cols, stride int)

	dot             func(x, y []float32) float32 // one chunk
	mulAdd          func(dst, x, y, z []float32)
	expSum          func(dst, x []float32) (shift, sum float32)                                     // one chunk; may be nil or give up with a sum of 0
	mulRows         func(rows, cols int, dst []float32, ldd int, x []float32, ldx int, s float32)   // whole eights; may be nil
	divRows         func(rows, cols int, dst []float32, ldd int, x []float32, ldx int, s []float32) // the same
	standardize     func(dst, x []float32, size, eps float32) (r float32)                           // one chunk; may be nil
	standardizeGrad func(dst, h, unit []float32, size, r float32)                                   // the same
	transpose       func(dst []float32, ldd int, x []float32, ldx, rows, cols int)
	spread          func(dst, src []float32, n int)

	expSumColumns      func(n, seen int, x *float32, ld int, lanes, sum *float32) (done bool) // one chunk; may be nil or give up
	softmaxGradColumns func(n, seen int, x, y *float32, ld int, lanes, sum *float32)          // one chunk; may be nil

	gemm    func(g *product, s *Scratch)
	columns func(m, kk int, a []float32, rsa, csa int, b []float32, ldb int, c []float32, ldc int, mode GemmMode)
	reserve func(s *Scratch) // or nil
	pack    func(g *product, dst []float32, j, cols, p0, p1 int)
	push    func(dst []float32, lanes int, w []float32, ldw int, x []float32)

	tape func(k *Impl, t *Tape, lo, hi int)

	convTile       func(t *ConvTile, kk int, a, zeros, b, c []float32, ldc int)
	convPairs      func(at []int32, rows, cols int, a, b, c []float32, ldc int, cont bool)
	convDepth      func(t *ConvTile, cols int, a, b, c []float32, ldc int)
	convDepthPairs func(at []int32, cols int, a, b, c []float32, cont bool)
	fma            func(turns int) (operations float64) // see Peak; may be nil

	philox  func(dst []uint32, ctr [4]uint32, key [2]uint32)
	uniform func(dst []float32, w []uint32) // the same memory
}

var impls = available()

// Default is the set that the rest of the project uses: the fastest available,
// unless SURPRISAL_KERN names another. A name that is unknown, or that this
// machine cannot run, panics when the program starts.
var Default = choose(os.Getenv("SURPRISAL_KERN"))

// Impls returns the sets that this machine runs, portable first, fastest last.
func Impls() []*Impl { return append([]*Impl(nil), impls...) }

func choose(name string) *Impl {
	if name == "" {
		return impls[len(impls)-1]
	}
	var have []string
	for _, k := range impls {
		if k.Name == name {
			return k
		}
		have = append(have, k.Name)
	}
	panic(fmt.Sprintf("kern: SURPRISAL_KERN=%q: this build and machine have %q", name, have))
}
