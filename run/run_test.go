package run_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/run"
	"github.com/surprisal-go/surprisal/tensor"
)

func manifest() run.Manifest {
	return run.Manifest{
		Family: "made",
		Config: json.RawMessage(`{"hidden":[500],"note":"a<b"}`),
		Seed:   1<<63 + 1,
		Data: run.Data{
			Ref:     "tree64",
			Sources: []run.Source{{Path: "a.csv", Bytes: 12, Checksum: "sha256:00"}},
			Splits:  map[string]run.Split{"test": {Events: 2, Checksum: "sha256:11"}},
		},
		Space:    &surprisal.Space{Fields: []surprisal.Field{{Name: "x", Kind: surprisal.Binary, Shape: []int{64}, Levels: 2}}},
		Versions: run.Versions{Surprisal: "v0.1.0", Numerics: "1"},
	}
}

func create(t *testing.T) *run.Folder {
	t.Helper()
	f, err := run.Create(filepath.Join(t.TempDir(), "r1"), manifest())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func weights(v float32) *tensor.Store {
	s := &tensor.Store{}
	s.Set("w", tensor.Of([]float32{v, 2}, 2))
	s.Set("step", tensor.Of([]uint64{7}))
	return s
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("error %q, want %q in it", err, p)
		}
	}
}

func TestManifestRoundTrip(t *testing.T) {
	f := create(t)
	g, err := run.Open(f.Dir)
	if err != nil {
		t.Fatal(err)
	}
	a, err := f.Manifest.ConfigChecksum()
	if err != nil {
		t.Fatal(err)
	}
	b, err := g.Manifest.ConfigChecksum()
	if err != nil {
		t.Fatal(err)
	}
	if a != b || a == "" {
		t.Errorf("checksum of the config %s became %s", a, b)
	}
	f.Manifest.Config, g.Manifest.Config = nil, nil // differ in spacing
	if diff := cmp.Diff(f.Manifest, g.Manifest); diff != "" {
		t.Errorf("manifest (-written +read):\n%s", diff)
	}
	if g.Manifest.Versions.Go == "" || g.Manifest.Created.IsZero() || g.Manifest.Format != run.Format {
		t.Errorf("manifest %+v lacks what Create fills in", g.Manifest)
	}
}

func TestConfigChecksumSeesSettings(t *testing.T) {
	sum := func(config string) string {
		s, err := run.Manifest{Config: json.RawMessage(config)}.ConfigChecksum()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if sum(`{"a":1,"b":2}`) != sum(`{ "b": 2, "a": 1 }`) {
		t.Error("order or spacing changes the checksum")
	}
	if sum(`{"a":1}`) == sum(`{"a":2}`) {
		t.Error("two configs have one checksum")
	}
	if sum(`{"a":9007199254740993}`) == sum(`{"a":9007199254740992}`) {
		t.Error("large numbers are rounded")
	}
}

func TestCreateRefuses(t *testing.T) {
	f := create(t)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := run.Create(f.Dir, manifest())
	wantError(t, err, "already holds a run", f.Dir)

	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "thesis.tex"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	_, err = run.Create(dir, manifest())
	wantError(t, err, "thesis.tex", "empty folder")
	if e, _ := os.ReadDir(dir); len(e) != 1 {
		t.Errorf("a refused folder has %d entries, want its one", len(e))
	}

	m := manifest()
	m.Space = nil
	_, err = run.Create(filepath.Join(t.TempDir(), "r"), m)
	wantError(t, err, "space")

	file := filepath.Join(dir, "thesis.tex", "r")
	_, err = run.Create(file, manifest())
	wantError(t, err, "creating run")
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	_, err := run.Open(filepath.Join(dir, "none"))
	wantError(t, err, "no run at")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v is not fs.ErrNotExist", err)
	}
	_, err = run.Open(dir)
	wantError(t, err, "manifest.json")

	for name, c := range map[string]struct{ text, want string }{
		"newer":     {`{"format":2,"family":{"of":"the future"}}`, "update surprisal"},
		"older":     {`{"format":0}`, "format 0"},
		"torn":      {`{"format":1,"fam`, "unexpected end"},
		"no family": {`{"format":1}`, "no family"},
		"no space":  {`{"format":1,"family":"made","config":{}}`, "no space"},
		"bad space": {`{"format":1,"family":"made","config":{},"space":{"fields":[]}}`, "space has no fields"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(filepath.Join(dir, "manifest.json"), []byte(c.text), 0o666); err != nil {
				t.Fatal(err)
			}
			_, err := run.Open(dir)
			wantError(t, err, c.want, dir)
			if got := errors.Is(err, run.ErrNewer); got != (name == "newer") {
				t.Errorf("errors.Is(err, ErrNewer) is %v", got)
			}
		})
	}
	known := `{"format":1,"family":"made","config":{},"space":{"fields":[{"name":"x","kind":"real","new":1}]},"news":[1]}`
	if err := os.WriteFile(filepath.Join(dir, "manifest.json"), []byte(known), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := run.Open(dir); err != nil {
		t.Errorf("unknown members of the same format: %v", err)
	}
}

