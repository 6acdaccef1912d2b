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
	f, err := Create(path)
	if err != nil {
		return err
	}
	defer f.Discard()
	w := bufio.NewWriterSize(f.f, 1<<16)
	if err = write(w); err == nil {
		err = w.Flush()
	}
	if err != nil {
		return f.told(err)
	}
	return f.Commit()
}

// File is written under a temporary name until Commit gives it its own. It is
// not buffered.
type File struct {
	path string   // as it was asked for
	real string   // without links
	f    *os.File // nil once it is done with
	// Direct is set where path names a device or a pipe: it is written at once,
	// and there is no way back in it.
	Direct bool
}

// Create begins to write a file that will take the place of the one at path.
// Call Commit when it is complete, or Discard.
func Create(path string) (*File, error) {
	f := &File{path: path, real: path}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		f.real = real
	}
	var err error
	info, missing := os.Stat(f.real)
	switch {
	case missing == nil && info.IsDir():
		err = errors.New("it is a folder, want a file")
	case missing == nil && !info.Mode().IsRegular():
		f.Direct = true
		f.f, err = os.OpenFile(f.real, os.O_WRONLY, 0)
	default:
		f.f, err = create(f.real)
	}
	if err != nil {
		return nil, f.told(err)
	}
	return f, nil
}

// told names the file in an error: the temporary name would only puzzle the
// reader.
func (f *File) told(err error) error {
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) && strings.Contains(pe.Path, marker) {
		err = pe.Err
	}
	return fmt.Errorf("writing %s: %w", f.path, err)
}

// Write implements io.Writer.
func (f *File) Write(b []byte) (n int, err error) {
	if n, err = f.f.Write(b); err != nil {
		err = f.told(err)
	}
	return n, err
}

// WriteAt implements io.WriterAt. It fails if the file is Direct.
func (f *File) WriteAt(b []byte, at int64) (n int, err error) {
	if n, err = f.f.WriteAt(b, at); err != nil {
		err = f.told(err)
	}
	return n, err
}

// Commit syncs the file to disk and gives it its name. If that fails, the old
// file stays and the temporary one is removed.
func (f *File) Commit() error {
	defer f.Discard()
	if f.Direct {
		err := f.f.Close()
		if f.f = nil; err != nil {
			err = f.told(err)
		}
		return err
	}
	if err := errors.Join(f.f.Sync(), f.f.Close()); err != nil {
		return f.told(err)
	}
	if err := os.Rename(f.f.Name(), f.real); err != nil {
		return f.told(err)
	}
	f.f = nil
	syncDir(filepath.Dir(f.real))
	return nil
}

// Discard removes what was written, unless it was committed.
func (f *File) Discard() {
	if f.f == nil {
		return
	}
	_ = f.f.Close()
	if !f.Direct {
		_ = os.Remove(f.f.Name())
	}
	f.f = nil
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
