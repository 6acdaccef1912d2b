package kern

import "fmt"

// Convolutions that keep channels apart: the products of a tap are those of
// neighbouring channels, not of all with all.

// ConvDepth computes cols channels of a tile of pixels into C(i,j) = c[i*ldc+j],
// where
//
//	A(i,s,j) = a[at(s,i)+j], or +0 if at(s,i) < 0
//	B(s,j) = b[from(s)+j]
//
// Each C(i,j) is one chain t = fma(A(i,s,j), B(s,j), t) over s in ascending
// order, from t = +0, to which +0 is added last. C must not overlap A or B.
func (k *Impl) ConvDepth(t *ConvTile, cols int, a, b, c []float32, ldc int) {
	if cols < 1 || t.rows > 1 && ldc < cols || len(c) < (t.rows-1)*ldc+cols ||
		t.lastA >= 0 && len(a) < t.lastA+cols || t.lastB >= 0 && len(b) < t.lastB+cols {
		panic(fmt.Sprintf("kern: ConvDepth: %d×%d, A len %d last %d, B len %d last %d, C len %d stride %d",
			t.rows, cols, len(a), t.lastA, len(b), t.lastB, len(c), ldc))
	}
	k.convDepth(t, cols, a, b, c, ldc)
}

// ConvDepthWeights sums the products of pairs lo … hi−1 into cols elements of c:
// chains t = fma(a[p+j], b[q+j], t) over the pairs (p, q) in ascending order,
// from +0, or from c[j] if cont is true, as if the list went on from an earlier
// call. C must not overlap A or B.
func (k *Impl) ConvDepthWeights(p *ConvPairs, lo, hi, cols int, a, b, c []float32, cont bool) {
	if cols < 1 || len(c) < cols || lo < 0 || hi > len(p.at)/2 || lo < hi && (len(a) < p.lastA+cols || len(b) < p.lastB+cols) {
		panic(fmt.Sprintf("kern: ConvDepthWeights: %d channels, pairs %d:%d of %d, A len %d last %d, B len %d last %d, C len %d",
			cols, lo, hi, len(p.at)/2, len(a), p.lastA, len(b), p.lastB, len(c)))
	}
	switch {
	case lo < hi:
		k.convDepthPairs(p.at[2*lo:2*hi], cols, a, b, c, cont)
	case !cont:
		clear(c[:cols])
	}
}

func portableConvDepth(t *ConvTile, cols int, a, b, c []float32, ldc int) {
	for i := range t.rows {
		row := c[i*ldc:][:cols]
		clear(row)
		for s, from := range t.from {
			w, o := b[from:][:cols], t.at[s*t.rows+i]
			for j, v := range w {
				x := float32(0)
				if o >= 0 {
					x = a[int(o)+j]
				}
				row[j] = FMA(x, v, row[j])
			}
		}
		for j := range row {
			row[j] += 0
		}
	}
}

func portableConvDepthPairs(at []int32, cols int, a, b, c []float32, cont bool) {
	c = c[:cols]
	if !cont {
		clear(c)
	}
	for q := 0; q < len(at); q += 2 {
		x, y := a[at[q]:][:cols], b[at[q+1]:][:cols]
		for j, v := range x {
			c[j] = FMA(v, y[j], c[j])
		}
	}
}
