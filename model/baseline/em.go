package baseline

import (
	"context"
	"math"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/fmath"
	"github.com/surprisal-go/surprisal/prep"
)

// em is expectation maximisation for normals of standardised events.
type em struct {
	train, valid *surprisal.Batch
	affine       *prep.Affine
	flat         []float64 // 1 for a real column without spread, else 0 (D)
	cfg          MixtureConfig
	key          surprisal.Key
}

func newEM(train, valid *surprisal.Batch, cfg MixtureConfig, key surprisal.Key) *em {
	a, hidden := standardize(train)
	for j, s := range cellSteps(train.Space) {
		if s > 0 || hidden[j] < 1 {
			hidden[j] = 0
		}
	}
	return &em{train, valid, a, hidden, cfg, key}
}

// Expectation maximisation stops when this many iterations in a row have not
// gained this many validation nats over the best before.
const (
	patience = 5
	gain     = 1e-4
)

// fit runs from starting point number restart and returns the parameters with
// the fewest validation nats, in standardised units, and the iterations done;
// with an error too, if there have been any.
func (e *em) fit(ctx context.Context, k, restart int) (best *normals, nats float64, steps int, err error) {
	key := e.key.Named("em").Fold(uint64(k), uint64(restart))
	p := e.start(k, key.Named("start"))
	bar := math.Inf(1)
	nats = bar
	for last := 0; steps < e.cfg.Iterations && steps-last < patience; {
		if err := ctx.Err(); err != nil {
			return best, nats, steps, err
		}
		s := e.expect(p, e.train, key.Named("noise"), steps)
		next, ok := e.maximise(s, p)
		if !ok {
			break
		}
		p = next
		steps++
		now := -e.meanLogProb(p, e.valid, e.key.Named("validation"))
		if now < nats {
			best, nats = p, now
		}
		if now < bar-gain {
			bar, last = now, steps
		}
	}
	return best, nats, steps, nil
}

// rows returns events lo … hi−1 of b, dequantised and standardised.
func (e *em) rows(b *surprisal.Batch, lo, hi int, key surprisal.Key, draw int) []float64 {
	rows := make([]float64, (hi-lo)*b.Space.Dims())
	prep.Dequantize(rows, b.Slice(lo, hi), key, draw)
	e.affine.Forward(rows, make([]float64, hi-lo))
	return rows
}

// start places the means by k-means++ on at most 4,096 events per component,
// with equal weights and the overall variance shared out.
func (e *em) start(k int, key surprisal.Key) *normals {
	d := e.train.Space.Dims()
	r := key.Rand()
	b := e.train
	if b.Len() > 4096*k {
		b = b.Take(r.Perm(b.Len())[:4096*k])
	}
	n := b.Len()
	x := e.rows(b, 0, n, key, 0)
	p := &normals{k: k, d: d, full: e.cfg.Covariance == Full}
	near := make([]float64, n) // squared distance to the nearest mean so far
	for i := range near {
		near[i] = weightOf(b, i)
	}
	for c := range k {
		i := draw(near, r.Float64())
		mean := x[i*d : (i+1)*d]
		p.mean = append(p.mean, mean...)
		p.logW = append(p.logW, -fmath.Log(float64(k)))
		eachChunk(n, chunkSize(n), func(_, lo, hi int) {
			diff := make([]float64, d)
			for i := lo; i < hi; i++ {
				for j, v := range x[i*d : (i+1)*d] {
					diff[j] = v - mean[j]
				}
				if q := float64(weightOf(b, i) * dot(diff, diff)); c == 0 || q < near[i] {
					near[i] = q
				}
			}
		})
	}
	sd := math.Sqrt(e.share(k))
	for range k {
		for i := range d {
			if p.full {
				row := make([]float64, d)
				row[i] = sd
				p.chol = append(p.chol, row...)
			} else {
				p.chol = append(p.chol, sd)
			}
		}
	}
	p.finish()
	return p
}

