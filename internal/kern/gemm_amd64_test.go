//go:build !noasm

package kern

// microKernelSets returns what this machine can run.
func microKernelSets() []*microKernels {
	return []*microKernels{&avx2Kernels, &avx512Kernels}[:len(Impls())-1]
}
