//go:build amd64 && !noasm

package kern

// fillPhiloxAVX512 makes sixteen blocks at a time and leaves the rest to AVX2.
func fillPhiloxAVX512(dst []uint32, ctr [4]uint32, key [2]uint32) {
	const width = 16 * 4
	if n := len(dst) / width; n > 0 {
		philoxAVX512(&dst[0], n, &ctr, &key)
		ctr[0] += uint32(16 * n)
		dst = dst[n*width:]
	}
	fillPhiloxAVX2(dst, ctr, key)
}

// fillUniformAVX512 works in place: dst and w are the same memory.
func fillUniformAVX512(dst []float32, w []uint32) {
	n := len(w) / 16
	if n > 0 {
		uniformAVX512(&w[0], n)
	}
	fillUniformAVX2(dst[16*n:], w[16*n:])
}
