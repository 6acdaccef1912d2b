// Package tensor holds arrays with a shape and the named store of them that
// models train, runs save and executors read.
package tensor

import (
	"fmt"

	"github.com/surprisal-go/surprisal/internal/hugepage"
)

// Tensor is a dense row-major array. Data is one of []float32, []float64,
// []int32, []uint32, []uint8 or []uint64, of the length that Shape says; a nil shape is a scalar.
type Tensor struct {
	Shape []int
	Data  any
}

// Elem is a type that a tensor can hold.
type Elem interface {
	float32 | float64 | int32 | uint32 | uint8 | uint64
}

// Size is the number of elements of a shape.
func Size(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// New returns a tensor of zeros.
func New[T Elem](shape ...int) Tensor {
	return Tensor{Shape: shape, Data: hugepage.Make[T](Size(shape))}
}

// Of returns a tensor that holds data, which is not copied.
func Of[T Elem](data []T, shape ...int) Tensor {
	if len(data) != Size(shape) {
		panic(fmt.Sprintf("tensor: %d values for shape %v", len(data), shape))
	}
	return Tensor{Shape: shape, Data: data}
}

// Size is the number of elements.
func (t Tensor) Size() int { return Size(t.Shape) }

// F32 returns the values of a float32 tensor; it panics on other types.
func (t Tensor) F32() []float32 { return data[float32](t) }

// F64 returns the values of a float64 tensor; it panics on other types.
func (t Tensor) F64() []float64 { return data[float64](t) }

func data[T Elem](t Tensor) []T {
	d, ok := t.Data.([]T)
	if !ok {
		panic(fmt.Sprintf("tensor: holds %T, want %T", t.Data, d))
	}
	return d
}

// Float64s returns the values converted to float64; a float64 tensor's are
// not copied.
func (t Tensor) Float64s() []float64 {
	switch d := t.Data.(type) {
	case []float64:
		return d
	case []float32:
		return widen(d)
	case []int32:
		return widen(d)
	case []uint32:
		return widen(d)
	case []uint8:
		return widen(d)
	case []uint64:
		return widen(d)
	}
	panic(fmt.Sprintf("tensor: holds %T", t.Data))
}

func widen[T Elem](d []T) []float64 {
	out := make([]float64, len(d))
	for i, v := range d {
		out[i] = float64(v)
	}
	return out
}

// Clone returns a deep copy.
func (t Tensor) Clone() Tensor {
	out := Tensor{Shape: append([]int(nil), t.Shape...)}
	switch d := t.Data.(type) {
	case []float32:
		out.Data = append([]float32(nil), d...)
	case []float64:
		out.Data = append([]float64(nil), d...)
	case []int32:
		out.Data = append([]int32(nil), d...)
	case []uint32:
		out.Data = append([]uint32(nil), d...)
	case []uint8:
		out.Data = append([]uint8(nil), d...)
	case []uint64:
		out.Data = append([]uint64(nil), d...)
	default:
		panic(fmt.Sprintf("tensor: holds %T", t.Data))
	}
	return out
}

// CopyFrom copies the values of s into t, in place, and reports whether they
// are of the same type and number; if not, nothing is copied.
func (t Tensor) CopyFrom(s Tensor) bool {
	switch d := t.Data.(type) {
	case []float32:
		return copyFrom(d, s)
	case []float64:
		return copyFrom(d, s)
	case []int32:
		return copyFrom(d, s)
	case []uint32:
		return copyFrom(d, s)
	case []uint8:
		return copyFrom(d, s)
	case []uint64:
		return copyFrom(d, s)
	}
	panic(fmt.Sprintf("tensor: holds %T", t.Data))
}

func copyFrom[T Elem](d []T, s Tensor) bool {
	src, ok := s.Data.([]T)
	return ok && len(src) == len(d) && copy(d, src) == len(d)
}
