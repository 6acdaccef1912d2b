//go:build amd64 && !noasm

package kern

import "unsafe"

func tapeAVX2(_ *Impl, t *Tape, lo, hi int) {
	if code := t.bound[lo:hi]; len(code) > 0 {
		runTapeAVX2((*int32)(unsafe.Pointer(&code[0])), len(code), unsafe.SliceData(t.mem), unsafe.SliceData(t.weights))
	}
}
