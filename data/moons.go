package data

import (
	"math"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/fmath"
)

// two-moons: an angle t uniform on [0, π], a point on the upper half circle
// (cos t, sin t) or the lower (1 − cos t, ½ − sin t), each with probability
// ½, and Gaussian noise of standard deviation moonNoise on both coordinates.
const moonNoise = 0.1

// moonPanels cuts [0, π] for the quadrature over the angle: panels of half the
// noise's width, on which five Gauss-Legendre nodes leave an error near 1e-12.
const moonPanels = 64

// moons holds the quadrature's nodes as points on the upper half circle, with
// their weights as logarithms.
type moons struct{ cos, sin, logWeight []float64 }

func newMoons() *moons {
	// Gauss-Legendre nodes and weights for five points on [−1, 1].
	a := math.Sqrt(10. / 7)
	near, far := math.Sqrt(5-float64(2*a))/3, math.Sqrt(5+float64(2*a))/3
	root := float64(13 * math.Sqrt(70))
	nodes := [5]float64{-far, -near, 0, near, far}
	weights := [5]float64{(322 - root) / 900, (322 + root) / 900, 128. / 225, (322 + root) / 900, (322 - root) / 900}
	m := &moons{}
	for p := range moonPanels {
		for j, u := range nodes {
			t := math.Pi / moonPanels * (float64(p) + 0.5 + float64(u*0.5))
			m.cos = append(m.cos, fmath.Cos(t))
			m.sin = append(m.sin, fmath.Sin(t))
			// a panel's share 1/moonPanels of the uniform angle, ½ for the moon
			m.logWeight = append(m.logWeight, fmath.Log(weights[j]/(4*moonPanels)))
		}
	}
	return m
}

func drawMoon(key surprisal.Key) (x, y float64) {
	r := key.Rand()
	t := math.Pi * r.Float64()
	x, y = fmath.Cos(t), fmath.Sin(t)
	if r.Uint64()&1 == 1 {
		x, y = 1-x, 0.5-y
	}
	return x + float64(moonNoise*fmath.Normal(r)), y + float64(moonNoise*fmath.Normal(r))
}

// logProb is log ½ Σ over the moons of ∫ N((x, y); m(t), σ²I) dt/π.
func (m *moons) logProb(x, y float64) float64 {
	terms := make([]float64, 0, 2*len(m.cos))
	terms = m.arc(terms, x, y)
	terms = m.arc(terms, 1-x, 0.5-y)                                 // the lower moon, turned over
	const logNorm = logTwoPi - 2*2.302585092994045684017991454684364 // log 2πσ², σ = 1/10
	return fmath.LogSumExp(terms) - logNorm
}

func (m *moons) arc(terms []float64, x, y float64) []float64 {
	for i, w := range m.logWeight {
		dx, dy := x-m.cos[i], y-m.sin[i]
		terms = append(terms, w-float64((float64(dx*dx)+float64(dy*dy))*(0.5/(moonNoise*moonNoise))))
	}
	return terms
}

// moonEntropy is the integral of −p·log p by the trapezoid rule, in nats:
// go test -run TestMoonsEntropy -v ./data prints it.
const moonEntropy = 1.007584834851

func makeMoons() (*Set, error) {
	values := drawPlane(surprisal.Key(2).Named("two-moons"), drawMoon)
	set := makeSet(plane, values, nil, nil, drawnSizes)
	set.Entropy = &KnownEntropy{Nats: moonEntropy, Truth: planar(newMoons().logProb)}
	return set, nil
}
