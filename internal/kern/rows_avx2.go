//go:build amd64 && !noasm

package kern

// transposeAVX2 leaves what is no whole block of eight by eight to Go.
func transposeAVX2(dst []float32, ldd int, x []float32, ldx, rows, cols int) {
	r, wide := 0, cols&^7
	for ; wide > 0 && r+8 <= rows; r += 8 {
		transpose8AVX2(wide/8, &dst[r], 4*ldd, &x[r*ldx], 4*ldx)
	}
	if r < rows && wide > 0 {
		portableTranspose(dst[r:], ldd, x[r*ldx:], ldx, rows-r, wide)
	}
	if wide < cols {
		portableTranspose(dst[wide*ldd:], ldd, x[wide:], ldx, rows, cols-wide)
	}
}

// spreadAllAVX2 leaves to Go the last elements, beyond which there is no room to
// write.
func spreadAllAVX2(dst, src []float32, n int) {
	room, count := len(dst)-(n+7)&^7, 0
	if room >= 0 {
		count = room/n + 1
		spreadAVX2(count, &dst[0], &src[0], n)
	}
	portableSpread(dst[count*n:], src[count:], n)
}
