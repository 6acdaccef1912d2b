package kern

import "fmt"

// GemmColumns is [Impl.Gemm] for [StairCols] columns of B and C, in mode
// [GemmSet] or [GemmContinue], with or without [GemmEnd]:
//
//	A(i,p) = a[i*rsa + p*csa]
//	B(p,j) = b[p*ldb + j]
//	C(i,j) = c[i*ldc + j]
//
// It is for callers whose operands are in the cache already: all are read in
// place, and a call costs little besides its products.
func (k *Impl) GemmColumns(m, kk int, a []float32, rsa, csa int, b []float32, ldb int, c []float32, ldc int, mode GemmMode) {
	if m == 0 {
		return
	}
	if (m|kk|rsa|csa|ldb|ldc)>>31 != 0 || mode&^GemmEnd > GemmContinue || m > 1 && ldc < StairCols ||
		len(c) < (m-1)*ldc+StairCols || kk > 0 && (len(a) <= (m-1)*rsa+(kk-1)*csa || len(b) < (kk-1)*ldb+StairCols) {
		panic(fmt.Sprintf("kern: GemmColumns: m=%d k=%d, A len %d strides %d %d, B len %d stride %d, C len %d stride %d, mode %d",
			m, kk, len(a), rsa, csa, len(b), ldb, len(c), ldc, mode))
	}
	k.columns(m, kk, a, rsa, csa, b, ldb, c, ldc, mode)
}

func portableColumnsGemm(m, kk int, a []float32, rsa, csa int, b []float32, ldb int, c []float32, ldc int, mode GemmMode) {
	for i := range m {
		var t [StairCols]float32
		row := c[i*ldc:][:StairCols]
		if mode&GemmContinue != 0 {
			copy(t[:], row)
		}
		for p := range kk {
			v := a[i*rsa+p*csa]
			for j, w := range b[p*ldb:][:StairCols] {
				t[j] = FMA(v, w, t[j])
			}
		}
		for j, v := range t {
			if row[j] = v; mode&GemmEnd != 0 {
				row[j] = v + 0
			}
		}
	}
}
