package eval

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/surprisal-go/surprisal"
)

// collector gathers the scores of batches. Of the events it keeps what errors
// of means need, and their checksum.
type collector struct {
	model any
	o     Options
	total int // of all events, 0 if unknown
	// bound, if set, is a lower bound by o.Samples draws that stands for what
	// the model offers.
	bound scorer

	space    *surprisal.Space
	logProb  scorer
	s        Scores
	n, size  int // events and scalars so far
	weight   float64
	sum      *surprisal.Checksum
	weighted bool
	grouped  bool
	nats     [][]float64 // batch by batch
	shapes   [][]float64 // where there are weights enough
	weights  [][]float64
	groups   [][]int32
}

// scorer writes log p, or a bound of it, of every event into dst (N) and, if
// that is not nil, k̂ of its weights into shape (N).
type scorer func(dst, shape []float64, x *surprisal.Batch) error

// all scores the events of all batches.
func (c *collector) all(ctx context.Context, batches iter.Seq2[*surprisal.Batch, error]) (Scores, error) {
	for b, err := range batches {
		if err == nil {
			err = c.add(ctx, b)
		}
		if err != nil {
			return Scores{}, err
		}
	}
	return c.scores()
}

// begin settles by the first batch what holds for all.
func (c *collector) begin(b *surprisal.Batch) error {
	if err := checkSpace(c.model, b.Space); err != nil {
		return err
	}
	density, exact := c.model.(surprisal.Density)
	drawn, ok := c.model.(surprisal.Bounded)
	switch {
	case c.bound != nil:
		c.s.Kind, c.s.Samples, c.logProb = surprisal.LowerBound, c.o.Samples, c.bound
	case exact:
		c.logProb = func(dst, _ []float64, x *surprisal.Batch) error { return density.LogProb(dst, x) }
	case ok:
		c.s.Kind, c.s.Samples = surprisal.LowerBound, c.o.Samples
		c.o.Chunk = max(1, min(c.o.Chunk, draws/c.o.Samples))
		c.logProb = bounded(drawn, c.o)
	default:
		return fmt.Errorf("%T has no likelihood: it offers neither log p nor a bound of it", c.model)
	}
	c.space, c.sum = b.Space, surprisal.NewChecksum(b.Space)
	c.s.Measure, c.s.Scalar, c.s.Given, c.s.Ordered = b.Space.Measure(), b.Space.Scalar(), given(b), true
	c.weighted, c.grouped = b.Weight != nil, b.Group != nil
	return nil
}

// take notes what the scores must know of a batch.
func (c *collector) take(b *surprisal.Batch) (err error) {
	if b.Len() == 0 {
		return errNoEvents
	}
	if c.n == 0 {
		err = c.begin(b)
	} else if !c.space.Equal(b.Space) || c.weighted != (b.Weight != nil) || c.grouped != (b.Group != nil) || c.s.Given != given(b) {
		err = fmt.Errorf("the events from %d on are of another kind than those before: want one space for all, and groups, weights and context for all or none", c.n)
	}
	if err != nil {
		return err
	}
	if c.weight, err = addWeights(c.weight, b.Weight); err != nil {
		return err
	}
	if c.weighted {
		c.weights = append(c.weights, slices.Clone(b.Weight))
	}
	if c.grouped {
		c.groups = append(c.groups, slices.Clone(b.Group))
	}
	c.s.Ordered = c.s.Ordered && b.Ordered
	c.size += scalars(b)
	c.sum.Add(b)
	return nil
}

// add scores the events of a batch.
func (c *collector) add(ctx context.Context, b *surprisal.Batch) error {
	if err := c.take(b); err != nil {
		return fmt.Errorf("scoring: %w", err)
	}
	nats, p := make([]float64, b.Len()), piece{b, c.n, c.total}
	c.nats = append(c.nats, nats)
	c.n += b.Len()
	var shape []float64
	if c.o.Bound == IW && c.s.Samples >= leastDraws {
		shape = make([]float64, b.Len())
		c.shapes = append(c.shapes, shape)
	}
	return eachChunk(ctx, p, c.o, func(lo, hi int) error {
		var k []float64
		if shape != nil {
			k = shape[lo:hi]
		}
		if err := c.logProb(nats[lo:hi], k, b.Slice(lo, hi)); err != nil {
			return err
		}
		if err := c.s.negate(nats[lo:hi], lo, p); err != nil {
			return err
		}
		return c.o.each(nats[lo:hi])
	})
}

// scores are those of all batches together.
func (c *collector) scores() (Scores, error) {
	switch {
	case c.n == 0:
		return Scores{}, fmt.Errorf("scoring: %w", errNoEvents)
	case c.weighted && c.weight == 0:
		return Scores{}, fmt.Errorf("scoring: %w", errNoWeight)
	}
	s := c.s
	s.Nats, s.Shape, s.Weight, s.Group = join(c.nats), join(c.shapes), join(c.weights), join(c.groups)
	s.Dims, s.Checksum = float64(c.size)/float64(c.n), c.sum.Sum()
	return s, nil
}

// join is all parts in one; it lets go of each as soon as that is copied.
func join[T any](parts [][]T) []T {
	if len(parts) == 0 {
		return nil
	}
	if len(parts) == 1 {
		return parts[0]
	}
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	out := make([]T, 0, n)
	for i, p := range parts {
		out = append(out, p...)
		parts[i] = nil
	}
	return out
}
