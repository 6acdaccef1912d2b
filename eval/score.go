package eval

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"strings"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/fmath"
)

// Bound says how the draws of a surprisal.Bounded model become a lower bound
// of log p. Both hold in expectation.
type Bound string

const (
	// IW is the importance-weighted bound log (1/K) Σₖ wₖ (Burda, Grosse and
	// Salakhutdinov 2016); it grows tighter with K.
	IW Bound = "iw"
	// ELBO is the evidence lower bound, estimated by (1/K) Σₖ log wₖ; more
	// draws make it less noisy, not tighter.
	ELBO Bound = "elbo"
)

// MostSamples is the most draws an event: those of one event are held at once.
const MostSamples = 1 << 20

// Options of [Score]. The zero value is ready.
type Options struct {
	// Samples is the number of draws K for each event of a Bounded model, at most
	// [MostSamples]; zero means 64.
	Samples int
	// Bound that the draws become; empty means IW.
	Bound Bound
	// Key of the draws. The draws of an event depend on its id, not its place.
	Key surprisal.Key
	// Chunk is the number of events given to the model at a time; zero means
	// 512. It changes speed and memory, no result.
	Chunk int
	// Progress, if set, is called with the number of events done so far, and of
	// all of them where that is known, else 0.
	Progress func(done, total int)
	// Each, if set, is called with the nats of events as they are scored, chunk
	// by chunk in order. It must not keep them; its error ends the scoring.
	Each func(nats []float64) error
}

func (o Options) each(nats []float64) error {
	if o.Each == nil {
		return nil
	}
	return o.Each(nats)
}

func (o Options) withDefaults() (Options, error) {
	if o.Samples == 0 {
		o.Samples = 64
	}
	if o.Bound == "" {
		o.Bound = IW
	}
	if o.Chunk == 0 {
		o.Chunk = 512
	}
	switch {
	case o.Samples < 0:
		return o, fmt.Errorf("%d samples, want at least 1", o.Samples)
	case o.Samples > MostSamples:
		return o, fmt.Errorf("%d samples, want at most %d", o.Samples, MostSamples)
	case o.Chunk < 0:
		return o, fmt.Errorf("chunks of %d events, want at least 1", o.Chunk)
	case o.Bound != IW && o.Bound != ELBO:
		return o, fmt.Errorf("unknown bound %q, want %s or %s", o.Bound, IW, ELBO)
	}
	return o, nil
}

// Scores are the surprisals of a number of events under a model, event by
// event, with what must be known of the events.
type Scores struct {
	// Nats is −log p of every event (N): +Inf where the probability is zero.
	Nats []float64
	// Kind says what is known of log p, Samples is the number of draws behind
	// each value of a bound, else 0.
	Kind    surprisal.Knowledge
	Samples int
	// Shape is k̂ of the importance weights of every event (N), NaN where it
	// cannot be told, see [ParetoShape]; nil where there are none or too few.
	Shape []float64
	// Weight and Group of the events, or nil, and whether they are in order;
	// see surprisal.Batch.
	Weight  []float64
	Group   []int32
	Ordered bool
	// Dims is the mean number of scalars in an event.
	Dims     float64
	Measure  surprisal.Measure
	Scalar   surprisal.Scalar
	Given    string // names of the context's fields
	Checksum string // of the events
	// NoTails is set where the tails of weights are not told of: of annealing,
	// and of fewer draws than the most that were made.
	NoTails bool
	// Warnings that are known beside those that [Scores.Likelihood] finds.
	Warnings []string
}

// draws is the most draws that are asked for at a time.
const draws = 1 << 18

// Score returns the surprisal of every event of b under a model that is a
// surprisal.Density or, failing that, surprisal.Bounded. It fails where the
// model has neither capability, is of another space, returns an error, or gives
// an event NaN, +Inf, or a mass above 1.
func Score(ctx context.Context, model any, b *surprisal.Batch, o Options) (Scores, error) {
	return scoreAll(ctx, model, oneBatch(b), b.Len(), o)
}

// oneBatch are batches of which there is one.
func oneBatch(b *surprisal.Batch) iter.Seq2[*surprisal.Batch, error] {
	return func(yield func(*surprisal.Batch, error) bool) { yield(b, nil) }
}

// ScoreBatches is [Score] of events that come in batches, and gives the same
// bits as for one batch of them all. It keeps the nats, groups and weights of
// every event and no more: a batch may be used again once the next is asked
// for. The number of events is not known before the end, so that Progress is
// told a total of 0.
func ScoreBatches(ctx context.Context, model any, batches iter.Seq2[*surprisal.Batch, error], o Options) (Scores, error) {
	return scoreAll(ctx, model, batches, 0, o)
}

func scoreAll(ctx context.Context, model any, batches iter.Seq2[*surprisal.Batch, error], total int, o Options) (Scores, error) {
	o, err := o.withDefaults()
	if err != nil {
		return Scores{}, fmt.Errorf("scoring: %w", err)
	}
	c := collector{model: model, o: o, total: total}
	return c.all(ctx, batches)
}

