//go:build (amd64 || arm64) && !noasm

package kern

import "unsafe"

// columns runs down the tiles of one panel, whose B is read in place, a block of
// k at a time so that it stays in the first cache.
func (u *microKernels) columns(m, k int, a []float32, rsa, csa int, b []float32, ldb int, c []float32, ldc int, mode GemmMode) {
	runs := split(m, len(u.full)-1)
	for p := 0; p == 0 || p < k; p += u.kc {
		n, now := min(u.kc, k-p), mode
		if p > 0 {
			now |= GemmContinue
		}
		if p+n < k {
			now &^= GemmEnd
		}
		var bp, ap *float32
		if n > 0 {
			bp = &b[p*ldb]
		}
		row := 0
		for _, r := range runs {
			if r.n == 0 {
				continue
			}
			if n > 0 {
				ap = &a[row*rsa+p*csa]
			}
			u.full[r.rows](n, ap, 4*rsa, 4*csa, bp, 4*ldb, unsafe.SliceData(c[row*ldc:]), 4*ldc, int(now), r.n, 4*r.rows*rsa)
			row += r.rows * r.n
		}
	}
}
