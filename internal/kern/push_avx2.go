//go:build amd64 && !noasm

package kern

func pushAVX2(dst []float32, lanes int, w []float32, ldw int, x []float32) {
	if lanes == 1 {
		pushOneAVX2(dst, &w[0], 4*ldw, x)
		return
	}
	pushLanesAVX2(dst, lanes, &w[0], 4*ldw, x, len(x)/lanes)
}
