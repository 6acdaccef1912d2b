package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/surprisal-go/surprisal/tensor"
)

// Write writes the store in its order, and meta if it is not empty. It fails
// for names that the format cannot hold and for tensors whose data do not fill
// their shape.
func Write(w io.Writer, store *tensor.Store, meta map[string]string) error {
	header, err := encodeHeader(store, meta)
	if err != nil {
		return err
	}
	for len(header)%8 != 0 {
		header = append(header, ' ')
	}
	if _, err := w.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(header)))); err != nil {
		return err
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	for _, t := range store.All() {
		if err := writeValues(w, t.Data); err != nil {
			return err
		}
	}
	return nil
}

// encodeHeader writes the entries in the order of their values. Reading goes by
// the places, but the order of the text tells empty tensors apart.
func encodeHeader(store *tensor.Store, meta map[string]string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	if len(meta) > 0 {
		for _, name := range slices.Sorted(maps.Keys(meta)) {
			if !utf8.ValidString(name) || !utf8.ValidString(meta[name]) {
				return nil, fmt.Errorf("metadata %q is not UTF-8", name)
			}
		}
		fmt.Fprintf(&b, "%s:%s", quote(metadata), marshal(meta)) // Marshal sorts the names
	}
	at := uint64(0)
	for name, t := range store.All() {
		if name == metadata || !utf8.ValidString(name) {
			return nil, fmt.Errorf("tensor %q has a name that the format cannot hold", name)
		}
		if len(t.Shape) > maxDims {
			return nil, fmt.Errorf("tensor %q has %d axes, want at most %d", name, len(t.Shape), maxDims)
		}
		dtype, n := describe(t.Data)
		if dtype == "" || n != t.Size() {
			return nil, fmt.Errorf("tensor %q of shape %v holds %d values as %T", name, t.Shape, n, t.Data)
		}
		shape := t.Shape
		if shape == nil {
			shape = []int{}
		}
		end := at + uint64(n)*elemSize[dtype]
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `%s:{"dtype":%q,"shape":%s,"data_offsets":[%d,%d]}`, quote(name), dtype, marshal(shape), at, end)
		at = end
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func quote(s string) []byte { return marshal(s) }

// marshal encodes what cannot fail: strings, ints, and maps and slices of them.
func marshal(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("safetensors: " + err.Error())
	}
	return b
}

// describe returns the dtype and number of a tensor's values, "" and −1 if the
// format does not hold them.
func describe(data any) (dtype string, n int) {
	switch d := data.(type) {
	case []float32:
		return "F32", len(d)
	case []float64:
		return "F64", len(d)
	case []int32:
		return "I32", len(d)
	case []uint32:
		return "U32", len(d)
	case []uint8:
		return "U8", len(d)
	case []uint64:
		return "U64", len(d)
	}
	return "", -1
}

func writeValues(w io.Writer, data any) error {
	le := binary.LittleEndian
	switch d := data.(type) {
	case []float32:
		return writeAs(w, d, func(b []byte, v float32) []byte { return le.AppendUint32(b, math.Float32bits(v)) })
	case []float64:
		return writeAs(w, d, func(b []byte, v float64) []byte { return le.AppendUint64(b, math.Float64bits(v)) })
	case []int32:
		return writeAs(w, d, func(b []byte, v int32) []byte { return le.AppendUint32(b, uint32(v)) })
	case []uint32:
		return writeAs(w, d, le.AppendUint32)
	case []uint64:
		return writeAs(w, d, le.AppendUint64)
	case []uint8:
		_, err := w.Write(d)
		return err
	}
	panic(fmt.Sprintf("safetensors: values of %T", data)) // describe has refused it
}

// block is the number of values that are encoded or decoded at a time.
const block = 8192

func writeAs[T tensor.Elem](w io.Writer, data []T, put func([]byte, T) []byte) error {
	buf := make([]byte, 0, 8*min(block, len(data)))
	for part := range slices.Chunk(data, block) {
		buf = buf[:0]
		for _, v := range part {
			buf = put(buf, v)
		}
		if _, err := w.Write(buf); err != nil {
			return err
		}
	}
	return nil
}
