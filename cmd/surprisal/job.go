package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/surprisal-go/surprisal/data"
	"github.com/surprisal-go/surprisal/internal/kern"
	"github.com/surprisal-go/surprisal/model"
	"github.com/surprisal-go/surprisal/run"
	"github.com/surprisal-go/surprisal/train"
)

// job is one training.
type job struct {
	family model.Family
	config any
	set    *data.Set
	ref    string
	read   data.Options
	opts   train.Options
	dir    string
	resume bool
	turn   turn // among trainings by other seeds
	anew   bool // a resumed run was given other limits
}

// open creates the job's folder, or locks the one to resume.
func (j job) open() (*run.Folder, error) {
	if j.resume {
		f, err := run.Open(j.dir)
		if err != nil {
			return nil, err
		}
		if err = f.Lock(); err == nil && j.anew {
			err = f.SetTraining(j.opts)
		}
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		return f, nil
	}
	m, err := j.manifest()
	if err != nil {
		return nil, err
	}
	return run.Create(j.dir, m)
}

func (j job) manifest() (run.Manifest, error) {
	m := run.Manifest{
		Family: j.family.Name, Seed: uint64(j.opts.Seed), Space: j.set.Space,
		Versions: run.Versions{Surprisal: version, Numerics: kern.Version},
		Data:     run.Data{Ref: j.ref, Splits: map[string]run.Split{}},
	}
	for name, b := range splits(j.set) {
		m.Data.Splits[name] = run.Split{Events: b.Len(), Checksum: b.Checksum()}
	}
	for _, s := range j.set.Sources {
		info, err := os.Stat(s.Path)
		if err != nil {
			return m, fmt.Errorf("writing the manifest: %w", err)
		}
		m.Data.Sources = append(m.Data.Sources, run.Source{Path: s.Path, Bytes: info.Size(), Checksum: "sha256:" + s.SHA256})
	}
	for _, part := range []struct {
		dst *json.RawMessage
		v   any
	}{{&m.Config, j.config}, {&m.Training, j.opts}, {&m.Data.Options, j.read}} {
		raw, err := json.Marshal(part.v)
		if err != nil {
			return m, fmt.Errorf("writing the manifest: %w", err)
		}
		*part.dst = raw
	}
	return m, nil
}

// stopped takes back a new run that has kept nothing, and says how to go on
// with one that has, where a signal or the disk has stopped it.
func (j job) stopped(folder *run.Folder, err error) error {
	interrupted, system := errors.Is(err, train.ErrInterrupted), errors.As(err, new(syscall.Errno))
	if !j.resume {
		gone, failed := folder.Discard()
		switch {
		case failed != nil:
			return fmt.Errorf("%w (and %w)", err, failed)
		case gone && j.turn.at > 0: // the seeds before are there
		case gone && interrupted:
			return fmt.Errorf("%w; nothing was kept", err)
		case gone:
			return err
		}
	}
	if !interrupted && !system {
		return err
	}
	return fmt.Errorf("%w; go on with: %s", err, j.again())
}
