package feed

import (
	"slices"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// Rows feeds an input of type f32 and shape (B, Width).
type Rows struct {
	// Input is its name.
	Input string
	// Width is the number of scalars in a row.
	Width int
	// Fill writes the rows of the batch's events into dst (B × Width). Nil
	// writes the raw values, Width = Dims.
	Fill func(dst []float64, b *surprisal.Batch) error

	wide   []float64
	narrow []float32
}

// Feed sets the input from the events of b. The tensor is valid until the next
// call.
func (r *Rows) Feed(feeds graph.Feeds, b *surprisal.Batch) error {
	n := b.Len()
	r.wide = resize(r.wide, n*r.Width)
	r.narrow = resize(r.narrow, n*r.Width)
	if r.Fill == nil {
		b.Float64s(r.wide, 0)
	} else if err := r.Fill(r.wide, b); err != nil {
		return err
	}
	for i, v := range r.wide {
		r.narrow[i] = float32(v)
	}
	feeds[r.Input] = tensor.Of(r.narrow, n, r.Width)
	return nil
}

func resize[T any](v []T, n int) []T { return slices.Grow(v[:0], n)[:n] }

// IDs feeds the ids of the events of b as the input of the given name, of type
// u32 and shape (B, 2): see [graph.Uniform].
func IDs(feeds graph.Feeds, name string, b *surprisal.Batch) {
	words := make([]uint32, 2*b.Len())
	for i := range b.Len() {
		id := b.ID(i)
		words[2*i], words[2*i+1] = uint32(id), uint32(id>>32)
	}
	feeds[name] = tensor.Of(words, b.Len(), 2)
}

// Key feeds a key as the input of the given name, of type u32 and shape (2).
func Key(feeds graph.Feeds, name string, key surprisal.Key) {
	words := key.Words()
	feeds[name] = tensor.Of(words[:], 2)
}
