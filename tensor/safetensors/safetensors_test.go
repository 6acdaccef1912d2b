package safetensors_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/surprisal-go/surprisal/tensor"
	"github.com/surprisal-go/surprisal/tensor/safetensors"
)

// file builds a file from a header and values by hand.
func file(header string, values ...byte) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), values...)
}

func read(b []byte) (*tensor.Store, map[string]string, error) {
	return safetensors.Read(bytes.NewReader(b), int64(len(b)))
}

func write(t testing.TB, s *tensor.Store, meta map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := safetensors.Write(&b, s, meta); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func small() *tensor.Store {
	s := &tensor.Store{}
	s.Set("w", tensor.Of([]float32{1, -2}, 1, 2))
	s.Set("n", tensor.Of([]int32{-1}))
	return s
}

// The bytes are those that the published format asks for, written by hand:
// 1.0 is 3f800000, −2.0 is c0000000.
func TestKnownBytes(t *testing.T) {
	want := file(`{"__metadata__":{"a":"1","b":"2"},`+
		`"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},`+
		`"n":{"dtype":"I32","shape":[],"data_offsets":[8,12]}}`+`  `,
		0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 0xff, 0xff, 0xff, 0xff)
	meta := map[string]string{"b": "2", "a": "1"}
	if diff := cmp.Diff(string(want), string(write(t, small(), meta))); diff != "" {
		t.Errorf("bytes (-want +got):\n%s", diff)
	}
	s, m, err := read(want)
	if err != nil {
		t.Fatal(err)
	}
	checkEqual(t, small(), s)
	if diff := cmp.Diff(meta, m); diff != "" {
		t.Error(diff)
	}
}

// Another writer may order the header by name and the values by dtype, put
// spaces into it and align nothing; an empty tensor shares its place with the
// one that follows.
func TestForeignOrder(t *testing.T) {
	s, _, err := read(file(`{ "b": {"shape":[1], "data_offsets":[8,9], "dtype":"U8"},
		"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},
		"z":{"dtype":"U8","shape":[0],"data_offsets":[0,0]} }`, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 7))
	if err != nil {
		t.Fatal(err)
	}
	want := &tensor.Store{}
	want.Set("z", tensor.New[uint8](0))
	want.Set("a", tensor.Of([]float64{1}, 1))
	want.Set("b", tensor.Of([]uint8{7}, 1))
	checkEqual(t, want, s)
}

func checkEqual(t interface{ Errorf(string, ...any) }, want, got *tensor.Store) {
	if diff := cmp.Diff(want.Names(), got.Names()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
		return
	}
	for name, w := range want.All() {
		g := got.Must(name)
		same := cmp.Comparer(func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) })
		same64 := cmp.Comparer(func(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) })
		if diff := cmp.Diff(w, g, same, same64); diff != "" {
			t.Errorf("tensor %q (-want +got):\n%s", name, diff)
		}
	}
}

// draw returns any store: all types, empty tensors, more values than a block.
func draw(t *rapid.T) *tensor.Store {
	s := &tensor.Store{}
	for _, name := range rapid.SliceOfNDistinct(rapid.String(), 0, 6, rapid.ID[string]).Draw(t, "names") {
		shape := rapid.SliceOfN(rapid.IntRange(0, 5), 0, 4).Draw(t, "shape")
		if len(shape) == 0 {
			shape = nil
		}
		if rapid.IntRange(0, 20).Draw(t, "long") == 0 {
			shape = []int{20_000}
		}
		n, bits := tensor.Size(shape), rapid.Uint64().Draw(t, "bits")
		data := make([]uint64, n)
		for i := range data {
			data[i] = bits * uint64(i+1)
		}
		s.Set(name, tensor.Tensor{Shape: shape, Data: as(rapid.IntRange(0, 5).Draw(t, "dtype"), data)})
	}
	return s
}

func as(dtype int, bits []uint64) any {
	switch dtype {
	case 0:
		return convert(bits, func(b uint64) float32 { return math.Float32frombits(uint32(b)) })
	case 1:
		return convert(bits, math.Float64frombits)
	case 2:
		return convert(bits, func(b uint64) int32 { return int32(b) })
	case 3:
		return convert(bits, func(b uint64) uint32 { return uint32(b) })
	case 4:
		return convert(bits, func(b uint64) uint8 { return uint8(b) })
	}
	return bits
}

