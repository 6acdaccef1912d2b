// Package atomicfile writes files whole or not at all: under a temporary name
// in the same folder, synced to disk, then renamed. A full disk or a killed
// process leaves the old file as it was.
package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
)

// marker is part of every temporary name, so that Sweep knows them.
const marker = ".partial-"

var counter atomic.Uint64

// Write replaces the file at path by what write writes. The writer it hands
// out is buffered. If write or the disk fails, the old file stays and the
// temporary one is removed. A path that names a device or a pipe is written
// directly, because renaming would replace it; a symbolic link is followed.
func Write(path string, write func(io.Writer) error) error {
	if err := replace(path, write); err != nil {
		// The temporary name would only puzzle the reader.
		if pe := (*fs.PathError)(nil); errors.As(err, &pe) && strings.Contains(pe.Path, marker) {
			err = pe.Err
		}
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

func replace(path string, write func(io.Writer) error) (err error) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if info, err := os.Stat(path); err == nil {
		if info.IsDir() {
			return errors.New("it is a folder, want a file")
		}
		if !info.Mode().IsRegular() {
			return direct(path, write)
		}
	}
	f, err := create(path)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	if err := fill(f, write); err != nil {
		_ = f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	syncDir(filepath.Dir(path))
	return nil
}

// create opens a new file beside path. The permissions are those that the
// user's umask leaves, which os.CreateTemp would not give.
func create(path string) (*os.File, error) {
	dir, base := filepath.Split(path)
	for {
		name := fmt.Sprintf(".%s%s%d-%d", base, marker, os.Getpid(), counter.Add(1))
		f, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}

func fill(f *os.File, write func(io.Writer) error) error {
	w := bufio.NewWriterSize(f, 1<<16)
	if err := write(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Sync()
}

func direct(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<16)
	return errors.Join(write(w), w.Flush(), f.Close())
}

// syncDir makes a rename durable. Not every system can sync a folder, and the
// file is whole either way, so a failure is not reported.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}

// Sweep removes the temporary files that killed processes have left in dir.
// Call it only where no other process can be writing.
func Sweep(dir string) error {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") && strings.Contains(e.Name(), marker) {
			err = errors.Join(err, os.Remove(filepath.Join(dir, e.Name())))
		}
	}
	return err
}
