package kern

import "fmt"

// Push continues chains by k products, in the order and with the bits of
// [Impl.Gemm] in mode [GemmContinue], for programs that learn the left operand
// value by value:
//
//	dst(j,r) = fma(x(p,r), w(p,j), dst(j,r)) for p = 0 … k-1
//
// where the rows of the product are lanes, and lie side by side:
//
//	dst(j,r) = dst[j*lanes + r], n·lanes elements
//	x(p,r)   = x[p*lanes + r], k·lanes elements
//	w(p,j)   = w[p*ldw + j]
//
// lanes is 1 or a multiple of 8. dst must not overlap x or w.
func (k *Impl) Push(dst []float32, lanes int, w []float32, ldw int, x []float32) {
	n, kk := len(dst), len(x)
	if lanes != 1 {
		if lanes < 1 || lanes%8 != 0 || n%lanes != 0 || kk%lanes != 0 {
			panic(fmt.Sprintf("kern: Push: %d chains and %d values of %d lanes: want 1 lane or a multiple of 8, and all of them", n, kk, lanes))
		}
		n, kk = n/lanes, kk/lanes
	}
	if n == 0 || kk == 0 {
		return
	}
	if ldw < 0 || len(w) < (kk-1)*ldw+n {
		panic(fmt.Sprintf("kern: Push: %d weights, want %d by %d at stride %d", len(w), kk, n, ldw))
	}
	k.push(dst, lanes, w, ldw, x)
}

func portablePush(dst []float32, lanes int, w []float32, ldw int, x []float32) {
	for p := range len(x) / lanes {
		row := x[p*lanes:][:lanes]
		for j := range len(dst) / lanes {
			v, chains := w[p*ldw+j], dst[j*lanes:][:lanes]
			for r, xr := range row {
				chains[r] = FMA(xr, v, chains[r])
			}
		}
	}
}