func convert[T any](bits []uint64, f func(uint64) T) []T {
	out := make([]T, len(bits))
	for i, b := range bits {
		out[i] = f(b)
	}
	return out
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := draw(t)
		meta := rapid.MapOfN(rapid.String(), rapid.String(), 0, 3).Draw(t, "meta")
		var b bytes.Buffer
		if err := safetensors.Write(&b, s, meta); err != nil {
			t.Fatal(err)
		}
		if n := binary.LittleEndian.Uint64(b.Bytes()); n%8 != 0 {
			t.Errorf("header of %d bytes, want a multiple of 8", n)
		}
		got, gotMeta, err := read(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		checkEqual(t, s, got)
		if diff := cmp.Diff(meta, gotMeta); diff != "" {
			t.Error(diff)
		}
	})
}

func TestFileRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.safetensors")
	if err := safetensors.WriteFile(path, small(), nil); err != nil {
		t.Fatal(err)
	}
	s, _, err := safetensors.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	checkEqual(t, small(), s)
}

func TestHostileFiles(t *testing.T) {
	const ok = `"dtype":"U8","shape":[2],"data_offsets":[0,2]`
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"empty":                {nil, "too few"},
		"seven bytes":          {make([]byte, 7), "too few"},
		"no header":            {make([]byte, 8), "does not begin with {"},
		"huge header":          {bytes.Repeat([]byte{0xff}, 16), "not a safetensors file"},
		"header past the end":  {binary.LittleEndian.AppendUint64(nil, 99), "cut off"},
		"not JSON":             {file(`{x`), "invalid character"},
		"header ends early":    {file(`{"a":{` + ok), "in the middle"},
		"array":                {file(`[]`), "does not begin with {"},
		"rubbish after header": {file(`{}x`), "after its end"},
		"not UTF-8":            {file("{\"\xff\":{" + ok + "}}"), "UTF-8"},
		"trailing values":      {file(`{}`, 1), "cut off or not whole"},
		"values cut off":       {file(`{"a":{`+ok+`}}`, 1), "cut off or not whole"},
		"repeated tensor":      {file(`{"a":{`+ok+`},"a":{`+ok+`}}`, 1, 2), `"a" occurs twice`},
		"repeated member":      {file(`{"a":{`+ok+`,"dtype":"U8"}}`, 1, 2), `"dtype" occurs twice`},
		"unknown member":       {file(`{"a":{`+ok+`,"x":1}}`, 1, 2), `unknown member "x"`},
		"member in capitals":   {file(`{"a":{"DTYPE":"U8"}}`), `unknown member "DTYPE"`},
		"unknown dtype":        {file(`{"a":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}}`, 1, 2), `dtype "BF16"`},
		"no dtype":             {file(`{"a":{"shape":[1],"data_offsets":[0,2]}}`, 1, 2), `dtype ""`},
		"no shape":             {file(`{"a":{"dtype":"U8","data_offsets":[0,2]}}`, 1, 2), "no shape"},
		"no place":             {file(`{"a":{"dtype":"U8","shape":[2]}}`, 1, 2), "want a begin and an end"},
		"three offsets":        {file(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2,2]}}`, 1, 2), "want a begin and an end"},
		"backward place":       {file(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[2,0]}}`, 1, 2), "want a begin and an end"},
		"negative shape":       {file(`{"a":{"dtype":"U8","shape":[-2],"data_offsets":[0,2]}}`, 1, 2), "whole numbers"},
		"fraction":             {file(`{"a":{"dtype":"U8","shape":[1.5],"data_offsets":[0,2]}}`, 1, 2), "whole numbers"},
		"null":                 {file(`{"a":{"dtype":"U8","shape":[null],"data_offsets":[0,0]}}`), "null"},
		"shape is no array":    {file(`{"a":{"dtype":"U8","shape":2,"data_offsets":[0,2]}}`, 1, 2), "want an array"},
		"wrong size":           {file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,2]}}`, 1, 2), "takes 8 bytes"},
		"more than memory":     {file(`{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`), "larger than any memory"},
		"wraps to nothing":     {file(`{"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}}`), "larger than any memory"},
		"terabyte":             {file(`{"a":{"dtype":"U8","shape":[1099511627776],"data_offsets":[0,1099511627776]}}`), "cut off"},
		"many axes":            {file(`{"a":{"dtype":"U8","shape":[` + strings.Repeat("1,", 99) + `1],"data_offsets":[0,1]}}`), "more than 64"},
		"hole at the start":    {file(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}`, 1, 2), "gap"},
		"hole between":         {file(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}`, 1, 2, 3), "gap"},
		"overlap":              {file(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}`, 1, 2, 3), "overlap"},
		"metadata of numbers":  {file(`{"__metadata__":{"a":1}}`), "want a string"},
		"metadata of nulls":    {file(`{"__metadata__":{"a":null}}`), "want a string"},
		"metadata is a list":   {file(`{"__metadata__":[]}`), "want an object"},
		"repeated metadata":    {file(`{"__metadata__":{"a":"","a":""}}`), "occurs twice"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, err := read(c.file); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestEveryTruncationIsAnError(t *testing.T) {
	b := write(t, small(), map[string]string{"a": "b"})
	for n := range b {
		if _, _, err := read(b[:n]); err == nil {
			t.Errorf("the first %d of %d bytes were read without an error", n, len(b))
		}
	}
}

// A file that shrinks while it is read must not come back with zeros.
func TestReaderShorterThanSize(t *testing.T) {
	b := write(t, small(), nil)
	if _, _, err := safetensors.Read(bytes.NewReader(b[:len(b)-1]), int64(len(b))); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("error %v, want an unexpected end", err)
	}
}

func TestUnwritableStores(t *testing.T) {
	for name, s := range map[string]func(*tensor.Store){
		"name not UTF-8": func(s *tensor.Store) { s.Set("\xff", tensor.New[float32](1)) },
		"reserved name":  func(s *tensor.Store) { s.Set("__metadata__", tensor.New[float32](1)) },
		"wrong length":   func(s *tensor.Store) { s.Set("a", tensor.Tensor{Shape: []int{2}, Data: []float32{1}}) },
		"unknown type":   func(s *tensor.Store) { s.Set("a", tensor.Tensor{Shape: []int{1}, Data: []int64{1}}) },
	} {
		t.Run(name, func(t *testing.T) {
			store := &tensor.Store{}
			s(store)
			if err := safetensors.Write(io.Discard, store, nil); err == nil {
				t.Error("no error")
			}
		})
	}
	if err := safetensors.Write(io.Discard, small(), map[string]string{"a": "\xff"}); err == nil {
		t.Error("no error for metadata that is not UTF-8")
	}
}

// full is a disk with room for some bytes.
type full int

func (f *full) Write(b []byte) (int, error) {
	if len(b) > int(*f) {
		return 0, syscall.ENOSPC
	}
	*f -= full(len(b))
	return len(b), nil
}

func TestWriteReportsAFullDisk(t *testing.T) {
	n := len(write(t, small(), nil))
	for room := range n {
		disk := full(room)
		if err := safetensors.Write(&disk, small(), nil); !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("with room for %d of %d bytes: error %v", room, n, err)
		}
	}
}

// Whatever is read without an error comes back the same when written.
func FuzzRead(f *testing.F) {
	f.Add(write(f, small(), map[string]string{"a": "b"}))
	f.Add(write(f, &tensor.Store{}, nil))
	f.Add(file(`{"a":{"dtype":"U8","shape":[0,3],"data_offsets":[0,0]},"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}  `, 9))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, meta, err := read(b)
		if err != nil {
			return
		}
		again, meta2, err := read(write(t, s, meta))
		if err != nil {
			t.Fatal(err)
		}
		checkEqual(t, s, again)
		if diff := cmp.Diff(meta, meta2); diff != "" {
			t.Error(diff)
		}
	})
}

func BenchmarkWrite(b *testing.B) {
	s := &tensor.Store{}
	s.Set("w", tensor.New[float32](1<<20))
	b.SetBytes(4 << 20)
	for b.Loop() {
		if err := safetensors.Write(io.Discard, s, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	s := &tensor.Store{}
	s.Set("w", tensor.New[float32](1<<20))
	raw := write(b, s, nil)
	b.SetBytes(4 << 20)
	for b.Loop() {
		if _, _, err := read(raw); err != nil {
			b.Fatal(err)
		}
	}
}
