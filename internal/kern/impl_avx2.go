//go:build amd64 && !noasm

package kern

// avx2 is the implementation for x86 with AVX2 and FMA. It starts from the
// portable one, so that what has no assembly yet is still there.
func avx2() *Impl {
	k := portable()
	k.Name = "avx2"
	k.gemm = avx2Kernels.gemm
	return k
}

// avx2Kernels is tuned for 32 KiB of first and 512 KiB of second cache: a
// panel of B takes 16 KiB and a block of A 256 KiB.
var avx2Kernels = microKernels{
	full: []fullKernel{nil, gemmFull1x16, gemmFull2x16, gemmFull3x16, gemmFull4x16, gemmFull5x16, gemmFull6x16},
	edge: []edgeKernel{nil, gemmEdge1, gemmEdge2, gemmEdge3, gemmEdge4, gemmEdge5, gemmEdge6},
	wide: []wideKernel{{}, {gemmFull1x96, 96}, {gemmFull2x48, 48}, {gemmFull3x32, 32}, {gemmFull4x24, 24}},

	edgeRows: 5,
	kc:       256,
	mc:       192,
	nc:       1024,
}

func addAVX2(dst, x, y []float32) {
	for i := range dst {
		dst[i] = x[i] + y[i]
	}
}
