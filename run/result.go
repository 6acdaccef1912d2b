package run

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/tensor"
)

// MaxEvents is the most events whose nats a run keeps.
const MaxEvents = 1_000_000

// ResultFormat is the version of what results say. Those of another version are
// read, but cannot be verified: see [Folder.CheckResult].
const ResultFormat = 2

// Result is a likelihood and what it is about.
type Result struct {
	// Format is the version of the result; SaveResult sets it to ResultFormat.
	// Results of the first version have none.
	Format     int                  `json:"format"`
	Likelihood surprisal.Likelihood `json:"likelihood"`
	// Weights is the checksum that LoadWeights returned, Config that of
	// Manifest.ConfigChecksum.
	Weights string `json:"weights"`
	Config  string `json:"config"`
	// Numerics names the bits that the executor gives.
	Numerics string  `json:"numerics"`
	Seconds  float64 `json:"seconds"`
	// Source is what was asked for where the events are not a split of the
	// run's own set; Bound and Seed are those of the draws of a bound.
	Source string `json:"source,omitempty"`
	Bound  string `json:"bound,omitempty"`
	Seed   uint64 `json:"seed,omitempty"`
	// Tails is how heavy the tails of the weights behind a bound are; nil where
	// that could not be told.
	Tails *Tails `json:"pareto,omitempty"`
	// Events is the checksum of the nats of every event, with their weights and
	// groups. Where the run does not keep them EventsNote says why. SetEvents
	// sets both.
	Events     string `json:"events,omitempty"`
	EventsNote string `json:"events_note,omitempty"`
	// Ordered as in surprisal.Batch; SetEvents sets it.
	Ordered bool `json:"ordered,omitempty"`
}

// SetEvents sets the fields that follow from the events, and Format.
func (r *Result) SetEvents(e Events) (err error) {
	r.Format, r.EventsNote, r.Ordered = ResultFormat, "", e.Ordered
	if n := len(e.Nats); n > MaxEvents {
		r.EventsNote = fmt.Sprintf("the nats of %d events are not kept (at most %d are)", n, MaxEvents)
	}
	r.Events, err = storeChecksum(e.store())
	return err
}

// Tails is what a result keeps of the shape k̂ of importance weights: its
// median over events, null where the largest weights of most are equal, and the
// share of events for which it is above 0.7.
type Tails struct {
	Median *float64 `json:"median_shape"`
	Heavy  float64  `json:"heavy_share"`
}

// Events are the parts of a result that comparing it with another needs, event
// by event in the order of the data.
type Events struct {
	// Nats is the surprisal −log p; +Inf where the probability is zero.
	Nats []float64
	// Weight and Group as in surprisal.Batch, or nil.
	Weight []float64
	Group  []int32
	// Ordered as in surprisal.Batch.
	Ordered bool
}

// SaveResult replaces the result of that name, usually a split's, and the nats
// of its events, from which it sets fields of r ([Result.SetEvents]). The nats
// of more than [MaxEvents] are not kept, only their checksum.
func (f *Folder) SaveResult(name string, r *Result, e Events) error {
	if err := checkName(name); err != nil {
		return fmt.Errorf("run %s: %w", f.Dir, err)
	}
	for _, dir := range []string{resultsName, eventsName} {
		if err := os.MkdirAll(f.path(dir), 0o777); err != nil {
			return fmt.Errorf("run %s: %w", f.Dir, err)
		}
	}
	if err := r.SetEvents(e); err != nil {
		return fmt.Errorf("run %s: %w", f.Dir, err)
	}
	// The events first: a kill in between leaves the old result with a checksum
	// that does not hold, and not a new result with old events.
	if r.EventsNote == "" {
		if _, err := f.saveTensors(eventsPath(name), e.store(), nil); err != nil {
			return err
		}
	} else if err := remove(f.path(eventsPath(name))); err != nil {
		return fmt.Errorf("run %s: %w", f.Dir, err)
	}
	return f.writeJSON(resultPath(name), r)
}

