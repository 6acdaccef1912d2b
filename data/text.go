package data

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/surprisal-go/surprisal"
)

// maxAlphabet is the greatest number of distinct bytes that are coded by an
// alphabet of their own; beyond it events are plain bytes.
const maxAlphabet = 128

// readText cuts files into windows of length symbols. The symbols are the
// bytes found, in byte order, or all 256 if more than maxAlphabet are found.
func (r *raw) readText(files []file, length int) error {
	if length == 0 {
		length = defaultLength
	}
	var seen [256]bool
	for _, f := range files {
		for _, b := range f.bytes {
			seen[b] = true
		}
	}
	field := alphabet(&seen, length)
	for _, f := range files {
		n := len(f.bytes) / length
		if n == 0 {
			return fmt.Errorf("%s holds %d bytes, less than one window of %d: choose a smaller length", f.path, len(f.bytes), length)
		}
		if rest := len(f.bytes) - n*length; rest > 0 {
			r.note("the last %d bytes of %s fill no window of %d and are left out", rest, f.path, length)
		}
		b := &block{rows: n, cols: []*column{{name: "text", shape: []int{length}, axes: "T", u8: f.bytes[: n*length : n*length], bytes: true, field: &field}}}
		if err := r.append(b, f.split, f.path, files[0].path); err != nil {
			return err
		}
	}
	r.inOrder = true
	return nil
}

// alphabet returns the field of windows over the bytes seen.
func alphabet(seen *[256]bool, length int) surprisal.Field {
	f := surprisal.Field{Name: "text", Kind: surprisal.Categorical, Shape: []int{length}, Axes: "T"}
	for b, s := range seen {
		if s {
			f.Labels = append(f.Labels, byteLabel(byte(b)))
		}
	}
	f.Levels = len(f.Labels)
	if f.Levels > maxAlphabet {
		f.Levels, f.Labels = 256, nil
	}
	return f
}

// byteLabel writes a byte as itself if it prints, else as its Go escape.
func byteLabel(b byte) string {
	if b >= ' ' && b <= '~' {
		return string(rune(b))
	}
	q := strconv.QuoteToASCII(string([]byte{b}))
	return q[1 : len(q)-1]
}

// encodeBytes codes bytes by the alphabet of the field.
func encodeBytes(b []byte, f surprisal.Field) (surprisal.Column, error) {
	if f.Labels == nil {
		return surprisal.Values[uint8](b), nil
	}
	var code [256]int
	for i := range code {
		code[i] = slices.Index(f.Labels, byteLabel(byte(i)))
	}
	out := make(surprisal.Values[uint8], len(b))
	for i, v := range b {
		c := code[v]
		if c < 0 {
			return nil, fmt.Errorf("symbol %q at byte %d is not in the alphabet of %d", byteLabel(v), i, len(f.Labels))
		}
		out[i] = uint8(c)
	}
	return out, nil
}
