package data

import (
	"math"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/fmath"
)

// ring is the mixture of gaussian-mixture: component k of 8 has weight
// (k + 2) / 44 and stands on a circle of radius 4, its axes along the radius
// and the tangent, the odd ones stretched along the tangent.
type ring struct {
	weight, logWeight            [8]float64
	cos, sin                     [8]float64
	radial, tangential, logScale [8]float64 // standard deviations, log of their product
}

const ringRadius = 4

func newRing() *ring {
	m := &ring{}
	for k := range 8 {
		angle := float64(k) * (math.Pi / 4)
		m.weight[k] = float64(k+2) / 44
		m.logWeight[k] = fmath.Log(m.weight[k])
		m.cos[k], m.sin[k] = fmath.Cos(angle), fmath.Sin(angle)
		m.radial[k], m.tangential[k] = 0.4, 0.4
		if k%2 == 1 {
			m.radial[k], m.tangential[k] = 0.2, 0.9
		}
		m.logScale[k] = fmath.Log(float64(m.radial[k] * m.tangential[k]))
	}
	return m
}

func (m *ring) draw(key surprisal.Key) (x, y float64) {
	r := key.Rand()
	k, ticket := 0, r.Uint64N(44)
	for low := uint64(2); ticket >= low; low++ { // component k holds k + 2 tickets
		ticket -= low
		k++
	}
	a := ringRadius + float64(m.radial[k]*fmath.Normal(r))
	b := m.tangential[k] * fmath.Normal(r)
	return float64(a*m.cos[k]) - float64(b*m.sin[k]), float64(a*m.sin[k]) + float64(b*m.cos[k])
}

// logProb is log Σ wₖ N(x; μₖ, Σₖ), in each component's own axes.
func (m *ring) logProb(x, y float64) float64 {
	var terms [8]float64
	for k := range terms {
		a := (float64(x*m.cos[k]) + float64(y*m.sin[k]) - ringRadius) / m.radial[k]
		b := (float64(y*m.cos[k]) - float64(x*m.sin[k])) / m.tangential[k]
		terms[k] = m.logWeight[k] - m.logScale[k] - float64(0.5*(float64(a*a)+float64(b*b)))
	}
	return fmath.LogSumExp(terms[:]) - logTwoPi
}

const logTwoPi = 1.8378770664093454835606594728112

// mixtureEntropy is the integral of −p·log p by the trapezoid rule, in nats:
// go test -run TestMixtureEntropy -v ./data prints it.
const mixtureEntropy = 3.042114209761

func makeMixture() (*Set, error) {
	m := newRing()
	values := drawPlane(surprisal.Key(8).Named("gaussian-mixture"), m.draw)
	set := makeSet(plane, values, nil, nil, drawnSizes)
	set.Entropy = &KnownEntropy{Nats: mixtureEntropy, Truth: planar(m.logProb)}
	return set, nil
}
