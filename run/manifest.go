package run

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/atomicfile"
)

// Format is the version of the folder's layout that this package writes. It
// grows when an older program could misread the folder.
const Format = 1

// ErrNewer is the kind of error for a run written by a newer program.
var ErrNewer = errors.New("the run comes from a newer version of surprisal")

// Manifest says what was run. With the same program it is enough to train the
// same weights again.
type Manifest struct {
	Format int    `json:"format"`
	Family string `json:"family"`
	// Config holds the family's settings, Training those of the training loop
	// (batch size, steps, patience).
	Config   json.RawMessage  `json:"config"`
	Training json.RawMessage  `json:"training,omitempty"`
	Seed     uint64           `json:"seed"`
	Data     Data             `json:"data"`
	Space    *surprisal.Space `json:"space"`
	Versions Versions         `json:"versions"`
	Created  time.Time        `json:"created"`
	// Seconds that the training took, all sessions together; 0 before its end.
	Seconds float64 `json:"seconds,omitempty"`
	// Chosen is set where the run was the best of several by some events.
	Chosen *Chosen `json:"chosen,omitempty"`
}

// Data says what the run was trained on and how to read it again.
type Data struct {
	// Ref is what was asked for: the name of a set or a path.
	Ref string `json:"ref"`
	// Options of reading and splitting, as the reader takes them.
	Options json.RawMessage `json:"options,omitempty"`
	// Sources are the files that were read; none for sets made by the program.
	Sources []Source `json:"sources,omitempty"`
	// Splits by name.
	Splits map[string]Split `json:"splits"`
}

// Source is a file that was read.
type Source struct {
	Path     string `json:"path"`
	Bytes    int64  `json:"bytes"`
	Checksum string `json:"checksum"`
}

// Split is a part of the set.
type Split struct {
	Events   int    `json:"events"`
	Checksum string `json:"checksum"` // see surprisal.Batch.Checksum
}

// Versions of what computed the run. The caller gives the first two.
type Versions struct {
	Surprisal string `json:"surprisal"`
	// Numerics names the bits that the executor gives.
	Numerics string `json:"numerics"`
	Go       string `json:"go"`
	OS       string `json:"os"`
	Arch     string `json:"arch"`
}

// ConfigChecksum identifies Config: equal settings have equal checksums,
// whatever their order and spacing.
func (m Manifest) ConfigChecksum() (string, error) {
	dec := json.NewDecoder(bytes.NewReader(m.Config))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return "", fmt.Errorf("config: %w", err)
	}
	canonical, err := json.Marshal(v) // sorts the names
	if err != nil {
		return "", fmt.Errorf("config: %w", err)
	}
	sum := sha256.Sum256(canonical)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}

func parseManifest(raw []byte) (Manifest, error) {
	var m Manifest
	var v struct {
		Format int `json:"format"`
	}
	// The version first: the rest of a newer manifest may have other types.
	if err := json.Unmarshal(raw, &v); err != nil {
		return m, err
	}
	if v.Format > Format {
		return m, fmt.Errorf("%w: it has format %d, want at most %d; update surprisal to read it", ErrNewer, v.Format, Format)
	}
	if v.Format < 1 {
		return m, fmt.Errorf("format %d, want 1 to %d: not the manifest of a run", v.Format, Format)
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		return m, err
	}
	return m, m.validate()
}

func (m Manifest) validate() error {
	switch {
	case m.Family == "":
		return errors.New("manifest names no family")
	case len(m.Config) == 0:
		return errors.New("manifest has no config")
	case m.Space == nil:
		return errors.New("manifest has no space")
	}
	if err := m.Space.Validate(); err != nil {
		return fmt.Errorf("space: %w", err)
	}
	return nil
}

// SetTraining writes into the manifest the options by which a resumed run goes
// on: its limits may be others than those it began with. It needs the lock.
func (f *Folder) SetTraining(options any) error {
	f.mustLock("SetTraining")
	raw, err := json.Marshal(options)
	if err != nil {
		return fmt.Errorf("run %s: training options: %w", f.Dir, err)
	}
	f.Manifest.Training = raw
	return f.writeJSON(manifestName, f.Manifest)
}

// SetSeconds writes into the manifest how long the training took. It needs the
// lock.
func (f *Folder) SetSeconds(seconds float64) error {
	f.mustLock("SetSeconds")
	f.Manifest.Seconds = seconds
	return f.writeJSON(manifestName, f.Manifest)
}

// writeJSON replaces a file of the folder, indented for people.
func (f *Folder) writeJSON(name string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("run %s: %s: %w", f.Dir, name, err)
	}
	return atomicfile.Write(filepath.Join(f.Dir, name), func(w io.Writer) error {
		_, err := w.Write(append(b, '\n'))
		return err
	})
}
