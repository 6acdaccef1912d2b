package baseline

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/fmath"
)

// spd returns a random symmetric positive definite matrix.
func spd(d int, key surprisal.Key) *mat.SymDense {
	r := key.Rand()
	x := mat.NewDense(d, d+3, nil)
	for i := range d {
		for j := range d + 3 {
			x.Set(i, j, fmath.Normal(r))
		}
	}
	out := mat.NewSymDense(d, nil)
	out.SymOuterK(1, x)
	return out
}

// TestCholesky compares factor, solve, determinant and trace with gonum's.
func TestCholesky(t *testing.T) {
	for _, d := range []int{1, 2, 5, 37} {
		a, v := spd(d, 1), spd(d, 2)
		l, lower := make([]float64, d*d), make([]float64, d*d)
		for i := range d {
			for j := range d {
				l[i*d+j], lower[i*d+j] = math.NaN(), math.NaN() // the upper triangle is not read
				if j <= i {
					l[i*d+j], lower[i*d+j] = a.At(i, j), v.At(i, j)
				}
			}
		}
		if !cholesky(l, d) {
			t.Fatal("a positive definite matrix is refused")
		}
		var c mat.Cholesky
		var inv mat.SymDense
		var product mat.Dense
		if !c.Factorize(a) {
			t.Fatal("gonum refuses it")
		}
		if err := c.InverseTo(&inv); err != nil {
			t.Fatal(err)
		}
		product.Mul(&inv, v)
		near := func(what string, got, want float64) {
			if !(math.Abs(got-want) <= 1e-8*(1+math.Abs(want))) {
				t.Errorf("%d dims: %s is %g, want %g", d, what, got, want)
			}
		}
		near("log determinant", 2*logDiag(l, d), c.LogDet())
		near("trace", traceInverse(l, lower, d), mat.Trace(&product))
		x := make([]float64, d)
		for i := range x {
			x[i] = float64(i + 1)
		}
		b := mat.NewVecDense(d, append([]float64(nil), x...))
		solve(l, x)
		near("Mahalanobis distance", dot(x, x), mat.Inner(b, &inv, b))
	}
	if cholesky([]float64{1, 0, 1, 1}, 2) {
		t.Error("a singular matrix is accepted")
	}
}
