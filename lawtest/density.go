package lawtest

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/tensor"
)

// DensityCase is a fitted model to hold to the laws of its capabilities. Choose
// a space of few states or one or two real dims: then the laws see everything.
type DensityCase struct {
	Name string
	// Model has some of the capabilities of package surprisal.
	Model any
	Space *surprisal.Space
	// Events are at least 100 of the space, of the kind that the model is for.
	Events *surprisal.Batch
	// Box bounds every real dim for quadrature (low, high); beyond it the
	// density must be negligible. Dims that are not real are ignored.
	Box [][2]float64
	// Levels of an unbounded grid are enumerated; 0 means 1000.
	Levels int
	// Tolerance of what sums or integrates to one, for discretisation and
	// float32; 0 means 1e-4.
	Tolerance float64
	// Missing is the mass that may lie outside what is enumerated, or that a
	// dequantised model may leak.
	Missing float64
	// Exact is the true log p of a Bounded model, if it can be computed.
	Exact surprisal.Density
	// Blank returns a new, unfitted model of the same configuration.
	Blank func() (any, error)
}

// TestDensity checks, for the capabilities that the model has: that mass and
// density sum to one; that events outside the support have log p −Inf or are
// refused, and nothing is NaN; that results do not depend on the batch, bit for
// bit; that conditionals sum to log p; that draws of bounds depend on id and key
// alone and are unbiased; that samples lie in the space, depend on the key
// alone and follow the density; that the state restores the model.
func TestDensity(t *testing.T, c DensityCase) {
	t.Helper()
	t.Run(c.Name, func(t *testing.T) {
		held := 0
		for _, l := range densityLaws {
			if !l.applies(&c) {
				continue
			}
			held++
			t.Run(l.name, func(t *testing.T) {
				if err := l.check(&c); err != nil {
					t.Error(err)
				}
			})
		}
		if held == 0 {
			t.Errorf("no law applies to a %T", c.Model)
		}
	})
}

// law is one property; check returns how it is broken.
type law struct {
	name    string
	applies func(*DensityCase) bool
	check   func(*DensityCase) error
}

func is[T any](c *DensityCase) bool { _, ok := c.Model.(T); return ok }

var densityLaws = []law{
	{"sums to one", is[surprisal.Density], sumsToOne},
	{"support", is[surprisal.Density], support},
	{"batch equals single", is[surprisal.Density], batchEqualsSingle},
	{"conditionals sum to log p", func(c *DensityCase) bool {
		return is[surprisal.Autoregressive](c) && is[surprisal.Density](c)
	}, conditionalsSum},
	{"draws depend on id and key alone", is[surprisal.Bounded], drawsKeyed},
	{"weights are unbiased", is[surprisal.Bounded], unbiased},
	{"samples", is[surprisal.Sampler], samples},
	{"samples follow the density", func(c *DensityCase) bool {
		return is[surprisal.Sampler](c) && is[surprisal.Density](c)
	}, samplesFollow},
	{"state restores", func(c *DensityCase) bool { return c.Blank != nil }, restores},
}

func (c *DensityCase) tolerance() float64 {
	if c.Tolerance == 0 {
		return 1e-4
	}
	return c.Tolerance
}

// logProb is LogProb into a new slice; NaN and +Inf are errors.
func logProb(m any, x *surprisal.Batch) ([]float64, error) {
	lp := make([]float64, x.Len())
	for i := range lp {
		lp[i] = math.NaN() // what is not written shows
	}
	if err := m.(surprisal.Density).LogProb(lp, x); err != nil {
		return nil, err
	}
	return lp, sane("log p", lp)
}

func logWeights(m any, x *surprisal.Batch, k int, key surprisal.Key) ([]float64, error) {
	lw := make([]float64, x.Len()*k)
	for i := range lw {
		lw[i] = math.NaN()
	}
	if err := m.(surprisal.Bounded).LogWeights(lw, x, k, key); err != nil {
		return nil, err
	}
	return lw, sane("log w", lw)
}

func sane(what string, v []float64) error {
	for i, x := range v {
		if math.IsNaN(x) || math.IsInf(x, 1) {
			return fmt.Errorf("%s number %d is %g", what, i, x)
		}
	}
	return nil
}

// sumsToOne adds up the mass of all that can be enumerated.
func sumsToOne(c *DensityCase) error {
	s, err := enumerate(c)
	if err != nil {
		return err
	}
	mass, err := s.masses(c.Model)
	if err != nil {
		return err
	}
	total := 0.0
	for _, m := range mass {
		total += m
	}
	if !(total <= 1+c.tolerance() && total >= 1-c.tolerance()-c.Missing) {
		return fmt.Errorf("the total over %d points is %.8f, want 1 ± %g (missing at most %g)", len(mass), total, c.tolerance(), c.Missing)
	}
	return nil
}