// newScores are scores of b that say all but the nats.
func newScores(b *surprisal.Batch) Scores {
	return Scores{
		Nats: make([]float64, b.Len()), Weight: b.Weight, Group: b.Group, Ordered: b.Ordered, Dims: meanDims(b),
		Measure: b.Space.Measure(), Scalar: b.Space.Scalar(), Given: given(b), Checksum: b.Checksum(),
	}
}

// piece is a batch and its place among all events.
type piece struct {
	*surprisal.Batch
	from  int // events before it
	total int // of all pieces, 0 if unknown
}

// whole are all events as one piece.
func whole(b *surprisal.Batch) piece { return piece{b, 0, b.Len()} }

// eachChunk calls f with events lo … hi−1 of the piece, chunk by chunk in order.
func eachChunk(ctx context.Context, p piece, o Options, f func(lo, hi int) error) error {
	for lo := 0; lo < p.Len(); lo += o.Chunk {
		if err := ctx.Err(); err != nil {
			return err
		}
		hi := min(lo+o.Chunk, p.Len())
		if err := f(lo, hi); err != nil {
			return fmt.Errorf("scoring events %d to %d: %w", p.from+lo, p.from+hi-1, err)
		}
		if o.Progress != nil {
			o.Progress(p.from+hi, p.total)
		}
	}
	return nil
}

// negate turns log p into nats in place and refuses what no log p can be. An
// exact mass may exceed 1 by rounding alone; an estimate of one by chance.
func (s Scores) negate(part []float64, lo int, p piece) error {
	most := math.Inf(1)
	if s.Measure == surprisal.Mass && s.Kind == surprisal.Exact {
		most = 1e-3
	}
	for i, v := range part {
		if math.IsNaN(v) || math.IsInf(v, 1) || v > most {
			return fmt.Errorf("event %d (id %d): log p is %g under a %s: this is a fault of the model, not of the event", p.from+lo+i, p.ID(lo+i), v, s.Measure)
		}
		part[i] = 0 - v // not −v: log p = 0 gives +0
	}
	return nil
}

// bounded returns a function that writes the bound of every event and, where
// shape is not nil, the shape of its weights.
func bounded(m surprisal.Bounded, o Options) scorer {
	k := o.Samples
	buf := make([]float64, o.Chunk*k)
	logK := fmath.Log(float64(k))
	return func(dst, shape []float64, x *surprisal.Batch) error {
		logW := buf[:len(dst)*k]
		if err := m.LogWeights(logW, x, k, o.Key); err != nil {
			return err
		}
		for i := range dst {
			row := logW[i*k : (i+1)*k]
			if o.Bound == IW {
				dst[i] = fmath.LogSumExp(row) - logK
				if shape != nil {
					shape[i] = ParetoShape(row)
				}
				continue
			}
			sum := 0.0
			for _, v := range row {
				sum += v
			}
			dst[i] = sum / float64(k)
		}
		return nil
	}
}

func checkEvents(model any, b *surprisal.Batch) error {
	if b.Len() == 0 {
		return errNoEvents
	}
	if err := checkSpace(model, b.Space); err != nil {
		return err
	}
	total, err := addWeights(0, b.Weight)
	if err == nil && b.Weight != nil && total == 0 {
		err = errNoWeight
	}
	return err
}

var (
	errNoEvents = errors.New("there are no events")
	errNoWeight = errors.New("all events have weight 0")
)

func checkSpace(model any, space *surprisal.Space) error {
	if m, ok := model.(interface{ Space() *surprisal.Space }); ok && !m.Space().Equal(space) {
		return errors.New("the events are not of the model's space: read them with the columns and types that it was trained on")
	}
	return nil
}

// addWeights adds weights to a total and refuses what is none.
func addWeights(total float64, weights []float64) (float64, error) {
	for i, w := range weights {
		if !(w >= 0) || math.IsInf(w, 1) {
			return 0, fmt.Errorf("event %d has weight %g: want a finite weight of at least 0", i, w)
		}
		total += w
	}
	return total, nil
}

// meanDims is the mean number of scalars in an event: ragged events have fewer
// than the space's shape says.
func meanDims(b *surprisal.Batch) float64 { return float64(scalars(b)) / float64(b.Len()) }

// scalars is the number of scalars in all events.
func scalars(b *surprisal.Batch) int {
	if !b.Space.Ragged || b.Lengths == nil {
		return b.Len() * b.Space.Dims()
	}
	step := 0 // scalars for each unit of length
	for _, f := range b.Space.Fields {
		if len(f.Shape) > 0 {
			step += f.Size() / f.Shape[0]
		}
	}
	total := 0
	for _, n := range b.Lengths {
		total += int(n) * step
	}
	return total
}

func given(b *surprisal.Batch) string {
	if b.Context == nil {
		return ""
	}
	var names []string
	for _, f := range b.Context.Space.Fields {
		names = append(names, f.Name)
	}
	return strings.Join(names, ",")
}
