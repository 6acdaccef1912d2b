package data

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// npyTypes are the element types of npy files by their code without byte
// order: size in bytes and decoder.
var npyTypes = map[string]struct {
	size  int
	value func(binary.ByteOrder, []byte) float64
}{
	"b1": {1, func(_ binary.ByteOrder, b []byte) float64 { return float64(b[0]) }},
	"u1": {1, func(_ binary.ByteOrder, b []byte) float64 { return float64(b[0]) }},
	"i1": {1, func(_ binary.ByteOrder, b []byte) float64 { return float64(int8(b[0])) }},
	"u2": {2, func(o binary.ByteOrder, b []byte) float64 { return float64(o.Uint16(b)) }},
	"i2": {2, func(o binary.ByteOrder, b []byte) float64 { return float64(int16(o.Uint16(b))) }},
	"u4": {4, func(o binary.ByteOrder, b []byte) float64 { return float64(o.Uint32(b)) }},
	"i4": {4, func(o binary.ByteOrder, b []byte) float64 { return float64(int32(o.Uint32(b))) }},
	"u8": {8, func(o binary.ByteOrder, b []byte) float64 { return float64(o.Uint64(b)) }},
	"i8": {8, func(o binary.ByteOrder, b []byte) float64 { return float64(int64(o.Uint64(b))) }},
	"f4": {4, func(o binary.ByteOrder, b []byte) float64 { return float32Decimal(math.Float32frombits(o.Uint32(b))) }},
	"f8": {8, func(o binary.ByteOrder, b []byte) float64 { return math.Float64frombits(o.Uint64(b)) }},
}

// npyHeader is what the header of an npy file says.
type npyHeader struct {
	typ     string // as in "<f8"
	fortran bool
	shape   []int
	body    int // where the values begin
}

// The three entries of the header's dictionary, in any order.
var (
	npyDescr   = regexp.MustCompile(`'descr'\s*:\s*'([^']*)'`)
	npyFortran = regexp.MustCompile(`'fortran_order'\s*:\s*(True|False)`)
	npyShape   = regexp.MustCompile(`'shape'\s*:\s*\(([0-9,\sL]*)\)`)
)

// parseNpyHeader reads the header of format versions 1 to 3. It is our own
// because the reader of npyio panics on a header without a line end and
// allocates whatever length a version 2 header names.
func parseNpyHeader(b []byte) (npyHeader, error) {
	var h npyHeader
	if len(b) < 10 || !bytes.HasPrefix(b, []byte("\x93NUMPY")) {
		return h, fmt.Errorf("no npy file, or one cut off in its first 10 bytes")
	}
	at, size := 10, int(binary.LittleEndian.Uint16(b[8:]))
	switch b[6] {
	case 1:
	case 2, 3:
		if len(b) < 12 {
			return h, fmt.Errorf("npy header is cut off: the file is truncated")
		}
		at, size = 12, int(binary.LittleEndian.Uint32(b[8:]))
	default:
		return h, fmt.Errorf("npy format version %d.%d: want 1, 2 or 3", b[6], b[7])
	}
	if size > len(b)-at {
		return h, fmt.Errorf("npy header promises %d bytes and %d are left: the file is truncated", size, len(b)-at)
	}
	h.body = at + size
	dict := b[at:h.body]
	descr, fortran, shape := npyDescr.FindSubmatch(dict), npyFortran.FindSubmatch(dict), npyShape.FindSubmatch(dict)
	if descr == nil || fortran == nil || shape == nil {
		if bytes.Contains(dict, []byte("'descr': [")) {
			return h, fmt.Errorf("npy array has a structured type: save its fields as columns of one plain array")
		}
		return h, fmt.Errorf("npy header lacks descr, fortran_order or shape: the file is corrupt")
	}
	h.typ, h.fortran = string(descr[1]), string(fortran[1]) == "True"
	for _, s := range strings.FieldsFunc(string(shape[1]), func(r rune) bool { return r == ',' || r == ' ' || r == 'L' }) {
		d, err := strconv.Atoi(s)
		if err != nil {
			return h, fmt.Errorf("npy shape (%s): %q is no size", shape[1], s)
		}
		h.shape = append(h.shape, d)
	}
	return h, nil
}

// decodeNpy reads an npy array of finite numbers.
func decodeNpy(b []byte) (*array, error) {
	a, err := decodeNpyAny(b)
	if err != nil {
		return nil, err
	}
	return a, finite(a)
}

// decodeNpyAny reads an npy array of numbers, infinite ones and NaN included.
func decodeNpyAny(b []byte) (*array, error) {
	h, err := parseNpyHeader(b)
	if err != nil {
		return nil, err
	}
	code := strings.TrimLeft(h.typ, "<>|=")
	typ, ok := npyTypes[code]
	switch {
	case strings.HasPrefix(code, "O"):
		return nil, fmt.Errorf("npy array holds pickled Python objects, which are not read: save it as numbers")
	case !ok:
		return nil, fmt.Errorf("npy element type %q is not read: save it as integers or floats", h.typ)
	case len(h.shape) == 0:
		return nil, fmt.Errorf("npy array is a single number: want one row for each event")
	}
	n, err := product(h.shape, math.MaxInt/16)
	if err != nil {
		return nil, err
	}
	body := b[h.body:]
	if n*typ.size != len(body) {
		return nil, fmt.Errorf("npy header promises %v values of type %s (%d bytes) and the file holds %d bytes: it is truncated or corrupt, save it again", h.shape, h.typ, n*typ.size, len(body))
	}
	if n == 0 {
		return nil, fmt.Errorf("npy array of shape %v holds no values", h.shape)
	}
	a := &array{shape: h.shape, single: code == "f4"}
	order := binary.ByteOrder(binary.LittleEndian)
	if strings.HasPrefix(h.typ, ">") {
		order = binary.BigEndian
	}
	place := rowMajor(h)
	if code == "u1" || code == "b1" {
		a.u8 = make([]uint8, n)
		for i := range a.u8 {
			a.u8[place(i)] = body[i]
		}
		return a, nil
	}
	a.f64 = make([]float64, n)
	for i := range a.f64 {
		a.f64[place(i)] = typ.value(order, body[i*typ.size:])
	}
	return a, nil
}

// rowMajor returns the row-major place of the i-th stored value.
func rowMajor(h npyHeader) func(i int) int {
	if !h.fortran || len(h.shape) < 2 {
		return func(i int) int { return i }
	}
	stride := make([]int, len(h.shape))
	s := 1
	for a := len(h.shape) - 1; a >= 0; a-- {
		stride[a] = s
		s *= h.shape[a]
	}
	return func(i int) int {
		p := 0
		for a, d := range h.shape { // the first axis varies fastest
			p += i % d * stride[a]
			i /= d
		}
		return p
	}
}
