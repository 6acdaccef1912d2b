package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/surprisal-go/surprisal/data"
	"github.com/surprisal-go/surprisal/model"
	"github.com/surprisal-go/surprisal/run"
)

// openRun opens a run, restores its model and returns the lab to use it in.
func (a *app) openRun(dir string) (*lab, *trained, error) {
	l, err := a.lab()
	if err != nil {
		return nil, nil, err
	}
	t, err := l.restore(dir)
	return l, t, err
}

func (l *lab) restore(dir string) (*trained, error) {
	folder, err := run.Open(dir)
	if err != nil {
		return nil, err
	}
	man := folder.Manifest
	fam, err := model.Lookup(man.Family)
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", dir, err)
	}
	cfg, err := configOf(fam, man)
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", dir, err)
	}
	m, err := fam.New(man.Space, cfg, l.exec)
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", dir, err)
	}
	weights, sum, err := folder.LoadWeights()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("run %s has no weights yet; train it with: surprisal train %s --run %s --resume", dir, man.Family, shellWord(dir))
	}
	if err != nil {
		return nil, err
	}
	if err := model.Restore(m, weights); err != nil {
		return nil, fmt.Errorf("run %s: %w", dir, err)
	}
	return &trained{model: m, folder: folder, weights: sum}, nil
}

// configOf are the settings that the run began with.
func configOf(fam model.Family, man run.Manifest) (any, error) {
	cfg := fam.Defaults(man.Space, man.Data.Splits["train"].Events)
	return cfg, model.Decode(cfg, man.Config)
}

// openSet reads the set that a run was trained on, and checks that it is the
// same. It lies at the path where it lay, or at another if that is told.
func openSet(man run.Manifest, at string) (*data.Set, error) {
	read, err := readOptions(man)
	if err != nil {
		return nil, err
	}
	set, err := data.Open(cmp.Or(at, man.Data.Ref), read)
	if err != nil {
		return nil, fmt.Errorf("the data of the run, named from the folder where it was trained: %w", err)
	}
	for name, b := range splits(set) {
		if want := man.Data.Splits[name].Checksum; want != "" && want != b.Checksum() {
			if at != "" {
				return nil, fmt.Errorf("%s is not what the run was trained on, which was %s: its %s events have another checksum", at, man.Data.Ref, name)
			}
			for _, source := range man.Data.Sources {
				if _, err := os.Stat(source.Path); errors.Is(err, fs.ErrNotExist) {
					return nil, fmt.Errorf("%s is no longer what the run was trained on: %s is gone; put it back", man.Data.Ref, source.Path)
				}
			}
			return nil, fmt.Errorf("%s is no longer what the run was trained on: its %s events have another checksum", man.Data.Ref, name)
		}
	}
	return set, nil
}

// readOptions are how the run's set was read.
func readOptions(man run.Manifest) (read data.Options, err error) {
	if err := json.Unmarshal(man.Data.Options, &read); err != nil {
		return read, fmt.Errorf("reading the run's data options: %w", err)
	}
	return read, nil
}
