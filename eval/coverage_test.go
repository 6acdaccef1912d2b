package eval

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/fmath"
)

// Simulated test sets, each from a model whose mean nats are known: how often
// does the 95% interval hold them, and on which side does it fail?

// world draws a test set of nats with a known mean.
type world struct {
	name string
	mean float64
	draw func(r *rand.Rand, n int) sample
}

// bernoulliWorld: events of 64 bits of different probabilities, scored by the
// truth: the mean is the entropy.
func bernoulliWorld() world {
	var p [64]float64
	entropy := 0.0
	for j := range p {
		p[j] = 0.02 + 0.96*float64(j)/63
		entropy -= p[j]*math.Log(p[j]) + (1-p[j])*math.Log1p(-p[j])
	}
	return world{"64 bits", entropy, func(r *rand.Rand, n int) sample {
		s := sample{x: make([]float64, n)}
		for i := range s.x {
			for _, q := range p {
				if r.Float64() < q {
					s.x[i] -= math.Log(q)
				} else {
					s.x[i] -= math.Log1p(-q)
				}
			}
		}
		return s
	}}
}

// gaussianWorld: events of d normals scored by the truth: half a χ² of d
// degrees of freedom, skewed where d is small.
func gaussianWorld(d int) world {
	return world{fmt.Sprintf("%d normals", d), float64(d) / 2 * math.Log(2*math.Pi*math.E), func(r *rand.Rand, n int) sample {
		s := sample{x: make([]float64, n)}
		for i := range s.x {
			for range d {
				z := fmath.Normal(r)
				s.x[i] += z*z/2 + logRootTwoPi
			}
		}
		return s
	}}
}

// clusteredWorld: n events in groups that share half of their variance, of
// sizes that differ twofold.
func clusteredWorld(count int) world {
	return world{fmt.Sprintf("%d groups", count), 0, func(r *rand.Rand, n int) sample {
		s := sample{x: make([]float64, n), group: make([]int32, n)}
		shared := make([]float64, count)
		for g := range shared {
			shared[g] = fmath.Normal(r)
		}
		for i := range s.x {
			g := i * count / n
			s.group[i], s.x[i] = int32(g), shared[g]+fmath.Normal(r)
		}
		return s
	}}
}

// seriesWorld: an autoregression of order one.
func seriesWorld(rho float64) world {
	return world{fmt.Sprintf("series of coefficient %g", rho), 0, func(r *rand.Rand, n int) sample {
		s := sample{x: make([]float64, n), ordered: true}
		last := fmath.Normal(r) / math.Sqrt(1-rho*rho)
		for i := range s.x {
			last = rho*last + fmath.Normal(r)
			s.x[i] = last
		}
		return s
	}}
}

// heavyWorld: events with 3 degrees of freedom scored by a Gaussian: the nats
// are half a squared t₃, whose variance is infinite. E[t₃²] = 3.
func heavyWorld() world {
	return world{"Gaussian on t₃", logRootTwoPi + 1.5, func(r *rand.Rand, n int) sample {
		s := sample{x: make([]float64, n)}
		for i := range s.x {
			chi := 0.0
			for range 3 {
				z := fmath.Normal(r)
				chi += z * z / 3
			}
			t := fmath.Normal(r) / math.Sqrt(chi)
			s.x[i] = logRootTwoPi + t*t/2
		}
		return s
	}}
}

// coverage simulates test sets and returns the shares in percent that hold the
// mean, lie wholly above it and wholly below, and that are flagged as heavy.
func (w world) coverage(n, reps int) (held, above, below, flagged float64) {
	for rep := range reps {
		key := surprisal.Key(rep).Named(w.name)
		m := meanOf(w.draw(key.Rand(), n))
		i := m.studentT()
		if m.method() == BootstrapT {
			i = m.bootstrapT(key, 999) // not 9999, for time
		}
		one := 100 / float64(reps)
		switch {
		case i.low > w.mean:
			above += one
		case i.high < w.mean:
			below += one
		default:
			held += one
		}
		if m.clusters.heavy() {
			flagged += one
		}
	}
	return held, above, below, flagged
}

func TestSimulatedCoverage(t *testing.T) {
	reps, slack := 2000, 1.5
	if testing.Short() {
		reps, slack = 60, 10
	}
	t.Logf("%-28s %6s %8s %8s %8s", "world", "n", "held", "above", "below")
	for _, c := range []struct {
		world
		n int
	}{
		{bernoulliWorld(), 30}, {bernoulliWorld(), 100}, {bernoulliWorld(), 1000},
		{gaussianWorld(64), 30}, {gaussianWorld(64), 100}, {gaussianWorld(64), 1000}, {gaussianWorld(2), 1000}, {gaussianWorld(2), 100},
		{clusteredWorld(5), 500}, {clusteredWorld(10), 500}, {clusteredWorld(50), 500},
		{seriesWorld(0.3), 1000}, {seriesWorld(0.5), 2000}, {seriesWorld(0.8), 4000},
	} {
		if testing.Short() && (c.n > 1000 || c.n == 100) {
			continue
		}
		held, above, below, _ := c.coverage(c.n, reps)
		t.Logf("%-28s %6d %7.1f%% %7.1f%% %7.1f%%", c.name, c.n, held, above, below)
		if math.Abs(held-95) > slack {
			t.Errorf("%s, n = %d: 95%% intervals hold the mean in %.1f%%", c.name, c.n, held)
		}
	}
}

// TestRareCoverage: p-values far below the share of one resample, which the
// fitted tail tells, are as rare as they say, or rarer.
func TestRareCoverage(t *testing.T) {
	reps := 4000
	if testing.Short() {
		reps = 200
	}
	for _, w := range []struct {
		world
		n int
	}{{gaussianWorld(2), 100}, {gaussianWorld(64), 30}, {clusteredWorld(50), 500}} {
		var rare, rarer int
		for rep := range reps {
			key := surprisal.Key(rep).Named("rare" + w.name)
			m := meanOf(w.draw(key.Rand(), w.n))
			m.value -= w.mean
			p := m.bootstrapT(key, 499).p // 0.004 at least by shares
			if p <= 0.002 {
				rare++
			}
			if p <= 0.0005 {
				rarer++
			}
		}
		t.Logf("%-12s n = %3d: p ≤ 0.002 in %.2f%% of sets, p ≤ 0.0005 in %.2f%%", w.name, w.n, 100*float64(rare)/float64(reps), 100*float64(rarer)/float64(reps))
		if n := float64(reps); float64(rare) > 0.004*n+2 || float64(rarer) > 0.0015*n+2 {
			t.Errorf("%s: %d and %d of %d p-values are below 0.002 and 0.0005", w.name, rare, rarer, reps)
		}
	}
}