func TestWeightsAndCheckpoint(t *testing.T) {
	f := create(t)
	_, _, err := f.LoadWeights()
	wantError(t, err, "has no weights", "resume")
	if _, err = f.LoadCheckpoint(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want one of kind fs.ErrNotExist", err)
	}

	for _, v := range []float32{1, -1} { // the second replaces the first
		if err := f.SaveWeights(weights(v)); err != nil {
			t.Fatal(err)
		}
	}
	got, sum, err := f.LoadWeights()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(weights(-1).Must("w"), got.Must("w")); diff != "" || got.Len() != 2 {
		t.Errorf("weights (-want +got):\n%s", diff)
	}
	if err := f.SaveWeights(weights(1)); err != nil {
		t.Fatal(err)
	}
	if _, other, _ := f.LoadWeights(); other == sum || !strings.HasPrefix(sum, "sha256:") {
		t.Errorf("checksums %s and %s of different weights", sum, other)
	}

	c := run.Checkpoint{Step: 1 << 40, State: json.RawMessage(`{"best": 0.1}`), Tensors: weights(3)}
	if err := f.SaveCheckpoint(c); err != nil {
		t.Fatal(err)
	}
	back, err := f.LoadCheckpoint()
	if err != nil {
		t.Fatal(err)
	}
	if back.Step != c.Step || string(back.State) != string(c.State) {
		t.Errorf("checkpoint at %d with %s, want %d with %s", back.Step, back.State, c.Step, c.State)
	}
	if diff := cmp.Diff(c.Tensors.Must("w"), back.Tensors.Must("w")); diff != "" {
		t.Error(diff)
	}
	wantError(t, f.SaveCheckpoint(run.Checkpoint{State: json.RawMessage(`{`), Tensors: weights(1)}), "not JSON")
}

// A flipped bit among the values leaves a well-formed file.
func TestFlippedBitsAreFound(t *testing.T) {
	f := create(t)
	if err := f.SaveWeights(weights(1)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(f.Dir, "weights.safetensors")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)-1] ^= 1
	if err := os.WriteFile(path, raw, 0o666); err != nil {
		t.Fatal(err)
	}
	_, _, err = f.LoadWeights()
	wantError(t, err, "corrupt", "weights.safetensors")
	if err := os.WriteFile(path, raw[:len(raw)-1], 0o666); err != nil {
		t.Fatal(err)
	}
	_, _, err = f.LoadWeights()
	wantError(t, err, "cut off", "weights.safetensors")
}

func result() run.Result {
	return run.Result{
		Likelihood: surprisal.Likelihood{
			Nats: 1.5, Infinite: 1, StdErr: 0.5, N: 3, Dims: 64, Measure: surprisal.Mass, Split: "test",
			Data: surprisal.DataRef{Name: "tree64", Checksum: "sha256:11"},
		},
		Weights: "sha256:22", Config: "sha256:33", Numerics: "1", Seconds: 0.25,
	}
}

