package safetensors

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
	"slices"
	"unicode/utf8"
)

// metadata is the reserved name in a header.
const metadata = "__metadata__"

// maxDims is the most axes of a tensor, so that a hostile header cannot make
// its numbers take many times its size in memory.
const maxDims = 64

// entry is a tensor of the header.
type entry struct {
	name       string
	dtype      string
	shape      []int
	begin, end uint64 // place among the values, in bytes
}

// parseHeader returns the entries in the order of their values, checked to
// cover dataLen bytes exactly.
func parseHeader(header []byte, dataLen uint64) ([]entry, map[string]string, error) {
	if len(header) == 0 || header[0] != '{' {
		return nil, nil, errors.New("header does not begin with { as a safetensors file does")
	}
	if !utf8.Valid(header) {
		return nil, nil, errors.New("header is not UTF-8")
	}
	var entries []entry
	meta := map[string]string{}
	dec := json.NewDecoder(bytes.NewReader(header))
	err := eachMember(dec, func(name string) error {
		if name == metadata {
			return parseMetadata(dec, meta)
		}
		e, err := parseEntry(dec)
		if err != nil {
			return fmt.Errorf("tensor %q: %w", name, err)
		}
		e.name = name
		entries = append(entries, e)
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("header: %w", err)
	}
	if rest := bytes.Trim(header[dec.InputOffset():], " "); len(rest) > 0 {
		return nil, nil, fmt.Errorf("header: %d bytes after its end that are not spaces", len(rest))
	}
	return entries, meta, layout(entries, dataLen)
}

// eachMember reads an object and calls value at the value of every member,
// which value must consume. Unlike Unmarshal it refuses repeated names.
func eachMember(dec *json.Decoder, value func(name string) error) error {
	if tok, err := dec.Token(); err != nil {
		return jsonError(err)
	} else if tok != json.Delim('{') {
		return fmt.Errorf("want an object, got %v", tok)
	}
	seen := map[string]bool{}
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return jsonError(err)
		}
		name := tok.(string) // what the decoder yields before a value
		if seen[name] {
			return fmt.Errorf("the name %q occurs twice", name)
		}
		seen[name] = true
		if err := value(name); err != nil {
			return err
		}
	}
	_, err := dec.Token() // the closing brace
	return jsonError(err)
}

func jsonError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it ends in the middle")
	}
	return err
}

func parseMetadata(dec *json.Decoder, meta map[string]string) error {
	return eachMember(dec, func(name string) error {
		var v *string
		if err := dec.Decode(&v); err != nil || v == nil {
			return fmt.Errorf("%s %q: want a string", metadata, name)
		}
		meta[name] = *v
		return nil
	})
}

func parseEntry(dec *json.Decoder) (e entry, err error) {
	var shape, offsets []uint64
	err = eachMember(dec, func(name string) error {
		switch name {
		case "dtype":
			if err := dec.Decode(&e.dtype); err != nil {
				return fmt.Errorf("dtype: %w", jsonError(err))
			}
		case "shape":
			shape, err = parseUints(dec)
		case "data_offsets":
			offsets, err = parseUints(dec)
		default:
			return fmt.Errorf("unknown member %q", name)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	})
	if err != nil {
		return e, err
	}
	size, ok := elemSize[e.dtype]
	switch {
	case !ok:
		return e, fmt.Errorf("dtype %q: want one of F32, F64, I32, U32, U8, U64; convert the file first", e.dtype)
	case shape == nil:
		return e, errors.New("it has no shape")
	case len(offsets) != 2 || offsets[0] > offsets[1]:
		return e, fmt.Errorf("data_offsets %d: want a begin and an end", offsets)
	}
	for _, d := range shape {
		hi, lo := bits.Mul64(size, d)
		if hi != 0 || d > math.MaxInt || lo > math.MaxInt {
			return e, fmt.Errorf("shape %d is larger than any memory", shape)
		}
		size = lo
		e.shape = append(e.shape, int(d))
	}
	e.begin, e.end = offsets[0], offsets[1]
	if e.end-e.begin != size {
		return e, fmt.Errorf("%s of shape %d takes %d bytes, but its place %d holds %d", e.dtype, shape, size, offsets, e.end-e.begin)
	}
	return e, nil
}

// parseUints reads an array of non-negative whole numbers; it returns an empty
// slice, not nil, for an empty array.
func parseUints(dec *json.Decoder) ([]uint64, error) {
	if tok, err := dec.Token(); err != nil {
		return nil, jsonError(err)
	} else if tok != json.Delim('[') {
		return nil, fmt.Errorf("want an array of whole numbers, got %v", tok)
	}
	out := []uint64{}
	for dec.More() {
		if len(out) == maxDims {
			return nil, fmt.Errorf("more than %d numbers", maxDims)
		}
		var v *uint64
		if err := dec.Decode(&v); err != nil {
			return nil, fmt.Errorf("want whole numbers: %w", jsonError(err))
		}
		if v == nil {
			return nil, errors.New("want whole numbers, got null")
		}
		out = append(out, *v)
	}
	_, err := dec.Token() // the closing bracket
	return out, jsonError(err)
}

// layout sorts the entries by place and checks that they cover the values
// without gap or overlap. Empty tensors stand before one that begins at the
// same place; among themselves they keep the order of the header.
func layout(entries []entry, dataLen uint64) error {
	slices.SortStableFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end))
	})
	at := uint64(0)
	for _, e := range entries {
		if e.begin != at {
			return fmt.Errorf("tensor %q begins at byte %d of the values, want %d: tensors may leave no gap and not overlap", e.name, e.begin, at)
		}
		at = e.end
	}
	if at != dataLen {
		return fmt.Errorf("tensors take %d bytes, but the file holds %d: it is cut off or not whole", at, dataLen)
	}
	return nil
}
