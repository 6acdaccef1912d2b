package data

import (
	"encoding/binary"
	"fmt"
	"math"
)

// idxTypes are the element types of idx: size in bytes and decoder.
var idxTypes = map[byte]struct {
	name  string
	size  int
	value func([]byte) float64
}{
	0x08: {"uint8", 1, func(b []byte) float64 { return float64(b[0]) }},
	0x09: {"int8", 1, func(b []byte) float64 { return float64(int8(b[0])) }},
	0x0b: {"int16", 2, func(b []byte) float64 { return float64(int16(binary.BigEndian.Uint16(b))) }},
	0x0c: {"int32", 4, func(b []byte) float64 { return float64(int32(binary.BigEndian.Uint32(b))) }},
	0x0d: {"float32", 4, func(b []byte) float64 { return float32Decimal(math.Float32frombits(binary.BigEndian.Uint32(b))) }},
	0x0e: {"float64", 8, func(b []byte) float64 { return math.Float64frombits(binary.BigEndian.Uint64(b)) }},
}

// looksLikeIdx reports whether b begins as an idx file does: two zero bytes,
// an element type and 1 to 8 axes.
func looksLikeIdx(b []byte) bool {
	if len(b) < 4 || b[0] != 0 || b[1] != 0 || b[3] < 1 || b[3] > 8 {
		return false
	}
	_, ok := idxTypes[b[2]]
	return ok
}

// decodeIdx reads the format of the MNIST files: magic 0 0 type axes, the
// axes as big-endian uint32, then the values.
func decodeIdx(b []byte) (*array, error) {
	if !looksLikeIdx(b) {
		return nil, fmt.Errorf("no idx file: it begins with % x, want 00 00, an element type and a number of axes", b[:min(4, len(b))])
	}
	typ, axes := idxTypes[b[2]], int(b[3])
	head := 4 + 4*axes
	if len(b) < head {
		return nil, fmt.Errorf("idx header of %d axes is cut off after %d bytes: the file is truncated, fetch it again", axes, len(b))
	}
	a := &array{shape: make([]int, axes), single: b[2] == 0x0d}
	for i := range axes {
		a.shape[i] = int(binary.BigEndian.Uint32(b[4+4*i:]))
	}
	body := b[head:]
	n, err := product(a.shape, math.MaxInt/16)
	if err != nil {
		return nil, err
	}
	if want := n * typ.size; want != len(body) {
		state := "truncated"
		if want < len(body) {
			state = "corrupt"
		}
		return nil, fmt.Errorf("idx header promises %v %s values (%d bytes) and the file holds %d bytes: it is %s, fetch it again", a.shape, typ.name, want, len(body), state)
	}
	if n == 0 {
		return nil, fmt.Errorf("idx file of shape %v holds no values", a.shape)
	}
	if b[2] == 0x08 {
		a.u8 = body
		return a, nil
	}
	a.f64 = make([]float64, n)
	for i := range a.f64 {
		a.f64[i] = typ.value(body[i*typ.size:])
	}
	return a, finite(a)
}

// finite refuses the first NaN or infinite value.
func finite(a *array) error {
	for i, v := range a.f64 {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			per := len(a.f64) / a.shape[0]
			return fmt.Errorf("row %d, value %d is %g: drop the row or fill it in", i/per, i%per, v)
		}
	}
	return nil
}
