package lawtest

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/surprisal-go/surprisal"
)

// sigmas is how many standard errors an estimate may lie from the truth: for
// a normal error, one in half a million.
const sigmas = 5

// lawKey is the key of all draws here: a law that holds does so every time.
const lawKey surprisal.Key = 20

// drawsKeyed scores events in batches of several sizes and orders.
func drawsKeyed(c *DensityCase) error {
	const k = 3
	n := c.Events.Len()
	whole, err := logWeights(c.Model, c.Events, k, lawKey)
	if err != nil {
		return err
	}
	same := func(rows []int) error {
		part, err := logWeights(c.Model, c.Events.Take(rows), k, lawKey)
		if err != nil {
			return err
		}
		for i, r := range rows {
			if differ(part[i*k:(i+1)*k], whole[r*k:(r+1)*k]) >= 0 {
				return fmt.Errorf("event %d has log w %v in a batch of %d and %v among %d", r, part[i*k:(i+1)*k], len(rows), whole[r*k:(r+1)*k], n)
			}
		}
		return nil
	}
	rows := make([]int, n)
	for i := range rows {
		rows[i] = n - 1 - i
	}
	for _, size := range []int{1, 7, 64, 100} {
		for part := range slices.Chunk(rows, size) {
			if err := same(part); err != nil {
				return err
			}
		}
	}
	other, err := logWeights(c.Model, c.Events, k, lawKey+1)
	if err != nil {
		return err
	}
	if differ(other, whole) < 0 {
		return fmt.Errorf("another key gives the same draws")
	}
	return nil
}

// unbiased adds up mean weights over all states, which estimates one, and
// compares them with the true mass of the events where that is known.
func unbiased(c *DensityCase) error {
	if c.Exact != nil {
		if err := meanWeights(c, 256); err != nil {
			return err
		}
	}
	s, err := enumerate(c)
	if err != nil {
		if c.Exact != nil {
			return nil
		}
		return err
	}
	k := max(64, 1<<17/s.n)
	total, variance := 0.0, 0.0
	err = s.batches(func(_ int, b *surprisal.Batch) error {
		lw, err := logWeights(c.Model, b, k, lawKey)
		for part := range slices.Chunk(lw, k) {
			mean, se := meanExp(part)
			total += mean * s.volume()
			variance += se * se * s.volume() * s.volume()
		}
		return err
	})
	if err != nil {
		return err
	}
	se := math.Sqrt(variance)
	if slack := c.tolerance() + sigmas*se; !(total <= 1+slack && total >= 1-slack-c.Missing) {
		return fmt.Errorf("the mean weights of %d states sum to %.5f ± %.5f, want 1 (missing at most %g)", s.n, total, se, c.Missing)
	}
	return nil
}

// meanWeights compares the sum over events of mean weight / true mass with the
// number of events.
func meanWeights(c *DensityCase, k int) error {
	lp, err := logProb(c.Exact, c.Events)
	if err != nil {
		return err
	}
	lw, err := logWeights(c.Model, c.Events, k, lawKey)
	if err != nil {
		return err
	}
	ratio, variance, n := 0.0, 0.0, float64(len(lp))
	for i := range lp {
		part := slices.Clone(lw[i*k : (i+1)*k])
		for j := range part {
			part[j] -= lp[i]
		}
		mean, se := meanExp(part)
		ratio += mean / n
		variance += se * se / (n * n)
	}
	if se := math.Sqrt(variance); !(math.Abs(ratio-1) <= c.tolerance()+sigmas*se) {
		return fmt.Errorf("mean weights are %.5f ± %.5f of the true mass, want 1", ratio, se)
	}
	return nil
}

// meanExp is the mean of exp over v and its standard error.
func meanExp(v []float64) (mean, se float64) {
	n := float64(len(v))
	for _, x := range v {
		mean += math.Exp(x) / n
	}
	for _, x := range v {
		d := math.Exp(x) - mean
		se += d * d
	}
	return mean, math.Sqrt(se / n / (n - 1))
}

