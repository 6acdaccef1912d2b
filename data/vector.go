package data

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"strings"

	"github.com/surprisal-go/surprisal/internal/atomicfile"
)

// VectorWriter writes numbers, one for each event, as they come, into an npy
// file of float64 that numpy.load reads. It needs no more memory for more
// numbers, and the file appears under its name when it is complete: until then
// an old one stays.
type VectorWriter struct {
	f   *atomicfile.File
	n   int
	buf []byte
	// A device or a pipe cannot be gone back in, to say how many numbers there
	// were: for it they are held until the end.
	held []float64
}

// CreateVector begins the file. Call Close when all is written; Discard after
// that does nothing, and before it leaves what was there.
func CreateVector(path string) (*VectorWriter, error) {
	f, err := atomicfile.Create(path)
	if err != nil {
		return nil, err
	}
	w := &VectorWriter{f: f}
	if f.Direct {
		return w, nil
	}
	if _, err := f.Write(vectorHeader(0)); err != nil {
		f.Discard()
		return nil, err
	}
	return w, nil
}

// Write appends numbers. Infinite ones are kept.
func (w *VectorWriter) Write(v []float64) error {
	w.n += len(v)
	if w.f.Direct {
		w.held = append(w.held, v...)
		return nil
	}
	return w.append(v)
}

func (w *VectorWriter) append(v []float64) error {
	w.buf = w.buf[:0]
	for _, x := range v {
		w.buf = binary.LittleEndian.AppendUint64(w.buf, math.Float64bits(x))
	}
	_, err := w.f.Write(w.buf)
	return err
}

// Close completes the file and gives it its name.
func (w *VectorWriter) Close() error {
	var err error
	if w.f.Direct {
		_, err = w.f.Write(vectorHeader(w.n))
		if err == nil {
			err = w.append(w.held)
		}
	} else {
		_, err = w.f.WriteAt(vectorHeader(w.n), 0)
	}
	if err != nil {
		w.f.Discard()
		return err
	}
	return w.f.Commit()
}

// Discard takes back a file that was not closed.
func (w *VectorWriter) Discard() { w.f.Discard() }

// vectorSize is that of a header of any number of numbers: a multiple of 64, as
// the format asks for.
const vectorSize = 128

// vectorHeader is the header, of format version 1, of a vector of n numbers.
func vectorHeader(n int) []byte {
	dict := fmt.Sprintf("{'descr': '<f8', 'fortran_order': False, 'shape': (%d,), }", n)
	head := append([]byte("\x93NUMPY\x01\x00"), vectorSize-10, 0)
	return append(head, dict+strings.Repeat(" ", vectorSize-11-len(dict))+"\n"...)
}

// ReadVector reads an npy file of one axis, one number for each event. Infinite
// ones and NaN are kept.
func ReadVector(path string) ([]float64, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	a, err := decodeNpyAny(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(a.shape) != 1 {
		return nil, fmt.Errorf("%s: an array of shape %v, want one axis: one number for each event", path, a.shape)
	}
	if a.u8 != nil {
		return nil, fmt.Errorf("%s: an array of bytes, want floats: one number for each event", path)
	}
	return a.f64, nil
}
