package baseline

import (
	"fmt"
	"math"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/fmath"
	"github.com/surprisal-go/surprisal/model/feed"
)

// Conditionals implements [surprisal.Autoregressive]. Under component k the first
// j dims are normal with the upper left block of Lₖ, so that
//
//	log p(x₁ … xⱼ) = log Σₖ wₖ Πᵢ N(zₖᵢ; 0, 1) / Lₖᵢᵢ,  zₖ = Lₖ⁻¹(x − μₖ), i ≤ j
//
// and the conditionals are the steps of this in j.
func (v *vectors) Conditionals(dst []float64, x *surprisal.Batch) error {
	n, d := x.Len(), v.space.Dims()
	if len(dst) != n*d {
		panic(fmt.Sprintf("baseline: Conditionals of %d events of %d dims into %d", n, d, len(dst)))
	}
	if err := feed.CheckSpace(x, v.space); err != nil {
		return fmt.Errorf("%s: %w", v.name, err)
	}
	a, p, err := v.load()
	if err != nil {
		return err
	}
	logDiag, logScale := p.logDiags(), make([]float64, d)
	for j, s := range a.Scale {
		logScale[j] = fmath.Log(s)
	}
	eachChunk(n, 64, func(_, lo, hi int) {
		rows := dst[lo*d : hi*d]
		x.Float64s(rows, lo)
		a.Forward(rows, make([]float64, hi-lo))
		z, joint := make([]float64, p.k*d), make([]float64, p.k)
		for i := range hi - lo {
			row := rows[i*d : (i+1)*d]
			p.steps(row, z, joint, logDiag)
			for j, s := range logScale {
				row[j] -= s
			}
		}
	})
	return nil
}

// logDiags are log Lₖⱼⱼ (K × D).
func (p *normals) logDiags() []float64 {
	out := make([]float64, p.k*p.d)
	for k := range p.k {
		l := p.factor(k)
		for j := range p.d {
			at := j
			if p.full {
				at = j*p.d + j
			}
			out[k*p.d+j] = fmath.Log(l[at])
		}
	}
	return out
}

// steps replaces the row x (D) by log p(xⱼ | earlier dims). Scratch are z (K × D)
// and joint (K).
func (p *normals) steps(x, z, joint, logDiag []float64) {
	for _, v := range x {
		if !(math.Abs(v) < tooFar) { // impossible, which the first dim says for all
			clear(x)
			x[0] = math.Inf(-1)
			return
		}
	}
	for k := range joint {
		p.whiten(z[k*p.d:(k+1)*p.d], x, k)
	}
	copy(joint, p.logW)
	before := 0.0
	for j := range x {
		for k := range joint {
			v := z[k*p.d+j]
			joint[k] -= float64(v*v)/2 + logDiag[k*p.d+j] + halfLog2Pi
		}
		now := fmath.LogSumExp(joint)
		x[j] = now - before
		before = now
	}
}
