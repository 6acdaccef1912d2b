package kern

// guard is a word that no kernel writes by chance.
const guard = 0x7fc0dead

// guarded returns a copy of x with guards on both sides, and a function that
// says whether they are intact.
func guarded(x []float32) (y []float32, intact func() bool) {
	const pad = 40
	all := make([]float32, len(x)+2*pad)
	w := words(all)
	for i := range w {
		w[i] = guard
	}
	y = all[pad : pad+len(x)]
	copy(y, x)
	return y, func() bool {
		for i := range pad {
			if w[i] != guard || w[len(w)-1-i] != guard {
				return false
			}
		}
		return true
	}
}

// firstDiff returns the first place where x and y differ, or -1. All NaNs are
// equal.
func firstDiff(x, y []float32) int {
	for i, v := range x {
		if bits(v) != bits(y[i]) && (v == v || y[i] == y[i]) {
			return i
		}
	}
	return -1
}
