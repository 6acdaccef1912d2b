package data_test

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sbinet/npyio"

	"github.com/surprisal-go/surprisal/data"
)

// TestVectorRoundTrip writes in pieces; our reader and npyio's find the same.
func TestVectorRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.npy")
	for _, want := range [][]float64{{1.5, -2, math.Inf(1), 0, 1e-300}, {7}, make([]float64, 12345)} {
		w, err := data.CreateVector(path)
		if err != nil {
			t.Fatal(err)
		}
		half := len(want) / 2
		for _, part := range [][]float64{want[:half], nil, want[half:]} {
			if err := w.Write(part); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		w.Discard()
		got, err := data.ReadVector(path)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("read %d numbers, %v; want %d", len(got), err, len(want))
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		var theirs []float64
		if err := npyio.Read(f, &theirs); err != nil || !slices.Equal(theirs, want) {
			t.Errorf("npyio reads %d numbers, %v; want %d", len(theirs), err, len(want))
		}
		_ = f.Close()
	}
}

// TestVectorIsThereWhenItIsComplete, and what was there stays until then.
func TestVectorIsThereWhenItIsComplete(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "v.npy")
	if err := os.WriteFile(path, []byte("old"), 0o666); err != nil {
		t.Fatal(err)
	}
	w, err := data.CreateVector(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(make([]float64, 1000)); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 2 {
		t.Fatalf("%d files beside each other (%v), want the old and the new", len(files), err)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || f.Name() != "v.npy" && info.Size() != 128+8000 {
			t.Errorf("%s holds %d bytes (%v), want all that was written", f.Name(), info.Size(), err)
		}
	}
	w.Discard()
	if old, err := os.ReadFile(path); err != nil || string(old) != "old" {
		t.Errorf("the old file holds %q (%v)", old, err)
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("%d files are left, want the old one", len(files))
	}
	if _, err := data.CreateVector(filepath.Join(dir, "none", "v.npy")); err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("a file in no folder: %v", err)
	}
}

// TestVectorIntoAPipe has the number of numbers in front all the same.
func TestVectorIntoAPipe(t *testing.T) {
	w, err := data.CreateVector(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write([]float64{1}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	r, pipe, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	name := fmt.Sprintf("/dev/fd/%d", pipe.Fd())
	if _, err := os.Stat(name); err != nil {
		t.Skip("no " + name)
	}
	if w, err = data.CreateVector(name); err != nil {
		t.Fatal(err)
	}
	for _, v := range []float64{1, 2, 3} {
		if err := w.Write([]float64{v}); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), pipe.Close()); err != nil {
		t.Fatal(err)
	}
	var got []float64
	if err := npyio.Read(r, &got); err != nil || !slices.Equal(got, []float64{1, 2, 3}) {
		t.Errorf("the pipe brings %v (%v)", got, err)
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
