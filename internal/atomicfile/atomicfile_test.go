package atomicfile_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/surprisal-go/surprisal/internal/atomicfile"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func entries(t *testing.T, dir string) int {
	t.Helper()
	e, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return len(e)
}

func TestWriteReplacesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	for _, want := range []string{"one", "two, longer", ""} {
		if err := atomicfile.Write(path, text(want)); err != nil {
			t.Fatal(err)
		}
		if got := read(t, path); got != want {
			t.Errorf("file holds %q, want %q", got, want)
		}
	}
	if n := entries(t, filepath.Dir(path)); n != 1 {
		t.Errorf("%d files in the folder, want 1", n)
	}
}

func TestFailureLeavesTheOldFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	if err := atomicfile.Write(path, text("old")); err != nil {
		t.Fatal(err)
	}
	err := atomicfile.Write(path, func(w io.Writer) error {
		// More than the buffer, so that some of it has reached the disk.
		if _, err := io.WriteString(w, strings.Repeat("new", 1<<16)); err != nil {
			return err
		}
		return &os.PathError{Op: "write", Path: path, Err: syscall.ENOSPC}
	})
	if !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("error %v, want no space left", err)
	}
	if got := read(t, path); got != "old" {
		t.Errorf("file holds %d bytes, want the old three", len(got))
	}
	if n := entries(t, filepath.Dir(path)); n != 1 {
		t.Errorf("%d files in the folder, want 1", n)
	}
}

func TestErrorsNameTheFileNotTheTemporaryOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none", "a")
	err := atomicfile.Write(path, text("x"))
	if err == nil || strings.Contains(err.Error(), "partial") || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want one that names %s alone", err, path)
	}
}

func TestDevicesAreNotReplaced(t *testing.T) {
	if err := atomicfile.Write(os.DevNull, text("x")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(os.DevNull)
	if err != nil || info.Mode().IsRegular() {
		t.Fatalf("%s has become a file: %v %v", os.DevNull, info.Mode(), err)
	}
	const full = "/dev/full"
	if _, err := os.Stat(full); err != nil {
		t.Skip("no " + full)
	}
	if err := atomicfile.Write(full, text("x")); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("error %v, want no space left", err)
	}
}

func TestLinksAreFollowed(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := atomicfile.Write(file, text("old")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(file, link); err != nil {
		t.Skip("no symbolic links here")
	}
	if err := atomicfile.Write(link, text("new")); err != nil {
		t.Fatal(err)
	}
	if got := read(t, file); got != "new" {
		t.Errorf("the link's file holds %q, want new", got)
	}
}

func TestAFileIsThereOnceItIsCommitted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	if err := atomicfile.Write(path, text("old")); err != nil {
		t.Fatal(err)
	}
	for _, commit := range []bool{false, true} {
		f, err := atomicfile.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, "?ew"); err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteAt([]byte("n"), 0); err != nil {
			t.Fatal(err)
		}
		if got := read(t, path); got != "old" {
			t.Errorf("the file holds %q before it is committed", got)
		}
		want := "old"
		if commit {
			want = "new"
			if err := f.Commit(); err != nil {
				t.Fatal(err)
			}
		}
		f.Discard() // does nothing after Commit
		if got := read(t, path); got != want || entries(t, filepath.Dir(path)) != 1 {
			t.Errorf("commit %v: the file holds %q, want %q, and stands alone", commit, got, want)
		}
	}
	if _, err := atomicfile.Create(filepath.Dir(path)); err == nil || !strings.Contains(err.Error(), "it is a folder") {
		t.Errorf("a folder is written: %v", err)
	}
}

func TestSweepRemovesWhatAKillLeaves(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "r[1]*")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{".a.partial-12-3", ".a", "a.partial-1"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := atomicfile.Sweep(dir); err != nil {
		t.Fatal(err)
	}
	if n := entries(t, dir); n != 2 {
		t.Errorf("%d files left, want the two that are not temporary", n)
	}
}
