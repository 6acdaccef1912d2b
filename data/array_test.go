package data

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sbinet/npyio"
	"github.com/sbinet/npyio/npz"
	"gonum.org/v1/gonum/mat"
)

// idx writes an idx file of bytes.
func idx(body []byte, shape ...int) []byte {
	b := []byte{0, 0, 8, byte(len(shape))}
	for _, d := range shape {
		b = binary.BigEndian.AppendUint32(b, uint32(d))
	}
	return append(b, body...)
}

// ramp is n bytes 0, 1, 2, …
func ramp(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i)
	}
	return b
}

func TestIdxFolder(t *testing.T) {
	dir := t.TempDir()
	writeAt(t, filepath.Join(dir, "train-images-idx3-ubyte"), string(idx(ramp(40*6), 40, 2, 3)))
	writeAt(t, filepath.Join(dir, "train-labels-idx1-ubyte"), string(idx(bytes.Repeat([]byte{7, 10}, 20), 40)))
	writeAt(t, filepath.Join(dir, "t10k-images-idx3-ubyte"), string(idx(ramp(4*6), 4, 2, 3)))
	writeAt(t, filepath.Join(dir, "t10k-labels-idx1-ubyte"), string(idx([]byte{10, 7, 7, 7}, 4)))
	set := open(t, dir, Options{})
	if got := set.Space.Fields[0].String(); got != "image: grid of step 1 from 0, 256 levels, shape [2 3 1]" {
		t.Errorf("field %q", got)
	}
	if set.Train.Len() != 36 || set.Valid.Len() != 4 || set.Test.Len() != 4 || len(set.Sources) != 4 {
		t.Errorf("splits of %d, %d, %d events from %d files", set.Train.Len(), set.Valid.Len(), set.Test.Len(), len(set.Sources))
	}
	if !slices.Equal(set.Test.Label, []int32{1, 0, 0, 0}) || !slices.Equal(set.Test.LabelNames, []string{"7", "10"}) {
		t.Errorf("labels %v of %v", set.Test.Label, set.Test.LabelNames)
	}
	if id := set.Test.ID(0); id != 40 {
		t.Errorf("the first test event has id %d, want 40", id)
	}
	row := make([]float64, 6)
	set.Test.Float64s(row, 1)
	if !slices.Equal(row, []float64{6, 7, 8, 9, 10, 11}) {
		t.Errorf("second test image %v", row)
	}
	// one file alone finds its labels beside it
	one := open(t, filepath.Join(dir, "train-images-idx3-ubyte"), Options{})
	if len(one.Train.Label) != one.Train.Len() || one.Train.Len() != 32 {
		t.Errorf("%d labels for %d events", len(one.Train.Label), one.Train.Len())
	}
}

func TestIdxTypes(t *testing.T) {
	be := binary.BigEndian
	for _, c := range []struct {
		typ  byte
		body []byte
	}{
		{0x09, []byte{0xfe, 3}},
		{0x0b, be.AppendUint16(be.AppendUint16(nil, 0xfffe), 3)},
		{0x0c, be.AppendUint32(be.AppendUint32(nil, 0xfffffffe), 3)},
		{0x0d, be.AppendUint32(be.AppendUint32(nil, math.Float32bits(-2)), math.Float32bits(3))},
		{0x0e, be.AppendUint64(be.AppendUint64(nil, math.Float64bits(-2)), math.Float64bits(3))},
	} {
		b := idx(c.body, 2)
		b[2] = c.typ
		a, err := decodeIdx(b)
		if err != nil || !slices.Equal(a.f64, []float64{-2, 3}) {
			t.Errorf("type %#x: %v, error %v", c.typ, a, err)
		}
	}
}

