package safetensors

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/surprisal-go/surprisal/tensor"
)

// maxHeader is the longest header that is read, in bytes; the reference
// implementation has the same limit.
const maxHeader = 100_000_000

// Read reads a store and its metadata from the first size bytes of r. A shape
// [] comes back as nil.
func Read(r io.ReaderAt, size int64) (*tensor.Store, map[string]string, error) {
	var prefix [8]byte
	if size < int64(len(prefix)) {
		return nil, nil, fmt.Errorf("%d bytes are too few for a safetensors file", size)
	}
	if err := readAt(r, prefix[:], 0); err != nil {
		return nil, nil, err
	}
	n, rest := binary.LittleEndian.Uint64(prefix[:]), uint64(size)-8
	switch {
	case n > maxHeader:
		return nil, nil, fmt.Errorf("header of %d bytes, want at most %d: not a safetensors file", n, maxHeader)
	case n > rest:
		return nil, nil, fmt.Errorf("header of %d bytes in a file of %d: it is cut off or not a safetensors file", n, size)
	}
	header := make([]byte, n)
	if err := readAt(r, header, 8); err != nil {
		return nil, nil, err
	}
	entries, meta, err := parseHeader(header, rest-n)
	if err != nil {
		return nil, nil, err
	}
	store := &tensor.Store{}
	for _, e := range entries {
		data, err := readValues(io.NewSectionReader(r, int64(8+n+e.begin), int64(e.end-e.begin)), e)
		if err != nil {
			return nil, nil, fmt.Errorf("tensor %q: %w", e.name, err)
		}
		store.Set(e.name, tensor.Tensor{Shape: e.shape, Data: data})
	}
	return store, meta, nil
}

// readAt fills b. A reader may report the end together with the last bytes.
func readAt(r io.ReaderAt, b []byte, off int64) error {
	if n, err := r.ReadAt(b, off); n < len(b) {
		if errors.Is(err, io.EOF) {
			return io.ErrUnexpectedEOF
		}
		return err
	}
	return nil
}

func readValues(r io.Reader, e entry) (any, error) {
	le := binary.LittleEndian
	n := int((e.end - e.begin) / elemSize[e.dtype])
	switch e.dtype {
	case "F32":
		return readAs(r, n, 4, func(b []byte) float32 { return math.Float32frombits(le.Uint32(b)) })
	case "F64":
		return readAs(r, n, 8, func(b []byte) float64 { return math.Float64frombits(le.Uint64(b)) })
	case "I32":
		return readAs(r, n, 4, func(b []byte) int32 { return int32(le.Uint32(b)) })
	case "U32":
		return readAs(r, n, 4, le.Uint32)
	case "U64":
		return readAs(r, n, 8, le.Uint64)
	case "U8":
		data := make([]uint8, n)
		_, err := io.ReadFull(r, data)
		return data, err
	}
	panic("safetensors: values of " + e.dtype) // parseEntry has refused it
}

func readAs[T tensor.Elem](r io.Reader, n, size int, get func([]byte) T) ([]T, error) {
	data := make([]T, n)
	buf := make([]byte, size*min(block, n))
	for at := 0; at < n; {
		part := buf[:size*min(block, n-at)]
		if _, err := io.ReadFull(r, part); err != nil {
			return nil, err
		}
		for ; len(part) > 0; part = part[size:] {
			data[at] = get(part)
			at++
		}
	}
	return data, nil
}