// support moves an event off its grid, beyond its levels and far away.
func support(c *DensityCase) error {
	d := c.Space.Dims()
	first := make([]float64, d)
	c.Events.Slice(0, 1).Float64s(first, 0)
	for j, f := range c.Space.Columns() {
		if !f.Discrete() {
			for _, v := range []float64{1e6, -1e18, 1e150} {
				row := slices.Clone(first)
				row[j] = v
				if _, err := logProb(c.Model, events(c.Space, row)); err != nil {
					return fmt.Errorf("%s = %g: %w", f.Name, v, err)
				}
			}
			continue
		}
		low, step, levels := f.Grid()
		off := []float64{low - step, low + step/3}
		if levels > 0 {
			off = append(off, low+step*float64(levels))
		}
		for _, v := range off {
			row := slices.Clone(first)
			row[j] = v
			lp := []float64{math.NaN()}
			if err := c.Model.(surprisal.Density).LogProb(lp, events(c.Space, row)); err == nil && !math.IsInf(lp[0], -1) {
				return fmt.Errorf("%s = %g lies outside the support and has log p %g", f.Name, v, lp[0])
			}
		}
	}
	return nil
}

// batchEqualsSingle scores the same events in batches of several sizes.
func batchEqualsSingle(c *DensityCase) error {
	whole, err := logProb(c.Model, c.Events)
	if err != nil {
		return err
	}
	for _, size := range []int{1, 7, 64, 100} {
		for lo := 0; lo < c.Events.Len(); lo += size {
			hi := min(lo+size, c.Events.Len())
			part, err := logProb(c.Model, c.Events.Slice(lo, hi))
			if err != nil {
				return err
			}
			if i := differ(part, whole[lo:hi]); i >= 0 {
				return fmt.Errorf("event %d has log p %v in a batch of %d and %v among %d", lo+i, part[i], hi-lo, whole[lo+i], len(whole))
			}
		}
	}
	return nil
}

// differ returns the first index at which bits differ, or −1.
func differ(a, b []float64) int {
	for i := range a {
		if math.Float64bits(a[i]) != math.Float64bits(b[i]) {
			return i
		}
	}
	return -1
}

func conditionalsSum(c *DensityCase) error {
	n, d := c.Events.Len(), c.Space.Dims()
	lp, err := logProb(c.Model, c.Events)
	if err != nil {
		return err
	}
	terms := make([]float64, n*d)
	if err := c.Model.(surprisal.Autoregressive).Conditionals(terms, c.Events); err != nil {
		return err
	}
	if err := sane("conditional", terms); err != nil {
		return err
	}
	for i, want := range lp {
		sum := 0.0
		for _, v := range terms[i*d : (i+1)*d] {
			sum += v
		}
		if !(math.Abs(sum-want) <= 1e-5*(1+math.Abs(want))) {
			return fmt.Errorf("event %d: the conditionals sum to %v, log p is %v", i, sum, want)
		}
	}
	return nil
}

// restores copies the state into a blank model and compares what both say.
func restores(c *DensityCase) error {
	blank, err := c.Blank()
	if err != nil {
		return err
	}
	type stateful interface{ State() *tensor.Store }
	from, ok := c.Model.(stateful)
	to, ok2 := blank.(stateful)
	if !ok || !ok2 {
		return fmt.Errorf("a %T has no state", c.Model)
	}
	restore(to.State(), from.State().Clone())
	a, err := fingerprint(c, c.Model)
	if err != nil {
		return err
	}
	b, err := fingerprint(c, blank)
	if err != nil {
		return fmt.Errorf("restored model: %w", err)
	}
	if !bytes.Equal(a, b) {
		return fmt.Errorf("the restored model gives other numbers or samples")
	}
	return nil
}

// restore copies the tensors of from into those of the same name, type and
// shape in to, and sets the others.
func restore(to, from *tensor.Store) {
	for name, t := range from.All() {
		old, ok := to.Get(name)
		if !ok || !slices.Equal(old.Shape, t.Shape) || !old.CopyFrom(t) {
			to.Set(name, t)
		}
	}
}

// fingerprint is everything that a model says of the events, and samples.
func fingerprint(c *DensityCase, m any) ([]byte, error) {
	var out bytes.Buffer
	if _, ok := m.(surprisal.Density); ok {
		lp, err := logProb(m, c.Events)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&out, "%x", lp)
	}
	if _, ok := m.(surprisal.Bounded); ok {
		lw, err := logWeights(m, c.Events, 2, 1)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&out, "%x", lw)
	}
	if s, ok := m.(surprisal.Sampler); ok {
		b, err := s.Sample(10, 1, nil)
		if err != nil {
			return nil, err
		}
		out.WriteString(b.Checksum())
	}
	return out.Bytes(), nil
}