// Result returns the result of that name.
func (f *Folder) Result(name string) (Result, error) {
	var r Result
	raw, err := f.readResult(name)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		return r, fmt.Errorf("run %s: %s: %w", f.Dir, resultPath(name), err)
	}
	return r, nil
}

// readResult reads the file of a result.
func (f *Folder) readResult(name string) ([]byte, error) {
	if err := checkName(name); err != nil {
		return nil, fmt.Errorf("run %s: %w", f.Dir, err)
	}
	raw, err := os.ReadFile(f.path(resultPath(name)))
	if err != nil {
		return nil, f.missing(err, fmt.Sprintf("result %q", name), resultPath(name), f.known())
	}
	return raw, nil
}

// known names the results that there are.
func (f *Folder) known() string {
	names, err := f.resultNames()
	if err != nil || len(names) == 0 {
		return "it has not been evaluated"
	}
	return "it has " + strings.Join(names, ", ")
}

// resultNames are the names of the results, sorted.
func (f *Folder) resultNames() (names []string, err error) {
	entries, err := os.ReadDir(f.path(resultsName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("run %s: %w", f.Dir, err)
	}
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ".json"); ok && checkName(name) == nil {
			names = append(names, name)
		}
	}
	return names, nil
}

// Results returns all results by name.
func (f *Folder) Results() (map[string]Result, error) {
	names, err := f.resultNames()
	if err != nil {
		return nil, err
	}
	all := map[string]Result{}
	for _, name := range names {
		if all[name], err = f.Result(name); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Events returns the nats of every event behind the result of that name.
func (f *Folder) Events(name string) (Events, error) {
	r, err := f.Result(name)
	if err != nil {
		return Events{}, err
	}
	if r.EventsNote != "" {
		return Events{}, fmt.Errorf("run %s: result %q: %s", f.Dir, name, r.EventsNote)
	}
	store, meta, err := f.loadTensors(eventsPath(name))
	if err != nil {
		return Events{}, f.missing(err, "events of "+name, eventsPath(name), "evaluate it again")
	}
	if meta[metaChecksum] != r.Events {
		return Events{}, fmt.Errorf("run %s: the events of %q are not those of its result: evaluate it again", f.Dir, name)
	}
	e, err := eventsOf(store)
	e.Ordered = r.Ordered
	if err != nil {
		return Events{}, fmt.Errorf("run %s: %s: %w", f.Dir, eventsPath(name), err)
	}
	return e, nil
}

func resultPath(name string) string { return filepath.Join(resultsName, name+".json") }

func eventsPath(name string) string { return filepath.Join(eventsName, name+".safetensors") }

func (e Events) store() *tensor.Store {
	s := &tensor.Store{}
	s.Set("nats", tensor.Of(e.Nats, len(e.Nats)))
	if e.Weight != nil {
		s.Set("weight", tensor.Of(e.Weight, len(e.Weight)))
	}
	if e.Group != nil {
		s.Set("group", tensor.Of(e.Group, len(e.Group)))
	}
	return s
}

func eventsOf(s *tensor.Store) (e Events, err error) {
	e.Nats, err = vector[float64](s, "nats", -1)
	n := len(e.Nats)
	if _, ok := s.Get("weight"); ok && err == nil {
		e.Weight, err = vector[float64](s, "weight", n)
	}
	if _, ok := s.Get("group"); ok && err == nil {
		e.Group, err = vector[int32](s, "group", n)
	}
	return e, err
}

// vector returns a tensor's values; n −1 is any number of them.
func vector[T tensor.Elem](s *tensor.Store, name string, n int) ([]T, error) {
	t, _ := s.Get(name)
	v, ok := t.Data.([]T)
	if !ok || n >= 0 && len(v) != n {
		return nil, fmt.Errorf("tensor %q is missing or of the wrong type or length", name)
	}
	return v, nil
}

var goodName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)

// checkName keeps results inside the folder.
func checkName(name string) error {
	if !goodName.MatchString(name) {
		return fmt.Errorf("name of a result %q: want letters, digits, and . - _ after the first", name)
	}
	return nil
}
