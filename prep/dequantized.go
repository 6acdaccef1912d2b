package prep

import (
	"fmt"

	"github.com/surprisal-go/surprisal"
)

// Dequantized is a model of events with discrete columns made from a model of
// real vectors. A draw of its weight for event v is
//
//	w = w′(v + step·u) · Π step
//
// with fresh noise u and a fresh draw w′ of the inner model, so that E w is the
// mass that the inner density gives to the cell of v (times its density in the
// real columns). What the inner model leaks beyond the ends of a grid is lost:
// the masses then sum to less than one, and the bound is the worse for it.
type Dequantized struct {
	space   *surprisal.Space
	inner   surprisal.Bounded
	sampler surprisal.Sampler
}

// NewDequantized wraps inner, a model over ContinuousTwin(space) that samples
// and is a surprisal.Density or a surprisal.Bounded.
func NewDequantized(space *surprisal.Space, inner surprisal.Sampler) (*Dequantized, error) {
	d := &Dequantized{space: space, sampler: inner}
	switch m := inner.(type) {
	case surprisal.Density:
		d.inner = exact{m}
	case surprisal.Bounded:
		d.inner = m
	default:
		return nil, fmt.Errorf("dequantising a %T: it has neither a density nor a bound", inner)
	}
	if space.Ragged {
		return nil, fmt.Errorf("dequantising a ragged space: events must all have the same dims")
	}
	return d, nil
}

// Space is the space of the discrete events.
func (d *Dequantized) Space() *surprisal.Space { return d.space }

// LogWeights implements [surprisal.Bounded]. Draw j of an event depends on key,
// j and its id alone.
func (d *Dequantized) LogWeights(dst []float64, x *surprisal.Batch, k int, key surprisal.Key) error {
	n := x.Len()
	if len(dst) != n*k {
		panic(fmt.Sprintf("prep: LogWeights of %d events × %d draws into %d", n, k, len(dst)))
	}
	if !x.Space.Equal(d.space) {
		return fmt.Errorf("dequantising: events are from another space than the model's (%d and %d dims)", x.Space.Dims(), d.space.Dims())
	}
	rows := make([]float64, n*d.space.Dims())
	w := make([]float64, n)
	noise, inner := key.Named("dequantize"), key.Named("inner")
	for j := range k {
		cell := Dequantize(rows, x, noise, j)
		if err := d.inner.LogWeights(w, twin(x, rows), 1, inner.Fold(uint64(j))); err != nil {
			return err
		}
		for i, v := range w {
			dst[i*k+j] = v + cell
		}
	}
	return nil
}

// Sample implements [surprisal.Sampler]: the inner model's samples, each scalar
// floored to its grid and clipped to the ends.
func (d *Dequantized) Sample(n int, key surprisal.Key, context *surprisal.Batch) (*surprisal.Batch, error) {
	b, err := d.sampler.Sample(n, key, context)
	if err != nil {
		return nil, err
	}
	rows := make([]float64, n*d.space.Dims())
	b.Float64s(rows, 0)
	Quantize(rows, d.space)
	out := Pack(d.space, rows)
	out.Context = context
	return out, nil
}

// twin returns the events x with their values replaced by rows over the
// continuous twin: ids, context and the rest stay.
func twin(x *surprisal.Batch, rows []float64) *surprisal.Batch {
	out := *x
	p := Pack(ContinuousTwin(x.Space), rows)
	out.Space, out.Columns = p.Space, p.Columns
	return &out
}

// exact is a density seen as a bound whose draws are all equal to log p.
type exact struct{ surprisal.Density }

// LogWeights implements [surprisal.Bounded].
func (e exact) LogWeights(dst []float64, x *surprisal.Batch, k int, _ surprisal.Key) error {
	lp := make([]float64, x.Len())
	if err := e.LogProb(lp, x); err != nil {
		return err
	}
	for i := range dst {
		dst[i] = lp[i/k]
	}
	return nil
}