func TestIdxErrors(t *testing.T) {
	nan := idx(binary.BigEndian.AppendUint64(nil, math.Float64bits(math.NaN())), 1)
	nan[2] = 0x0e
	for want, b := range map[string][]byte{
		"truncated":         idx(ramp(11), 3, 2, 2),
		"corrupt":           idx(ramp(13), 3, 2, 2),
		"cut off":           idx(nil, 3, 2, 2)[:9],
		"cannot fit":        idx(nil, math.MaxUint32, math.MaxUint32, math.MaxUint32),
		"it is truncated":   idx(nil, math.MaxUint32, 255), // a terabyte promised
		"holds no values":   idx(nil, 0, 3),
		"no idx file":       {1, 2, 3, 4},
		"row 0, value 0 is": nan,
	} {
		if _, err := decodeIdx(b); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	dir := t.TempDir()
	writeAt(t, filepath.Join(dir, "train-images-idx3-ubyte"), string(idx(ramp(24), 4, 2, 3)))
	writeAt(t, filepath.Join(dir, "train-labels-idx1-ubyte"), string(idx(ramp(5), 5)))
	if _, err := Open(dir, Options{}); err == nil || !strings.Contains(err.Error(), "4 events but there are 5 labels") {
		t.Errorf("error %v", err)
	}
}

// npy writes an array as npyio does.
func npy(t *testing.T, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := npyio.Write(&b, v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestNpyAgreesWithNpyio(t *testing.T) {
	for _, v := range []any{[]float64{1, -2.5, 3}, []float32{1, -2.5, 3}, []int64{1, -2, 3}, []uint16{1, 2, 3}, []int8{1, -2, 3}, []uint8{1, 2, 3}, []bool{true, false, true}} {
		a, err := decodeNpy(npy(t, v))
		if err != nil {
			t.Errorf("%T: %v", v, err)
			continue
		}
		got := a.f64
		if a.u8 != nil {
			got = widened(a.u8)
		}
		want := strings.NewReplacer("true", "1", "false", "0").Replace(fmt.Sprint(v))
		if fmt.Sprint(got) != want || !slices.Equal(a.shape, []int{3}) {
			t.Errorf("%T: %v of shape %v, want %v", v, got, a.shape, v)
		}
	}
	m := mat.NewDense(2, 3, []float64{1, 2, 3, 4, 5, 6})
	a, err := decodeNpy(npy(t, m))
	if err != nil || !slices.Equal(a.f64, m.RawMatrix().Data) || !slices.Equal(a.shape, []int{2, 3}) {
		t.Errorf("matrix: %v, error %v", a, err)
	}
}

// rawNpy writes a header of our own choice.
func rawNpy(version byte, dict string, body []byte) []byte {
	b := append([]byte("\x93NUMPY"), version, 0)
	if version == 1 {
		b = binary.LittleEndian.AppendUint16(b, uint16(len(dict)))
	} else {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(dict)))
	}
	return append(append(b, dict...), body...)
}

func TestNpyLayouts(t *testing.T) {
	body := []byte{1, 0, 4, 0, 2, 0, 5, 0, 3, 0, 6, 0}
	for _, b := range [][]byte{
		rawNpy(1, "{'descr': '<i2', 'fortran_order': True, 'shape': (2, 3), }\n", body),
		rawNpy(2, "{'shape':(2,3),'fortran_order':True,'descr':'<i2'}", body),
		rawNpy(3, "{'descr': '>i2', 'fortran_order': False, 'shape': (2L, 3L)}", []byte{0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6}),
	} {
		a, err := decodeNpy(b)
		if err != nil || !slices.Equal(a.f64, []float64{1, 2, 3, 4, 5, 6}) {
			t.Errorf("%q: %v, error %v", b[:40], a, err)
		}
	}
}

func TestNpyErrors(t *testing.T) {
	good := "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }\n"
	for want, b := range map[string][]byte{
		"cut off":           []byte("\x93NUMPY\x01"),
		"version 9":         rawNpy(9, good, nil),
		"promises 65535":    append([]byte("\x93NUMPY\x01\x00\xff\xff"), "{"...),
		"promises 42949672": append([]byte("\x93NUMPY\x02\x00\xff\xff\xff\xff"), "{"...),
		"lacks descr":       rawNpy(1, "no line end", nil),
		"pickled":           rawNpy(1, strings.Replace(good, "<f8", "|O", 1), nil),
		"structured":        rawNpy(1, "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2,), }\n", nil),
		`"<U5" is not read`: rawNpy(1, strings.Replace(good, "<f8", "<U5", 1), nil),
		"truncated":         rawNpy(1, good, make([]byte, 15)),
		"cannot fit":        rawNpy(1, strings.Replace(good, "(2,)", "(9999999999, 9999999999)", 1), nil),
		"is no size":        rawNpy(1, strings.Replace(good, "(2,)", "(99999999999999999999,)", 1), nil),
		"single number":     rawNpy(1, strings.Replace(good, "(2,)", "()", 1), make([]byte, 8)),
		"holds no values":   rawNpy(1, strings.Replace(good, "(2,)", "(0, 5)", 1), nil),
	} {
		if _, err := decodeNpy(b); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestNpz(t *testing.T) {
	path := filepath.Join(t.TempDir(), "set.npz")
	x := mat.NewDense(30, 2, nil)
	y := make([]int64, 30)
	for i := range 30 {
		x.SetRow(i, []float64{float64(i), float64(i%7) / 4})
		y[i] = int64(i % 3)
	}
	if err := npz.Write(path, map[string]any{"X": x, "y": y, "other": []float64{1, 2}}); err != nil {
		t.Fatal(err)
	}
	set := open(t, path, Options{})
	if got := fmt.Sprint(set.Space.Fields[0], set.Space.Fields[1]); got != "x0: count x1: grid of step 0.25 from 0" {
		t.Errorf("fields %q", got)
	}
	if !slices.Equal(set.Train.LabelNames, []string{"0", "1", "2"}) || set.Train.Len() != 24 {
		t.Errorf("%d training events, labels %v", set.Train.Len(), set.Train.LabelNames)
	}
	if !slices.ContainsFunc(set.Notes, func(s string) bool { return strings.Contains(s, "array other") }) {
		t.Errorf("notes %q do not speak of the array left out", set.Notes)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, cut := range []int{len(b) - 1, len(b) / 2, 40} {
		writeAt(t, path, string(b[:cut]))
		if _, err := Open(path, Options{}); err == nil || !strings.Contains(err.Error(), "truncated or corrupt") {
			t.Errorf("cut at %d: error %v", cut, err)
		}
	}
}

func TestNpzSplits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "set.npz")
	images := func(n int) []byte {
		return rawNpy(1, fmt.Sprintf("{'descr': '|u1', 'fortran_order': False, 'shape': (%d, 2, 2), }\n", n), ramp(4*n))
	}
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for name, b := range map[string][]byte{"x_train.npy": images(20), "x_test.npy": images(5), "y_train.npy": npy(t, make([]int32, 20)), "y_test.npy": npy(t, make([]int32, 5))} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	writeAt(t, path, buf.String())
	set := open(t, path, Options{})
	if set.Train.Len() != 18 || set.Valid.Len() != 2 || set.Test.Len() != 5 || !slices.Equal(set.Space.Fields[0].Shape, []int{2, 2, 1}) {
		t.Errorf("splits of %d, %d, %d events of shape %v", set.Train.Len(), set.Valid.Len(), set.Test.Len(), set.Space.Fields[0].Shape)
	}
}

func TestMatrixOfPixels(t *testing.T) {
	m := mat.NewDense(40, 64, nil)
	for i := range 40 {
		for j := range 64 {
			m.Set(i, j, float64((i*37+j*11)%256))
		}
	}
	set := open(t, write(t, "digits.npy", string(npy(t, m))), Options{})
	if got := set.Space.Fields[0].String(); got != "x: grid of step 1 from 0, 256 levels, shape [64]" {
		t.Errorf("field %q", got)
	}
	again, err := Read(write(t, "new.npy", string(npy(t, mat.NewDense(1, 64, nil)))), set.Space, Options{})
	if err != nil || again.Len() != 1 {
		t.Errorf("reading a new row: %v", err)
	}
	labelled := open(t, write(t, "l.npy", string(npy(t, m))), Options{Label: "x3", Columns: map[string]string{"x5": "skip"}})
	if labelled.Space.Dims() != 62 || labelled.Train.Label == nil {
		t.Errorf("%d dims, labels %v", labelled.Space.Dims(), labelled.Train.Label)
	}
}

func fuzzDecoder(f *testing.F, decode func([]byte) (*array, error)) {
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := decode(b)
		if err != nil {
			return
		}
		n, err := product(a.shape, math.MaxInt/16)
		if err != nil || n != a.len() || n > len(b) {
			t.Errorf("%d bytes decoded to %d values of shape %v", len(b), a.len(), a.shape)
		}
		r := &raw{}
		if err := r.append(a.block(), "", "a", "a"); err != nil {
			t.Fatal(err)
		}
		if got, err := r.batch(Options{}); err == nil {
			if err := got.Validate(); err != nil {
				t.Errorf("decoded into a batch that is not valid: %v", err)
			}
		}
	})
}

