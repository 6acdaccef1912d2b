package baseline

import (
	"math"

	"github.com/surprisal-go/surprisal/internal/fmath"
)

// dot is Σ aₖbₖ, element k in lane k mod 4.
func dot(a, b []float64) float64 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float64
	for len(a) >= 4 && len(b) >= 4 {
		s0 += float64(a[0] * b[0])
		s1 += float64(a[1] * b[1])
		s2 += float64(a[2] * b[2])
		s3 += float64(a[3] * b[3])
		a, b = a[4:], b[4:]
	}
	for k, v := range a {
		s0 += float64(v * b[k])
	}
	return (s0 + s1) + (s2 + s3)
}

// cholesky replaces the lower triangle of the symmetric matrix a (D × D) by L
// with L·Lᵀ = a, and reports whether a is positive definite. The upper
// triangle is neither read nor written.
func cholesky(a []float64, d int) bool {
	for i := range d {
		row := a[i*d : i*d+i+1]
		for j := range i {
			other := a[j*d : j*d+j+1]
			row[j] = (row[j] - dot(row[:j], other[:j])) / other[j]
		}
		pivot := row[i] - dot(row[:i], row[:i])
		if !(pivot > 0x1p-40*row[i]) { // numerically singular
			return false
		}
		row[i] = math.Sqrt(pivot)
	}
	return true
}

// solve replaces x (D) by L⁻¹x.
func solve(l, x []float64) {
	d := len(x)
	for i := range d {
		row := l[i*d : i*d+i+1]
		x[i] = (x[i] - dot(row[:i], x[:i])) / row[i]
	}
}

// logDiag is Σ log Lᵢᵢ, half the log determinant of L·Lᵀ.
func logDiag(l []float64, d int) float64 {
	sum := 0.0
	for i := range d {
		sum += fmath.Log(l[i*d+i])
	}
	return sum
}

// traceInverse is tr((L·Lᵀ)⁻¹·V) for a symmetric V (D × D) of which the lower
// triangle is read.
func traceInverse(l, v []float64, d int) float64 {
	// inv holds the columns of L⁻¹ as rows: inv[j·D+i] = (L⁻¹)ᵢⱼ for i ≥ j.
	inv := make([]float64, d*d)
	eachChunk(d, 16, func(_, lo, hi int) {
		for j := lo; j < hi; j++ {
			col := inv[j*d : (j+1)*d]
			col[j] = 1 / l[j*d+j]
			for i := j + 1; i < d; i++ {
				col[i] = -dot(l[i*d+j:i*d+i], col[j:i]) / l[i*d+i]
			}
		}
	})
	// (L·Lᵀ)⁻¹ at a, b is Σ over i ≥ max(a, b) of (L⁻¹)ᵢₐ(L⁻¹)ᵢᵦ.
	rows := make([]float64, d)
	eachChunk(d, 16, func(_, lo, hi int) {
		for a := lo; a < hi; a++ {
			col := inv[a*d+a : (a+1)*d]
			for b := range a {
				rows[a] += float64(2 * v[a*d+b] * dot(col, inv[b*d+a:(b+1)*d]))
			}
			rows[a] += float64(v[a*d+a] * dot(col, col))
		}
	})
	sum := 0.0
	for _, r := range rows {
		sum += r
	}
	return sum
}