// draw returns an index with probability proportional to its weight.
func draw(weights []float64, u float64) int {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	u *= total
	for i, w := range weights {
		if u -= w; u < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// share is the variance of a component if k of them shared out the volume of
// the events, which have variance 1: k^(−2/D).
func (e *em) share(k int) float64 {
	return fmath.Pow(float64(k), -2/float64(e.train.Space.Dims()))
}

// sums are the sufficient statistics of a number of events.
type sums struct {
	k, d   int
	full   bool
	logP   float64   // Σ w·log p(x)
	total  float64   // Σ w
	mass   []float64 // Σ w·r (K)
	first  []float64 // Σ w·r·x (K × D)
	second []float64 // Σ w·r·x·xᵀ (K × D × D, lower triangles; K × D where diagonal)
}

func (s *sums) add(t *sums) {
	s.logP += t.logP
	s.total += t.total
	for _, p := range [][2][]float64{{s.mass, t.mass}, {s.first, t.first}, {s.second, t.second}} {
		for i, v := range p[1] {
			p[0][i] += v
		}
	}
}

// expect computes the responsibilities r of the components for every event of
// b and sums by them.
func (e *em) expect(p *normals, b *surprisal.Batch, key surprisal.Key, draw int) *sums {
	return e.sum(p, b, key, draw, p.k)
}

// meanLogProb is the mean log p of the events of b.
func (e *em) meanLogProb(p *normals, b *surprisal.Batch, key surprisal.Key) float64 {
	s := e.sum(p, b, key, 0, 0)
	return s.logP / s.total
}

// sum sums log p, and the other statistics for the first k components.
func (e *em) sum(p *normals, b *surprisal.Batch, key surprisal.Key, draw, k int) *sums {
	n, d := b.Len(), p.d
	size := chunkSize(n)
	parts := make([]*sums, (n+size-1)/size)
	eachChunk(n, size, func(c, lo, hi int) {
		s := &sums{k: k, d: d, full: p.full}
		s.mass, s.first, s.second = make([]float64, k), make([]float64, k*d), make([]float64, k*len(p.chol)/p.k)
		joint, scratch := make([]float64, p.k), make([]float64, d)
		const some = 64 // rows in memory at a time
		for at := lo; at < hi; at += some {
			to := min(hi, at+some)
			x := e.rows(b, at, to, key, draw)
			for i := at; i < to; i++ {
				row := x[(i-at)*d : (i-at+1)*d]
				p.logJoint(joint, row, scratch)
				s.observe(row, joint, weightOf(b, i))
			}
		}
		parts[c] = s
	})
	for _, s := range parts[1:] {
		parts[0].add(s)
	}
	return parts[0]
}

// observe adds an event of weight w with log wₖN(x; …) = joint.
func (s *sums) observe(x, joint []float64, w float64) {
	logP := fmath.LogSumExp(joint)
	s.logP += float64(w * logP)
	s.total += w
	for k := range s.mass {
		r := float64(w * fmath.Exp(joint[k]-logP))
		if !(r > 0x1p-40) { // also where log p is −Inf
			continue
		}
		s.mass[k] += r
		first := s.first[k*s.d : (k+1)*s.d]
		if s.full {
			addOuter(s.second[k*s.d*s.d:(k+1)*s.d*s.d], x, r)
		} else {
			addSquares(s.second[k*s.d:(k+1)*s.d], x, r)
		}
		for j, v := range x {
			first[j] += float64(r * v)
		}
	}
}

// addSquares adds r·xⱼ² to sum (D).
func addSquares(sum, x []float64, r float64) {
	for j, v := range x {
		sum[j] += float64(r * float64(v*v))
	}
}

// addOuter adds r·x·xᵀ to the lower triangle of sum (D × D).
func addOuter(sum, x []float64, r float64) {
	d := len(x)
	for i, v := range x {
		v = float64(r * v)
		row := sum[i*d : i*d+i+1]
		for j, u := range x[:i+1] {
			row[j] += float64(v * u)
		}
	}
}

// maximise returns the parameters that the sums ask for, the covariances drawn
// towards the overall variance shared out by e.cfg.Prior events; false if one
// is not positive definite.
func (e *em) maximise(s *sums, old *normals) (*normals, bool) {
	k, d := s.k, s.d
	p := &normals{k: k, d: d, full: old.full, logW: make([]float64, k), mean: s.first, chol: s.second}
	prior := float64(e.cfg.Prior * e.share(k))
	for c := range k {
		p.logW[c] = fmath.Log(s.mass[c] / s.total)
		mean, cov := p.mean[c*d:(c+1)*d], p.factor(c)
		n := s.mass[c]
		if n < 1e-6 { // died: it stays where it was
			copy(mean, old.mean[c*d:(c+1)*d])
			copy(cov, old.factor(c))
			continue
		}
		for j := range mean {
			mean[j] /= n
		}
		if !e.covariance(cov, mean, n, prior, p.full) {
			return nil, false
		}
	}
	p.finish()
	return p, true
}

// covariance replaces Σ r·x·xᵀ by the factor of the regularised covariance.
func (e *em) covariance(cov, mean []float64, n, prior float64, full bool) bool {
	d := len(mean)
	for i, m := range mean {
		row := cov[i : i+1] // the diagonal, for diagonal covariances
		if full {
			row = cov[i*d : i*d+i+1]
		}
		for j := range row {
			other := mean[j]
			if !full {
				other = m
			}
			row[j] = (row[j] - float64(n*float64(m*other))) / (n + e.cfg.Prior)
		}
		row[len(row)-1] += prior/(n+e.cfg.Prior) + e.flat[i]
	}
	if full {
		return cholesky(cov, d)
	}
	for j, v := range cov {
		if !(v > 0) {
			return false
		}
		cov[j] = math.Sqrt(v)
	}
	return true
}
