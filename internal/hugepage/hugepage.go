// Package hugepage asks the system to back large arrays with large pages.
//
// A training step walks through tens of megabytes of weights, moments and
// intermediate values. In pages of 4 KiB that is more than the processor's
// table of pages holds, and each miss costs a walk in memory, two under a
// hypervisor. Where Linux gives large pages only to those who ask
// (/sys/kernel/mm/transparent_hugepage/enabled says madvise), this asks.
// Elsewhere nothing happens. It is advice: it changes no value, and a refusal
// is no error.
package hugepage

import "unsafe"

const (
	pageSize = 2 << 20
	// least is the size below which an array is not worth a system call.
	least = 256 << 10
)

// Make returns n zeros in large pages, as far as the system gives them.
func Make[T any](n int) []T {
	x := make([]T, n) // the system has not given the pages of large ones yet
	if size := n * int(unsafe.Sizeof(*new(T))); size >= least {
		advise(unsafe.Pointer(unsafe.SliceData(x)), size)
	}
	return x
}
