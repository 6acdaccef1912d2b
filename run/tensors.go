package run

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"strconv"

	"github.com/surprisal-go/surprisal/tensor"
	"github.com/surprisal-go/surprisal/tensor/safetensors"
)

// Metadata of the tensor files.
const (
	metaChecksum = "checksum"
	metaStep     = "step"
	metaState    = "state"
)

// SaveWeights replaces the best weights. Needs the lock.
func (f *Folder) SaveWeights(weights *tensor.Store) error {
	f.mustLock("SaveWeights")
	_, err := f.saveTensors(weightsName, weights, nil)
	return err
}

// LoadWeights returns the best weights and their checksum, which results carry.
func (f *Folder) LoadWeights() (weights *tensor.Store, checksum string, err error) {
	weights, meta, err := f.loadTensors(weightsName)
	if err != nil {
		return nil, "", f.missing(err, "weights", weightsName, "training has not saved any yet; resume it")
	}
	return weights, meta[metaChecksum], nil
}

// Checkpoint is everything needed to go on with training as if it had never
// stopped: parameters, moments, averages, best weights, fixed state and
// position.
type Checkpoint struct {
	// Step is the number of steps done.
	Step int64
	// State is the caller's own, in JSON. Go writes and reads a float64 in JSON
	// without loss, but not NaN or ±Inf.
	State json.RawMessage
	// Tensors by name; the caller chooses prefixes.
	Tensors *tensor.Store
}

// SaveCheckpoint replaces the checkpoint. The metrics appended before it are on
// disk when it is. Needs the lock.
func (f *Folder) SaveCheckpoint(c Checkpoint) error {
	f.mustLock("SaveCheckpoint")
	if len(c.State) > 0 && !json.Valid(c.State) {
		return fmt.Errorf("run %s: checkpoint state is not JSON", f.Dir)
	}
	if f.metrics != nil {
		if err := f.metrics.Sync(); err != nil {
			return fmt.Errorf("run %s: %w", f.Dir, err)
		}
	}
	_, err := f.saveTensors(checkpointName, c.Tensors, map[string]string{
		metaStep:  strconv.FormatInt(c.Step, 10),
		metaState: string(c.State),
	})
	return err
}

// LoadCheckpoint returns the last checkpoint. If there is none the error
// satisfies errors.Is(err, fs.ErrNotExist): the run starts from step 0.
func (f *Folder) LoadCheckpoint() (Checkpoint, error) {
	store, meta, err := f.loadTensors(checkpointName)
	if err != nil {
		return Checkpoint{}, f.missing(err, "checkpoint", checkpointName, "training was stopped before the first one")
	}
	step, err := strconv.ParseInt(meta[metaStep], 10, 64)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("run %s: %s: its step is %q, want a number", f.Dir, checkpointName, meta[metaStep])
	}
	return Checkpoint{Step: step, State: json.RawMessage(meta[metaState]), Tensors: store}, nil
}

// saveTensors replaces a file of tensors and returns their checksum.
func (f *Folder) saveTensors(name string, store *tensor.Store, meta map[string]string) (checksum string, err error) {
	if checksum, err = storeChecksum(store); err != nil {
		return "", fmt.Errorf("run %s: %s: %w", f.Dir, name, err)
	}
	all := map[string]string{metaChecksum: checksum}
	maps.Copy(all, meta)
	return checksum, safetensors.WriteFile(filepath.Join(f.Dir, name), store, all)
}

// loadTensors reads a file of tensors and checks their checksum.
func (f *Folder) loadTensors(name string) (*tensor.Store, map[string]string, error) {
	store, meta, err := safetensors.ReadFile(filepath.Join(f.Dir, name))
	if err != nil {
		return nil, nil, err
	}
	got, err := storeChecksum(store)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	if want := meta[metaChecksum]; got != want {
		return nil, nil, fmt.Errorf("%s is corrupt: its tensors have checksum %.15s…, want %.15s…", name, got, want)
	}
	return store, meta, nil
}

// storeChecksum identifies names, shapes and values: SHA-256 of the store as a
// safetensors file without metadata.
func storeChecksum(store *tensor.Store) (string, error) {
	h := sha256.New()
	if err := safetensors.Write(h, store, nil); err != nil {
		return "", err
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil)), nil
}
