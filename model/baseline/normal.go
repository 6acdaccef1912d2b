package baseline

import (
	"math"
	"math/rand/v2"

	"github.com/surprisal-go/surprisal/internal/fmath"
)

const halfLog2Pi = 0.91893853320467274178 // ½ log 2π

// normals are K weighted normal densities of vectors:
//
//	p(x) = Σₖ wₖ N(x; μₖ, Lₖ·Lₖᵀ)
//
// with Lₖ lower triangular, or diagonal.
type normals struct {
	k, d int
	full bool
	logW []float64 // K
	mean []float64 // K × D
	chol []float64 // K × D × D, lower triangles; K × D where diagonal
	// What follows is computed by finish.
	logNorm []float64 // K: log wₖ − log |Lₖ| − D/2·log 2π
	inverse []float64 // K × D: Lₖ⁻¹ where diagonal
}

// factor is Lₖ: D × D, or D where diagonal.
func (p *normals) factor(k int) []float64 {
	size := len(p.chol) / p.k
	return p.chol[k*size : (k+1)*size]
}

// finish computes what depends on the parameters alone.
func (p *normals) finish() {
	p.logNorm = make([]float64, p.k)
	if !p.full {
		p.inverse = make([]float64, p.k*p.d)
		for i, s := range p.chol {
			p.inverse[i] = 1 / s
		}
	}
	for k := range p.k {
		l, sum := p.factor(k), 0.0
		if p.full {
			sum = logDiag(l, p.d)
		} else {
			for _, s := range l {
				sum += fmath.Log(s)
			}
		}
		p.logNorm[k] = p.logW[k] - sum - float64(float64(p.d)*halfLog2Pi)
	}
}

// tooFar is a distance in standard deviations whose square and its sums come
// near the end of float64: an event beyond it counts as impossible.
const tooFar = 1e140

// logJoint writes log wₖN(x; μₖ, Lₖ·Lₖᵀ) into dst (K). The scratch is of D.
func (p *normals) logJoint(dst, x, scratch []float64) {
	for _, v := range x {
		if !(math.Abs(v) < tooFar) {
			for k := range dst {
				dst[k] = math.Inf(-1)
			}
			return
		}
	}
	d := p.d
	for k := range dst {
		z := scratch[:d]
		p.whiten(z, x, k)
		dst[k] = p.logNorm[k] - dot(z, z)/2
	}
}

// whiten writes Lₖ⁻¹(x − μₖ) into z (D).
func (p *normals) whiten(z, x []float64, k int) {
	mean := p.mean[k*p.d : (k+1)*p.d]
	for j, v := range x {
		z[j] = v - mean[j]
	}
	if p.full {
		solve(p.factor(k), z)
		return
	}
	for j, s := range p.inverse[k*p.d : (k+1)*p.d] {
		z[j] *= s
	}
}

// sample draws one vector into dst (D).
func (p *normals) sample(dst []float64, r *rand.Rand) {
	k := p.pick(r.Float64())
	mean, l := p.mean[k*p.d:(k+1)*p.d], p.factor(k)
	z := make([]float64, p.d)
	for j := range z {
		z[j] = fmath.Normal(r)
	}
	for j := range dst {
		if p.full {
			dst[j] = mean[j] + dot(l[j*p.d:j*p.d+j+1], z[:j+1])
		} else {
			dst[j] = mean[j] + float64(l[j]*z[j])
		}
	}
}

// pick returns the component in which u, uniform on [0, 1), falls.
func (p *normals) pick(u float64) int {
	for k, lw := range p.logW {
		if u -= fmath.Exp(lw); u < 0 {
			return k
		}
	}
	best := 0 // rounding left a gap at 1
	for k, lw := range p.logW {
		if lw > p.logW[best] {
			best = k
		}
	}
	return best
}

// numParams counts weights (K − 1), means and covariances.
func (p *normals) numParams() int {
	cov := p.d
	if p.full {
		cov = p.d * (p.d + 1) / 2
	}
	return p.k - 1 + p.k*(p.d+cov)
}
