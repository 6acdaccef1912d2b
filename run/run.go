// Package run keeps a run: one training of one model, and everything that was
// measured on it. A run is a folder:
//
//	manifest.json           what was run: family, config, seed, data, space, versions
//	metrics.jsonl           what was measured on the way, a JSON object a line
//	weights.safetensors     the best weights so far
//	checkpoint.safetensors  where training stands: everything needed to go on
//	results/NAME.json       a likelihood, and which weights and events it is about
//	events/NAME.safetensors the nats of every event behind that result
//	.lock                   held by the process that trains
//
// # Guarantees
//
// Files are replaced whole or not at all, and lines are appended whole, so a
// full disk or a kill −9 at any moment leaves a folder that opens and resumes.
// Weights, checkpoints and events carry a checksum of their values and are
// refused if it does not hold. A result names the checksums of the weights and
// events that it is about, so that a stale one is found out, and
// [Folder.CheckResult] holds every field of it against one computed again.
//
// One process at a time trains in a folder: [Create] and [Folder.Lock] take a
// lock that the operating system releases when the process ends, however it
// ends. Reading and saving results need no lock.
//
// A manifest with unknown members is read, one of a newer [Format] refused.
//
// # Use
//
//	f, err := run.Create("runs/r1", manifest)
//	defer f.Close()
//	…
//	err = f.AppendMetric(m) // an object with a "step"
//	err = f.SaveCheckpoint(run.Checkpoint{Step: step, State: state, Tensors: tensors})
//
// and to go on after a kill:
//
//	f, err := run.Open("runs/r1")
//	err = f.Lock()
//	c, err := f.LoadCheckpoint()
//	err = f.TruncateMetrics(c.Step)
//
// Errors name the run and the missing or faulty piece. Writing what needs the
// lock without holding it is a programmer's error and panics. A Folder is for
// use by one goroutine at a time.
package run

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/gofrs/flock"

	"github.com/surprisal-go/surprisal/internal/atomicfile"
)

// Names of the pieces in the folder.
const (
	manifestName   = "manifest.json"
	metricsName    = "metrics.jsonl"
	weightsName    = "weights.safetensors"
	checkpointName = "checkpoint.safetensors"
	resultsName    = "results"
	eventsName     = "events"
	lockName       = ".lock"
)

// Folder is an open run.
type Folder struct {
	// Dir is the path it was opened by.
	Dir string
	// Manifest as it stands in the folder. It is fixed when the run is created,
	// but for [Folder.SetTraining], [Folder.SetSeconds] and [Folder.SetChosen].
	Manifest Manifest

	lock    *flock.Flock
	metrics *appender
}

// Create makes the folder of a new run, writes the manifest and takes the
// lock; [Folder.Close] releases it. It fills in Format, Created and the
// versions of Go and of the machine. The folder must be new or empty.
func Create(dir string, m Manifest) (*Folder, error) {
	m.Format = Format
	m.Created = time.Now().UTC().Truncate(time.Second)
	m.Versions.Go, m.Versions.OS, m.Versions.Arch = runtime.Version(), runtime.GOOS, runtime.GOARCH
	if err := m.validate(); err != nil {
		return nil, fmt.Errorf("creating run %s: %w", dir, err)
	}
	if err := Vacant(dir); err != nil {
		return nil, err
	}
	f := &Folder{Dir: dir, Manifest: m}
	if err := f.create(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func (f *Folder) create() error {
	if err := os.MkdirAll(f.Dir, 0o777); err != nil {
		return fmt.Errorf("creating run: %w", err)
	}
	if err := f.Lock(); err != nil {
		return err
	}
	if err := Vacant(f.Dir); err != nil { // another process may have come first
		return err
	}
	if err := f.writeJSON(manifestName, f.Manifest); err != nil {
		_, failed := f.Discard()
		return errors.Join(err, failed)
	}
	return nil
}

// Vacant returns an error if dir holds anything but a lock, so that [Create]
// would refuse it.
func Vacant(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("creating run: %w", err)
	}
	if _, err := os.Stat(filepath.Join(dir, manifestName)); err == nil {
		return fmt.Errorf("%s already holds a run: resume that one, or choose another folder", dir)
	}
	for _, e := range entries {
		if e.Name() != lockName {
			return fmt.Errorf("%s holds other files (%s): want a new or empty folder for a run", dir, e.Name())
		}
	}
	return nil
}

// Open opens an existing run for reading.
func Open(dir string) (*Folder, error) {
	path := filepath.Join(dir, manifestName)
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(dir); err != nil {
			return nil, fmt.Errorf("no run at %s: %w", dir, fs.ErrNotExist)
		}
		return nil, fmt.Errorf("%s is not a run: it has no %s: %w", dir, manifestName, fs.ErrNotExist)
	}
	if err != nil {
		return nil, fmt.Errorf("opening run: %w", err)
	}
	m, err := parseManifest(raw)
	if err != nil {
		return nil, fmt.Errorf("reading manifest of run %s: %w", dir, err)
	}
	return &Folder{Dir: dir, Manifest: m}, nil
}

// Close releases the lock, if it is held. The run can still be read.
func (f *Folder) Close() error {
	var err error
	if f.metrics != nil {
		err = f.metrics.Close()
		f.metrics = nil
	}
	if f.lock != nil {
		err = errors.Join(err, f.lock.Unlock())
		f.lock = nil
	}
	return err
}

// Discard takes back a run that has kept nothing, no weights and no checkpoint:
// it removes what this package wrote, releases the lock, and removes the folder
// if it is empty then. It reports whether it did. A run that holds more is left
// as it is. Needs the lock.
func (f *Folder) Discard() (gone bool, err error) {
	f.mustLock("Discard")
	for _, name := range []string{weightsName, checkpointName} {
		if _, err := os.Stat(f.path(name)); !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
	}
	// The manifest first: without it the folder is no run any more.
	err = remove(f.path(manifestName), f.path(metricsName))
	err = errors.Join(err, f.Close())
	err = errors.Join(err, remove(f.path(lockName)))
	_ = os.Remove(f.Dir) // it may hold files of the user's
	if err != nil {
		err = fmt.Errorf("discarding run %s: %w", f.Dir, err)
	}
	return true, err
}

// remove removes files that may not exist.
func remove(paths ...string) (err error) {
	for _, p := range paths {
		if e := os.Remove(p); !errors.Is(e, fs.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	return err
}

func (f *Folder) path(name string) string { return filepath.Join(f.Dir, name) }

// missing explains an absent piece; other errors pass through.
func (f *Folder) missing(err error, piece, name, hint string) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("run %s has no %s (%s): %s: %w", f.Dir, piece, name, hint, fs.ErrNotExist)
	}
	return fmt.Errorf("run %s: %w", f.Dir, err)
}

// WriteAtomic replaces the file at path by what write writes, or leaves it as
// it was: a temporary file in the same folder is written, synced and renamed.
// Devices and pipes are written directly.
func WriteAtomic(path string, write func(io.Writer) error) error {
	return atomicfile.Write(path, write)
}
