// Package safetensors reads and writes a [tensor.Store] in the safetensors
// format, which other tools read too
// (https://huggingface.co/docs/safetensors).
//
// A file is the length of a header as 8 little-endian bytes, the header, and
// the values of all tensors back to back, little-endian and row-major. The
// header is a JSON object that gives every tensor's dtype, shape and place; an
// entry named __metadata__ holds strings by name. Spaces pad the header so that
// the values begin at a multiple of 8.
//
// # Guarantees
//
// Equal stores give equal bytes, and a store that is written and read keeps its
// values to the bit, its names and their order. The dtypes are F32, F64, I32,
// U32, U8 and U64, those that a tensor holds; a file with another is refused.
//
// Reading trusts nothing: sizes are checked against the file before memory is
// taken, places must cover the values exactly without gap or overlap, and names
// may not repeat. A file that fails gives an error that says where, never a
// panic. The format has no checksum of its own: a flipped bit among the values
// is not seen here.
package safetensors

import (
	"fmt"
	"io"
	"os"

	"github.com/surprisal-go/surprisal/internal/atomicfile"
	"github.com/surprisal-go/surprisal/tensor"
)

// elemSize is the bytes that an element takes, by dtype.
var elemSize = map[string]uint64{"F32": 4, "F64": 8, "I32": 4, "U32": 4, "U8": 1, "U64": 8}

// WriteFile writes the store to a file, whole or not at all.
func WriteFile(path string, store *tensor.Store, meta map[string]string) error {
	return atomicfile.Write(path, func(w io.Writer) error { return Write(w, store, meta) })
}

// ReadFile reads the store and the metadata of a file.
func ReadFile(path string) (*tensor.Store, map[string]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = f.Close() }() // only read from
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	store, meta, err := Read(f, info.Size())
	if err != nil {
		return nil, nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return store, meta, nil
}
