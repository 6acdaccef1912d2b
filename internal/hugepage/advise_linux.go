package hugepage

import (
	"syscall"
	"unsafe"
)

const hugePage = 14 // MADV_HUGEPAGE

// advise asks for the large pages that hold any of the bytes. What else lies in
// them, which is the heap too, gains as well.
func advise(p unsafe.Pointer, size int) {
	lo := uintptr(p) &^ (pageSize - 1)
	hi := (uintptr(p) + uintptr(size) + pageSize - 1) &^ (pageSize - 1)
	syscall.Syscall(syscall.SYS_MADVISE, lo, hi-lo, hugePage)
}
