package kern

// Spread sets dst[i*n + j] = src[i] for every i < len(src) and j < n. dst must
// not overlap src.
func (k *Impl) Spread(dst, src []float32, n int) {
	if n < 0 || n > 0 && len(src) > len(dst)/n {
		panic("kern: Spread: dst is too short, or n negative")
	}
	if n == 0 || len(src) == 0 {
		return
	}
	k.spread(dst[:len(src)*n], src, n)
}

func portableSpread(dst, src []float32, n int) {
	for i, v := range src {
		run := dst[i*n:][:n]
		for j := range run {
			run[j] = v
		}
	}
}
