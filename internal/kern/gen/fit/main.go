// Command fit finds the polynomial coefficients of package kern.
//
// Each problem is min over p of max over t of |w(t)·(p(t) − g(t))|, solved by
// Lawson's iteration (least squares, reweighted by the error until the errors
// are level). Coefficients are rounded to float32 one at a time, the most
// significant first, and the rest are fitted again, so that the rounding of
// one is mended by the others.
//
//	go run ./fit
package main

import (
	"fmt"
	"math"
)

type problem struct {
	name   string
	lo, hi float64
	terms  int
	g, w   func(t float64) float64
}

var problems = []problem{
	// exp(r) = 1 + r + r²·p(r)
	{"exp", -0.3475, 0.3475, 5,
		func(r float64) float64 { return (math.Expm1(r) - r) / (r * r) },
		func(r float64) float64 { return r * r / math.Exp(r) }},
	// log(1+f) = f − f²/2 + f³·p(f)
	{"log", math.Sqrt(0.5) - 1, math.Sqrt(2) - 1, 8,
		func(f float64) float64 { return (math.Log1p(f) - f + f*f/2) / (f * f * f) },
		func(f float64) float64 { return f * f * f / math.Log1p(f) }},
	// tanh(x) = x + x·z·p(z), z = x²
	{"tanh", 1e-6, 0.625 * 0.625, 5,
		func(z float64) float64 { x := math.Sqrt(z); return (math.Tanh(x)/x - 1) / z },
		func(z float64) float64 { x := math.Sqrt(z); return z * x / math.Tanh(x) }},
	// erf(x) = x + x·p(z), z = x²
	{"erf", 1e-6, 0.9375 * 0.9375, 7,
		func(z float64) float64 { x := math.Sqrt(z); return math.Erf(x)/x - 1 },
		func(z float64) float64 { x := math.Sqrt(z); return x / math.Erf(x) }},
	// erf(x) = 1 − exp(−p(x))
	{"erfc", 0.9375, 4, 7,
		func(x float64) float64 { return -math.Log(math.Erfc(x)) },
		func(x float64) float64 { return math.Erfc(x) / math.Erf(x) }},
	// sin(r) = r + r·z·p(z), z = r²
	{"sin", 1e-6, 0.6169, 4,
		func(z float64) float64 { r := math.Sqrt(z); return (math.Sin(r)/r - 1) / z },
		func(z float64) float64 { r := math.Sqrt(z); return z * r / math.Sin(r) }},
	// cos(r) = 1 − z/2 + z²·p(z)
	{"cos", 1e-6, 0.6169, 3,
		func(z float64) float64 { return (math.Cos(math.Sqrt(z)) - 1 + z/2) / (z * z) },
		func(z float64) float64 { return z * z / math.Cos(math.Sqrt(z)) }},
}

const nodes = 801

func main() {
	for _, p := range problems {
		fixed := make([]float64, 0, p.terms)
		for len(fixed) < p.terms {
			c := lawson(p, fixed)
			fixed = append(fixed, float64(float32(c[len(fixed)])))
		}
		fmt.Printf("%s: weighted error 2^%.1f\n", p.name, math.Log2(maxErr(p, fixed)))
		for i, c := range fixed {
			fmt.Printf("\tc%d %#08x %.9g\n", i, math.Float32bits(float32(c)), c)
		}
	}
}

// lawson returns all coefficients, those of fixed kept.
func lawson(p problem, fixed []float64) []float64 {
	free := p.terms - len(fixed)
	scale := math.Max(math.Abs(p.lo), math.Abs(p.hi))
	lw := make([]float64, nodes)
	for i := range lw {
		lw[i] = 1
	}
	var best []float64
	bestErr := math.Inf(1)
	for range 60 {
		rows := make([][]float64, nodes)
		for i := range rows {
			t := node(p, i)
			w := p.w(t) * math.Sqrt(lw[i])
			row := make([]float64, free+1)
			for j := range free {
				row[j] = w * math.Pow(t/scale, float64(len(fixed)+j))
			}
			row[free] = w * (p.g(t) - eval(fixed, t))
			rows[i] = row
		}
		c := append([]float64(nil), fixed...)
		for j, v := range leastSquares(rows, free) {
			c = append(c, v/math.Pow(scale, float64(len(fixed)+j)))
		}
		var sum float64
		for i := range lw {
			t := node(p, i)
			lw[i] *= math.Abs(p.w(t) * (eval(c, t) - p.g(t)))
			sum += lw[i]
		}
		for i := range lw {
			lw[i] /= sum
		}
		if e := maxErr(p, c); e < bestErr {
			best, bestErr = c, e
		}
	}
	return best
}

func node(p problem, i int) float64 {
	u := math.Cos(math.Pi * (float64(i) + 0.5) / nodes)
	return (p.lo+p.hi)/2 + (p.hi-p.lo)/2*u
}

func eval(c []float64, t float64) float64 {
	var s float64
	for i := len(c) - 1; i >= 0; i-- {
		s = s*t + c[i]
	}
	return s
}

func maxErr(p problem, c []float64) float64 {
	var e float64
	for i := range nodes {
		t := node(p, i)
		e = math.Max(e, math.Abs(p.w(t)*(eval(c, t)-p.g(t))))
	}
	return e
}

// leastSquares solves the augmented system by modified Gram-Schmidt.
func leastSquares(rows [][]float64, n int) []float64 {
	r := make([][]float64, n)
	for j := range n {
		r[j] = make([]float64, n+1)
		var s float64
		for _, row := range rows {
			s += row[j] * row[j]
		}
		r[j][j] = math.Sqrt(s)
		for _, row := range rows {
			row[j] /= r[j][j]
		}
		for l := j + 1; l <= n; l++ {
			var d float64
			for _, row := range rows {
				d += row[j] * row[l]
			}
			r[j][l] = d
			for _, row := range rows {
				row[l] -= d * row[j]
			}
		}
	}
	x := make([]float64, n)
	for j := n - 1; j >= 0; j-- {
		s := r[j][n]
		for l := j + 1; l < n; l++ {
			s -= r[j][l] * x[l]
		}
		x[j] = s / r[j][j]
	}
	return x
}