func TestResults(t *testing.T) {
	f := create(t)
	if all, err := f.Results(); err != nil || len(all) != 0 {
		t.Errorf("a new run has results %v, %v", all, err)
	}
	_, err := f.Result("test")
	wantError(t, err, `no result "test"`)
	if err := f.Close(); err != nil { // results need no lock
		t.Fatal(err)
	}

	r := result()
	want := run.Events{Nats: []float64{1, 2, math.Inf(1)}, Weight: []float64{1, 1, 2}, Group: []int32{0, 0, 1}}
	if err := f.SaveResult("test", &r, want); err != nil {
		t.Fatal(err)
	}
	plain := result()
	if err := f.SaveResult("valid", &plain, run.Events{Nats: []float64{4}}); err != nil {
		t.Fatal(err)
	}
	all, err := f.Results()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]run.Result{"test": r, "valid": plain}, all); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	got, err := f.Events("test")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if got, err = f.Events("valid"); err != nil || got.Weight != nil || got.Group != nil {
		t.Errorf("events without weights and groups came back as %v, %v", got, err)
	}
}

func TestStaleEventsAreFound(t *testing.T) {
	f := create(t)
	r, s := result(), result()
	if err := f.SaveResult("test", &r, run.Events{Nats: []float64{1}}); err != nil {
		t.Fatal(err)
	}
	if err := f.SaveResult("other", &s, run.Events{Nats: []float64{2}}); err != nil {
		t.Fatal(err)
	}
	events := filepath.Join(f.Dir, "events")
	if err := os.Rename(filepath.Join(events, "other.safetensors"), filepath.Join(events, "test.safetensors")); err != nil {
		t.Fatal(err)
	}
	_, err := f.Events("test")
	wantError(t, err, "not those of its result", "evaluate it again")
	_, err = f.Events("other")
	wantError(t, err, "has no events of other")
}

func TestTooManyEventsLeaveANote(t *testing.T) {
	f := create(t)
	r := result()
	if err := f.SaveResult("test", &r, run.Events{Nats: make([]float64, run.MaxEvents+1)}); err != nil {
		t.Fatal(err)
	}
	_, err := f.Events("test")
	wantError(t, err, "1000001 events are not kept")

	// Their checksum is, and tells other nats.
	other := make([]float64, run.MaxEvents+1)
	other[7] = 1e-9
	again := result()
	if err := again.SetEvents(run.Events{Nats: other}); err != nil {
		t.Fatal(err)
	}
	wantError(t, f.CheckResult("test", again), "its events is")
	if err := again.SetEvents(run.Events{Nats: make([]float64, run.MaxEvents+1)}); err != nil {
		t.Fatal(err)
	}
	if err := f.CheckResult("test", again); err != nil {
		t.Error(err)
	}
}

func TestNamesStayInTheFolder(t *testing.T) {
	f := create(t)
	for _, name := range []string{"", "..", "../x", "a/b", ".hidden", "a b", "a\n"} {
		r := result()
		if err := f.SaveResult(name, &r, run.Events{}); err == nil {
			t.Errorf("result %q was saved", name)
		}
		if _, err := f.Result(name); err == nil {
			t.Errorf("result %q was read", name)
		}
	}
}

func TestWritingWithoutTheLockPanics(t *testing.T) {
	f := create(t)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for name, write := range map[string]func() error{
		"SaveWeights":     func() error { return f.SaveWeights(weights(1)) },
		"SaveCheckpoint":  func() error { return f.SaveCheckpoint(run.Checkpoint{Tensors: weights(1)}) },
		"AppendMetric":    func() error { return f.AppendMetric(map[string]int{"step": 1}) },
		"TruncateMetrics": func() error { return f.TruncateMetrics(1) },
	} {
		func() {
			defer func() {
				if msg, _ := recover().(string); !strings.Contains(msg, "run: "+name) {
					t.Errorf("%s: panic %q, want one that names it", name, msg)
				}
			}()
			_ = write()
		}()
	}
}