func FuzzIdx(f *testing.F) {
	f.Add(idx(ramp(12), 3, 2, 2))
	f.Add(idx(ramp(12), 3, 4))
	f.Add(idx([]byte{0, 1, 1}, 3))
	f.Add(idx(ramp(3), 1<<31, 1<<31, 4))
	floats := idx(ramp(16), 2)
	floats[2] = 0x0e
	f.Add(floats)
	fuzzDecoder(f, decodeIdx)
}

func FuzzNpy(f *testing.F) {
	f.Add(rawNpy(1, "{'descr': '<i2', 'fortran_order': True, 'shape': (2, 3), }\n", ramp(12)))
	f.Add(rawNpy(2, "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3, 1), }\n", ramp(6)))
	f.Add(rawNpy(3, "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\n", ramp(4)))
	f.Add(rawNpy(2, "{'descr': '<f8'", nil))
	fuzzDecoder(f, decodeNpy)
}

func TestDifferentShapesAreRefused(t *testing.T) {
	dir := t.TempDir()
	writeAt(t, filepath.Join(dir, "train.idx"), string(idx(ramp(12), 3, 2, 2)))
	writeAt(t, filepath.Join(dir, "test.idx"), string(idx(ramp(18), 3, 2, 3)))
	_, err := Open(dir, Options{})
	if err == nil || !strings.Contains(err.Error(), "train.idx") || !strings.Contains(err.Error(), "test.idx") {
		t.Errorf("error %v does not name both files", err)
	}
}
