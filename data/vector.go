package data

import (
	"fmt"
	"io"
	"os"

	"github.com/sbinet/npyio"

	"github.com/surprisal-go/surprisal/internal/atomicfile"
)

// WriteVector writes numbers, one for each event, as an npy file of float64
// that numpy.load reads. Infinite ones are kept.
func WriteVector(path string, v []float64) error {
	return atomicfile.Write(path, func(w io.Writer) error { return npyio.Write(w, v) })
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
