//go:build !noasm

package kern

func microKernelSets() []*microKernels { return []*microKernels{&neonKernels} }
