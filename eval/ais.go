package eval

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/fmath"
)

// Annealing says how [AIS] moves from N(0, I) over latents to the posterior.
type Annealing struct {
	// Latents is the number Z of latent dims.
	Latents int
	// Steps is the number of temperatures, at most [MostSteps]; zero means 1,000.
	Steps int
	// Moves is the number of Metropolis moves at each; zero means 4.
	Moves int
	// Chains is the number of independent chains for each event, at most
	// [MostChains]; zero means 16.
	Chains int
	// From holds, for the reverse direction, one exact draw of the posterior
	// for each event (N × Z): the latents that simulated events were made from.
	// Nil is the forward direction.
	From []float64
	Key  surprisal.Key
	// Progress, if set, is called with the number of temperatures done so far,
	// over all events.
	Progress func(done, total int)
}

// The most temperatures, which take time, and chains, which are held at once.
const (
	MostSteps  = 1_000_000
	MostChains = 10_000
)

func (a Annealing) withDefaults(n int) (Annealing, error) {
	for _, v := range []struct {
		p    *int
		zero int
	}{{&a.Steps, 1000}, {&a.Moves, 4}, {&a.Chains, 16}} {
		if *v.p == 0 {
			*v.p = v.zero
		}
	}
	switch {
	case a.Latents < 1 || a.Steps < 1 || a.Moves < 1 || a.Chains < 1:
		return a, fmt.Errorf("%d latents, %d steps of %d moves, %d chains: want at least 1 of each", a.Latents, a.Steps, a.Moves, a.Chains)
	case a.Steps > MostSteps || a.Chains > MostChains:
		return a, fmt.Errorf("%d steps, %d chains: want at most %d and %d", a.Steps, a.Chains, MostSteps, MostChains)
	case a.From != nil && len(a.From) != n*a.Latents:
		return a, fmt.Errorf("%d starting latents for %d events of %d latents", len(a.From), n, a.Latents)
	}
	return a, nil
}

// AIS estimates log p(x) of a latent variable model by annealed importance
// sampling (Neal 2001) along r(z)^(1−β)·p(x, z)^β with r = N(0, I) and random
// walk Metropolis moves. Averaged weights are unbiased for p(x), so the nats
// are a lower bound of log p in expectation. From exact draws of the posterior
// the chain runs in reverse, the inverse weights are unbiased for 1/p(x), and
// the nats are an upper bound of log p (Grosse, Ghahramani and Adams 2015);
// only events that the model itself has drawn come with such draws. The two
// together enclose the truth. It is for small checks: it costs
// Steps × Moves × Chains evaluations of the joint for every event.
func AIS(ctx context.Context, model surprisal.Joint, b *surprisal.Batch, a Annealing) (Scores, error) {
	a, err := a.withDefaults(b.Len())
	if err == nil {
		err = checkEvents(model, b)
	}
	if err != nil {
		return Scores{}, fmt.Errorf("annealing: %w", err)
	}
	s := newBound(b, a.Chains)
	s.NoTails = true
	if a.From != nil {
		s.Kind = surprisal.UpperBound
	}
	err = eachChunk(ctx, whole(b), Options{Chunk: 1}, func(lo, _ int) error {
		c := a.newChains(model, b, lo)
		logP, err := c.run(ctx, func(done int) {
			if a.Progress != nil {
				a.Progress(lo*a.Steps+done, b.Len()*a.Steps)
			}
		})
		s.Nats[lo] = logP
		if err != nil {
			return err
		}
		return s.negate(s.Nats[lo:lo+1], lo, whole(b))
	})
	if err != nil {
		return Scores{}, err
	}
	return s, nil
}

// chains are the chains of one event, moved together.
type chains struct {
	Annealing
	model surprisal.Joint
	x     *surprisal.Batch // the event, once a chain
	rands []*rand.Rand
	z     []float64 // C × Z
	joint []float64 // log p(x, z), C
	base  []float64 // log r(z), C
	logW  []float64

	next, nextJoint []float64 // proposed
}

