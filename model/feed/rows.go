package feed

import (
	"encoding/binary"
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
	// feeds the raw values, Width = Dims.
	Fill func(dst []float64, b *surprisal.Batch) error

	wide   []float64
	narrow Buffer[float32]
}

// Feed sets the input from the events of b. The tensor is valid until the next
// call.
func (r *Rows) Feed(feeds graph.Feeds, b *surprisal.Batch) error {
	n := b.Len()
	dst := r.narrow.Rows(n, r.Width)
	if r.Fill == nil {
		raw(dst, b)
	} else {
		r.wide = resize(r.wide, n*r.Width)
		if err := r.Fill(r.wide, b); err != nil {
			return err
		}
		round(dst, r.wide, len(dst), len(dst))
	}
	feeds[r.Input] = r.narrow.Tensor()
	return nil
}

// raw writes the events of b into dst (N × Dims), rounded to float32. It reads
// the columns as they are stored: a detour over float64 gives the same bits.
func raw(dst []float32, b *surprisal.Batch) {
	d := b.Space.Dims()
	at := 0
	for f, c := range b.Columns {
		size := b.Space.Fields[f].Size()
		switch v := c.(type) {
		case surprisal.Values[uint8]:
			for r := range b.Len() {
				Bytes(dst[r*d+at:], v[r*size:(r+1)*size])
			}
		case surprisal.Values[int32]:
			round(dst[at:], v, size, d)
		case surprisal.Values[float64]:
			round(dst[at:], v, size, d)
		}
		at += size
	}
}

// round writes rows of size scalars into rows of dst that begin stride apart.
func round[T int32 | float64](dst []float32, src []T, size, stride int) {
	for ; len(src) > 0; src = src[size:] {
		row := dst[:size]
		for i, v := range src[:size] {
			row[i] = float32(v)
		}
		dst = dst[min(stride, len(dst)):]
	}
}

// Bytes writes bytes as floats into dst, which must have the room, and returns
// the bitwise or of all: 0 or 1 if they are bits.
func Bytes(dst []float32, src []uint8) (union uint8) {
	dst = dst[:len(src)]
	words := uint64(0)
	for len(src) >= 8 && len(dst) >= 8 { // one load and one check for eight
		w, to := binary.LittleEndian.Uint64(src), dst[:8]
		words |= w
		to[0], to[1], to[2], to[3] = float32(uint8(w)), float32(uint8(w>>8)), float32(uint8(w>>16)), float32(uint8(w>>24))
		to[4], to[5], to[6], to[7] = float32(uint8(w>>32)), float32(uint8(w>>40)), float32(uint8(w>>48)), float32(uint8(w>>56))
		src, dst = src[8:], dst[8:]
	}
	for i, v := range src {
		dst[i] = float32(v)
		union |= v
	}
	words |= words >> 32
	words |= words >> 16
	return union | uint8(words|words>>8)
}

// Buffer is the memory of an input of shape (B, width), used again from batch
// to batch. The zero value is empty.
type Buffer[T tensor.Elem] struct {
	data   []T
	tensor tensor.Tensor
}

// Rows returns n × width elements, with whatever they hold. What an earlier
// call returned is no longer the caller's.
func (b *Buffer[T]) Rows(n, width int) []T {
	if s := b.tensor.Shape; len(s) != 2 || s[0] != n || s[1] != width {
		b.data = resize(b.data, n*width)
		b.tensor = tensor.Of(b.data, n, width)
	}
	return b.data
}

// All returns what Rows returned last.
func (b *Buffer[T]) All() []T { return b.data }

// Tensor holds the same.
func (b *Buffer[T]) Tensor() tensor.Tensor { return b.tensor }

func resize[T any](v []T, n int) []T { return slices.Grow(v[:0], n)[:n] }

// IDs feeds the ids of the events of b as the input of the given name, of type
// u32 and shape (B, 2): see [graph.Uniform]. It writes into the tensor that the
// last call put there if that has the room.
func IDs(feeds graph.Feeds, name string, b *surprisal.Batch) {
	words := again[uint32](feeds, name, b.Len(), 2)
	for i := range b.Len() {
		id := b.ID(i)
		words[2*i], words[2*i+1] = uint32(id), uint32(id>>32)
	}
}

// Key feeds a key as the input of the given name, of type u32 and shape (2), in
// the manner of [IDs].
func Key(feeds graph.Feeds, name string, key surprisal.Key) {
	words := key.Words()
	copy(again[uint32](feeds, name, 2), words[:])
}

// Scalar feeds a number as the f32 input of the given name, in the manner of
// [IDs].
func Scalar(feeds graph.Feeds, name string, v float64) {
	again[float32](feeds, name)[0] = float32(v)
}

// again returns the elements of the input of the given name and shape, as it
// was fed last or anew.
func again[T tensor.Elem](feeds graph.Feeds, name string, shape ...int) []T {
	if t, ok := feeds[name]; ok && slices.Equal(t.Shape, shape) {
		if data, ok := t.Data.([]T); ok {
			return data
		}
	}
	data := make([]T, tensor.Size(shape))
	feeds[name] = tensor.Of(data, slices.Clone(shape)...)
	return data
}
