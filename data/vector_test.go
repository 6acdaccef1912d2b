package data_test

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal/data"
)

func TestVectorRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.npy")
	want := []float64{1.5, -2, math.Inf(1), 0, 1e-300}
	if err := data.WriteVector(path, want); err != nil {
		t.Fatal(err)
	}
	got, err := data.ReadVector(path)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("read %v, %v; want %v", got, err, want)
	}
}

func TestReadVectorRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.npy")
	for _, content := range []string{"", "no array", "\x93NUMPY\x01\x00\x10\x00{'descr': '<f8'"} {
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := data.ReadVector(path); err == nil || !strings.Contains(err.Error(), "npy") {
			t.Errorf("%q is read: %v", content, err)
		}
	}
}