func (a Annealing) newChains(model surprisal.Joint, b *surprisal.Batch, event int) *chains {
	n, rows := a.Chains, make([]int, a.Chains)
	c := &chains{Annealing: a, model: model, z: make([]float64, n*a.Latents), joint: make([]float64, n),
		base: make([]float64, n), logW: make([]float64, n), next: make([]float64, n*a.Latents), nextJoint: make([]float64, n)}
	for i := range n {
		rows[i] = event
		r := a.Key.Named("eval.AIS").Fold(b.ID(event)).Fold(uint64(i)).Rand()
		c.rands = append(c.rands, r)
		z := c.z[i*a.Latents:][:a.Latents]
		for j := range z {
			z[j] = fmath.Normal(r)
		}
		if a.From != nil {
			copy(z, a.From[event*a.Latents:])
		}
		c.base[i] = logNormal(z)
	}
	c.x = b.Take(rows)
	return c
}

// run returns the estimate of log p(x). It tells the number of temperatures
// that are done.
func (c *chains) run(ctx context.Context, told func(done int)) (float64, error) {
	if err := c.model.LogJoint(c.joint, c.z, c.x); err != nil {
		return 0, err
	}
	last := 0.0
	if c.From != nil {
		last = 1
		for range c.Steps / 4 * c.Moves { // the chains share their start: part them
			if err := ctx.Err(); err != nil {
				return 0, err
			}
			if err := c.move(1); err != nil {
				return 0, err
			}
		}
	}
	for t := 1; t <= c.Steps; t++ {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		beta := warm(float64(t) / float64(c.Steps))
		if c.From != nil {
			beta = warm(float64(c.Steps-t) / float64(c.Steps))
		}
		for i := range c.logW {
			if d := beta - last; d != 0 {
				c.logW[i] += d * (c.joint[i] - c.base[i])
			}
		}
		last = beta
		for range c.Moves {
			if err := c.move(beta); err != nil {
				return 0, err
			}
		}
		told(t)
	}
	mean := fmath.LogSumExp(c.logW) - fmath.Log(float64(c.Chains))
	if c.From != nil {
		return -mean, nil // of 1/p
	}
	return mean, nil
}

// warm is the schedule of β: slow at both ends, where most is won and lost
// (a sigmoid on [−4, 4], as Grosse, Ghahramani and Adams have it).
func warm(u float64) float64 {
	const ends = 4
	low, high := fmath.Sigmoid(-ends), fmath.Sigmoid(ends)
	return max(0, min(1, (fmath.Sigmoid(ends*(2*u-1))-low)/(high-low)))
}

// widths are those of proposals, in units of 1/√Z: which fits changes on the
// way, and one drawn at random keeps the moves reversible.
var widths = []float64{2.4, 1.2, 0.6, 0.3, 0.1}

// move makes one Metropolis move of every chain.
func (c *chains) move(beta float64) error {
	d := c.Latents
	for i, r := range c.rands {
		width := widths[r.IntN(len(widths))] / math.Sqrt(float64(d))
		for j := range d {
			c.next[i*d+j] = c.z[i*d+j] + float64(width*fmath.Normal(r))
		}
	}
	if err := c.model.LogJoint(c.nextJoint, c.next, c.x); err != nil {
		return err
	}
	for i, r := range c.rands {
		z := c.next[i*d:][:d]
		base := logNormal(z)
		up := float64((1-beta)*(base-c.base[i])) + float64(beta*(c.nextJoint[i]-c.joint[i]))
		if fmath.Log(1-r.Float64()) < up {
			copy(c.z[i*d:], z)
			c.base[i], c.joint[i] = base, c.nextJoint[i]
		}
	}
	return nil
}

// logNormal is the log density of N(0, I).
func logNormal(z []float64) float64 {
	sum := 0.0
	for _, v := range z {
		sum += float64(v * v)
	}
	return -sum/2 - float64(len(z))*logRootTwoPi
}

const logRootTwoPi = 0.9189385332046727418
