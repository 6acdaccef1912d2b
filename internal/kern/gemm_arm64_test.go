//go:build !noasm

package kern

import (
	"math/rand/v2"
	"testing"
)

// TestMicroKernels holds every kernel to its definition, in every mode, with
// strides that leave gaps.
func TestMicroKernels(t *testing.T) {
	kernels := map[int][]fullKernel{16: neonFull[:], 4: neonFour[:], 1: neonOne[:]}
	kernels[64] = []fullKernel{nil, gemmNEON1x64}
	kernels[32] = []fullKernel{nil, nil, gemmNEON2x32, gemmNEON3x32}
	rng := rand.New(rand.NewPCG(31, 31))
	for cols, byRows := range kernels {
		for rows, kernel := range byRows {
			if kernel == nil {
				continue
			}
			for mode := range 8 {
				for _, k := range []int{0, 1, 3, 4, 5, 8, 23} {
					checkMicroKernel(t, rng, kernel, rows, cols, k, mode)
				}
			}
		}
	}
}

func checkMicroKernel(t *testing.T, rng *rand.Rand, kernel fullKernel, rows, cols, k, mode int) {
	t.Helper()
	const tiles = 3
	m := rows * tiles
	rsa, csa, ldb, ldc := k+1, 1, cols+2, cols+1
	if rng.IntN(2) == 0 {
		rsa, csa = 1, m+3
	}
	a, b := randomFloats(rng, m*rsa+k*csa+1), randomFloats(rng, k*ldb+cols)
	c, intact := guarded(randomFloats(rng, (m-1)*ldc+cols))
	want := append([]float32(nil), c...)
	for i := range m {
		for j := range cols {
			var s float32
			old := want[i*ldc+j]
			if mode&1 != 0 {
				s = old
			}
			for p := range k {
				s = FMA(a[i*rsa+p*csa], b[p*ldb+j], s)
			}
			if mode&2 != 0 {
				s += old
			}
			if mode&4 != 0 {
				s += 0
			}
			want[i*ldc+j] = s
		}
	}
	kernel(k, &a[0], 4*rsa, 4*csa, &b[0], 4*ldb, &c[0], 4*ldc, mode, tiles, 4*rows*rsa)
	if i := firstDiff(c, want); i >= 0 || !intact() {
		t.Fatalf("%d by %d, k=%d, mode %d: C[%d][%d] = %x, want %x", rows, cols, k, mode, i/ldc, i%ldc, bits(c[max(i, 0)]), bits(want[max(i, 0)]))
	}
}