// samples draws twice with one key and once with another.
func samples(c *DensityCase) error {
	const n = 200
	draw := func(n int, key surprisal.Key) (*surprisal.Batch, error) {
		b, err := c.Model.(surprisal.Sampler).Sample(n, key, nil)
		if err != nil {
			return nil, err
		}
		if b.Len() != n || !b.Space.Equal(c.Space) {
			return nil, fmt.Errorf("asked for %d samples of the space, got %d of %v", n, b.Len(), b.Space.Fields)
		}
		return b, b.Validate()
	}
	a, err := draw(n, lawKey)
	if err != nil {
		return err
	}
	b, err := draw(n, lawKey)
	if err != nil {
		return err
	}
	other, err := draw(n, lawKey+1)
	if err != nil {
		return err
	}
	switch {
	case a.Checksum() != b.Checksum():
		return fmt.Errorf("one key gives different samples")
	case a.Checksum() == other.Checksum():
		return fmt.Errorf("two keys give the same samples")
	}
	return nil
}

// samplesFollow compares the counts of samples in coarse cells with their mass
// by a chi-square test, and their mean log p with its expectation.
func samplesFollow(c *DensityCase) error {
	const n = 5000
	s, err := enumerate(c)
	if err != nil {
		return err
	}
	mass, err := s.masses(c.Model)
	if err != nil {
		return err
	}
	b, err := c.Model.(surprisal.Sampler).Sample(n, lawKey.Named("follow"), nil)
	if err != nil {
		return err
	}
	expected, observed, d := map[int]float64{}, map[int]float64{}, len(s.axes)
	outside := float64(n)
	for i, m := range mass {
		expected[s.cell(s.rows(i, i+1))] += n * m
		outside -= n * m
	}
	rows := make([]float64, n*d)
	b.Float64s(rows, 0)
	for row := range slices.Chunk(rows, d) {
		observed[s.cell(row)]++
	}
	expected[-1] += max(0, outside)
	if err := chiSquare(expected, observed, n*c.tolerance()); err != nil {
		return err
	}
	return meanLogProb(c, s, mass, b)
}

// chiSquare fails if counts like these come up once in a million times. Cells
// of which fewer than 8 are expected are taken together. Slack is a count by
// which any cell may be off.
func chiSquare(expected, observed map[int]float64, slack float64) error {
	keys := make([]int, 0, len(expected))
	for k := range observed {
		if _, ok := expected[k]; !ok {
			return fmt.Errorf("%g samples lie in cell %d, of mass zero", observed[k], k)
		}
	}
	for k := range expected {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	stat, groups, rareE, rareO := 0.0, 0, 0.0, 0.0
	add := func(e, o float64) {
		off := max(0, math.Abs(o-e)-slack)
		stat += off * off / e
		groups++
	}
	for _, k := range keys {
		if expected[k] < 8 {
			rareE += expected[k]
			rareO += observed[k]
			continue
		}
		add(expected[k], observed[k])
	}
	if rareE+slack > 0 {
		add(max(rareE, 1), rareO)
	}
	if groups < 2 {
		return nil
	}
	if p := (distuv.ChiSquared{K: float64(groups - 1)}).Survival(stat); p < 1e-6 {
		return fmt.Errorf("the samples do not follow the density: chi-square %.1f in %d cells, p = %.2g", stat, groups, p)
	}
	return nil
}

// meanLogProb compares the mean log p of samples with Σ p log p.
func meanLogProb(c *DensityCase, s *states, mass []float64, b *surprisal.Batch) error {
	lp, err := logProb(c.Model, b)
	if err != nil {
		return err
	}
	want, total := 0.0, 0.0
	for _, m := range mass {
		if m > 0 {
			want += m * math.Log(m/s.volume())
			total += m
		}
	}
	mean, sq, n := 0.0, 0.0, float64(len(lp))
	for _, v := range lp {
		mean += v / n
		sq += v * v / n
	}
	se := math.Sqrt(max(0, sq-mean*mean) / n)
	if slack := sigmas*se + c.tolerance() + 20*max(0, 1-total); !(math.Abs(mean-want) <= slack) {
		return fmt.Errorf("samples have mean log p %.4f ± %.4f, the density's entropy says %.4f", mean, se, want)
	}
	return nil
}
