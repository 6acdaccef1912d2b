//go:build amd64 && !noasm

package kern

// fillPhiloxAVX2 makes eight blocks at a time and the last few one by one.
func fillPhiloxAVX2(dst []uint32, ctr [4]uint32, key [2]uint32) {
	const width = 8 * 4
	if n := len(dst) / width; n > 0 {
		philoxAVX2(&dst[0], n, &ctr, &key)
		ctr[0] += uint32(8 * n)
		dst = dst[n*width:]
	}
	portablePhilox(dst, ctr, key)
}

// fillUniformAVX2 works in place: dst and w are the same memory.
func fillUniformAVX2(dst []float32, w []uint32) {
	n := len(w) / 8
	if n > 0 {
		uniformAVX2(&w[0], n)
	}
	portableUniform(dst[8*n:], w[8*n:])
}
