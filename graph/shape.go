package graph

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Batch is the size of the symbolic axis: the number of events, known when a
// plan runs. Only axis 0 may have it.
const Batch = -1

// ShapeString formats a shape, as in "(B, 28, 28)".
func ShapeString(shape []int) string {
	parts := make([]string, len(shape))
	for i, d := range shape {
		if d == Batch {
			parts[i] = "B"
		} else {
			parts[i] = strconv.Itoa(d)
		}
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

func checkShape(fn string, shape []int) []int {
	for i, d := range shape {
		if d < 0 && (d != Batch || i != 0) {
			panic(fmt.Sprintf("graph: %s: shape %s: only axis 0 may be Batch, and no axis negative", fn, ShapeString(shape)))
		}
	}
	return slices.Clone(shape)
}

// maxSize bounds the elements of a shape without its batch axis, so that no
// count of elements or bytes wraps.
const maxSize = 1 << 40

func checkSize(op Op, shape []int) {
	size := 1.0 // which does not wrap either
	for _, d := range shape {
		if d != Batch {
			size *= float64(d)
		}
	}
	if size > maxSize {
		panic(fmt.Sprintf("graph: %s: shape %s has more than 2^40 elements", op, ShapeString(shape)))
	}
}

// RowSize is the number of elements of a shape without its batch axis.
func RowSize(shape []int) int {
	n := 1
	for _, d := range shape {
		if d != Batch {
			n *= d
		}
	}
	return n
}

// Batched reports whether axis 0 is symbolic.
func Batched(shape []int) bool { return len(shape) > 0 && shape[0] == Batch }

// Concrete returns the shape for a given number of events.
func Concrete(shape []int, batch int) []int {
	out := slices.Clone(shape)
	if Batched(out) {
		out[0] = batch
	}
	return out
}

// axis resolves a negative axis and checks its range.
func (n *Node) axis(fn string, axis int) int {
	a := axis
	if a < 0 {
		a += len(n.shape)
	}
	if a < 0 || a >= len(n.shape) {
		panic(fmt.Sprintf("graph: %s: axis %d of shape %s", fn, axis, ShapeString(n.shape)))
	}
	return a
}

// fixedAxis is axis for operations that cannot cross events.
func (n *Node) fixedAxis(fn string, axis int) int {
	a := n.axis(fn, axis)
	if n.shape[a] == Batch {
		panic(fmt.Sprintf("graph: %s: axis %d of shape %s is the batch", fn, axis, ShapeString(n.shape)))
	}
	return a
}

// broadcastShape is the shape that two operands have in common.
func broadcastShape(fn string, x, y []int) []int {
	if len(x) < len(y) {
		x, y = y, x
	}
	out := slices.Clone(x)
	off := len(x) - len(y)
	for i, d := range y {
		switch e := x[off+i]; {
		case d == e:
		case e == 1:
			out[off+i] = d
		case d == 1:
		default:
			panic(fmt.Sprintf("graph: %s: shapes %s and %s do not broadcast", fn, ShapeString(x), ShapeString(y)))
		}
	}
	return checkShape(fn, out)
}

// BroadcastTo repeats the node to a shape: axes are aligned at the end, and an
// axis of 1 or an absent one is repeated.
func (n *Node) BroadcastTo(shape ...int) *Node {
	if slices.Equal(n.shape, shape) {
		return n
	}
	if got := broadcastShape("BroadcastTo", n.shape, shape); !slices.Equal(got, shape) {
		panic(fmt.Sprintf("graph: BroadcastTo: shape %s does not broadcast to %s", ShapeString(n.shape), ShapeString(shape)))
	}
	return n.graph.add(OpBroadcast, n.dtype, checkShape("BroadcastTo", shape), Attr{}, n)
}

// SumTo is the adjoint of BroadcastTo: it sums the axes that a broadcast from
// shape to the node's shape repeats.
func (n *Node) SumTo(shape ...int) *Node {
	if slices.Equal(n.shape, shape) {
		return n
	}
	off := len(n.shape) - len(shape)
	var axes []int
	for i, d := range n.shape {
		if i < off || shape[i-off] == 1 && d != 1 {
			axes = append(axes, i)
		}
	}
	return n.Sum(axes...).Reshape(shape...)
}

// Reshape gives the elements another shape in the same row-major order. A
// batch axis stays where it is.
func (n *Node) Reshape(shape ...int) *Node {
	if slices.Equal(n.shape, shape) {
		return n
	}
	if Batched(n.shape) != Batched(shape) || RowSize(n.shape) != RowSize(shape) {
		panic(fmt.Sprintf("graph: Reshape: shape %s does not become %s", ShapeString(n.shape), ShapeString(shape)))
	}
	return n.graph.add(OpReshape, n.dtype, checkShape("Reshape", shape), Attr{}, n)
}

// Transpose permutes the axes: axis i of the result is axis perm[i] of n. A
// batch axis stays first.
func (n *Node) Transpose(perm ...int) *Node {
	sorted := slices.Sorted(slices.Values(perm))
	for i := range sorted {
		if sorted[i] != i || len(sorted) != len(n.shape) {
			panic(fmt.Sprintf("graph: Transpose: %v is no permutation of the axes of %s", perm, ShapeString(n.shape)))
		}
	}
	if Batched(n.shape) && perm[0] != 0 {
		panic(fmt.Sprintf("graph: Transpose: %v moves the batch axis of %s", perm, ShapeString(n.shape)))
	}
	shape := make([]int, len(perm))
	for i, p := range perm {
		shape[i] = n.shape[p]
	}
	return n.graph.add(OpTranspose, n.dtype, shape, Attr{Axes: slices.Clone(perm)}, n)
}

// Slice keeps indices lo … hi−1 of an axis other than the batch.
func (n *Node) Slice(axis, lo, hi int) *Node {
	a := n.fixedAxis("Slice", axis)
	if lo < 0 || hi > n.shape[a] || lo > hi {
		panic(fmt.Sprintf("graph: Slice: %d:%d of axis %d of shape %s", lo, hi, axis, ShapeString(n.shape)))
	}
	if lo == 0 && hi == n.shape[a] {
		return n
	}
	shape := slices.Clone(n.shape)
	shape[a] = hi - lo
	return n.graph.add(OpSlice, n.dtype, shape, Attr{Axis: a, Lo: lo, Hi: hi}, n)
}

// Pad adds zeros before and after along an axis other than the batch; it is
// the adjoint of Slice.
func (n *Node) Pad(axis, before, after int) *Node {
	a := n.fixedAxis("Pad", axis)
	n.want("Pad", F32)
	if before < 0 || after < 0 {
		panic(fmt.Sprintf("graph: Pad: %d before and %d after", before, after))
	}
	if before == 0 && after == 0 {
		return n
	}
	shape := slices.Clone(n.shape)
	shape[a] += before + after
	return n.graph.add(OpPad, n.dtype, shape, Attr{Axis: a, Lo: before, Hi: after}, n)
}

// Concat joins nodes along an axis other than the batch.
func Concat(axis int, nodes ...*Node) *Node {
	if len(nodes) == 1 {
		return nodes[0]
	}
	first := nodes[0]
	a := first.fixedAxis("Concat", axis)
	shape := slices.Clone(first.shape)
	shape[a] = 0
	for _, n := range nodes {
		if n.dtype != first.dtype || len(n.shape) != len(shape) {
			panic(fmt.Sprintf("graph: Concat: %s%s and %s%s", first.dtype, ShapeString(first.shape), n.dtype, ShapeString(n.shape)))
		}
		for i := range shape {
			if i != a && n.shape[i] != shape[i] {
				panic(fmt.Sprintf("graph: Concat along axis %d: shapes %s and %s", axis, ShapeString(first.shape), ShapeString(n.shape)))
			}
		}
		shape[a] += n.shape[a]
	}
	return first.graph.add(OpConcat, first.dtype, shape, Attr{Axis: a}, nodes...)
}

// Take picks the given indices along an axis other than the batch; indices may
// repeat.
func (n *Node) Take(axis int, index []int) *Node {
	a := n.fixedAxis("Take", axis)
	for _, i := range index {
		if i < 0 || i >= n.shape[a] {
			panic(fmt.Sprintf("graph: Take: index %d of axis %d of shape %s", i, axis, ShapeString(n.shape)))
		}
	}
	shape := slices.Clone(n.shape)
	shape[a] = len(index)
	return n.graph.add(OpTake, n.dtype, shape, Attr{Axis: a, Index: slices.Clone(index)}, n)
}

// PutAdd is the adjoint of Take: slice i of n along the axis is added to slice
// index[i] of zeros of length size, in ascending i.
func (n *Node) PutAdd(axis int, index []int, size int) *Node {
	a := n.fixedAxis("PutAdd", axis)
	n.want("PutAdd", F32)
	for _, i := range index {
		if i < 0 || i >= size || len(index) != n.shape[a] {
			panic(fmt.Sprintf("graph: PutAdd: index %v into %d along axis %d of shape %s", index, size, axis, ShapeString(n.shape)))
		}
	}
	shape := slices.Clone(n.shape)
	shape[a] = size
	return n.graph.add(OpPutAdd, n.dtype, shape, Attr{Axis: a, Index: slices.Clone(index), Size: size}, n)
}
