package train_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/surprisal-go/surprisal/engine/cpu"
	"github.com/surprisal-go/surprisal/run"
	"github.com/surprisal-go/surprisal/train"
)

// folder records into a run.
type folder struct{ *run.Folder }

func (f folder) Metric(m train.Metric) error { return f.AppendMetric(m) }

func (f folder) Checkpoint(s *train.State) error {
	store, meta, err := s.Encode()
	if err != nil {
		return err
	}
	return f.SaveCheckpoint(run.Checkpoint{Step: int64(s.Step), State: meta, Tensors: store})
}

// trainInFolder trains the noisy model in a folder, from its checkpoint if it
// has one.
func trainInFolder(t *testing.T, dir string) *gaussian {
	tr, va := events(45, 3, 2, 0), events(20, 3, 3, 1000)
	opts := train.Options{Seed: 5, Steps: 400, Batch: 10, ValidEvery: 50, SaveEvery: time.Millisecond}
	g, ex := noisy(), cpu.New(cpu.Options{Threads: 2})
	f, err := run.Open(dir)
	if err != nil {
		f, err = run.Create(dir, run.Manifest{Family: "gaussian", Config: json.RawMessage(`{}`), Space: tr.Space})
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := train.Fit(context.Background(), g, tr, va, ex, opts, folder{f}); err != nil {
			t.Fatal(err)
		}
		return g
	}
	defer f.Close()
	if err := f.Lock(); err != nil {
		t.Fatal(err)
	}
	c, err := f.LoadCheckpoint()
	if err != nil {
		t.Fatal(err)
	}
	if err := f.TruncateMetrics(c.Step); err != nil {
		t.Fatal(err)
	}
	from, err := train.Decode(c.Tensors, c.State)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("resumed from step %d of %d", from.Step, opts.Steps)
	if _, err := train.Resume(context.Background(), from, g, tr, va, ex, opts, folder{f}); err != nil {
		t.Fatal(err)
	}
	return g
}

const childFolder = "SURPRISAL_TEST_TRAIN_IN"

// TestKill9AndResume kills a process that trains in a folder, and resumes.
func TestKill9AndResume(t *testing.T) {
	if dir := os.Getenv(childFolder); dir != "" {
		trainInFolder(t, dir)
		return
	}
	undisturbed := filepath.Join(t.TempDir(), "undisturbed")
	want := trainInFolder(t, undisturbed)

	dir := filepath.Join(t.TempDir(), "killed")
	child := exec.Command(os.Args[0], "-test.run=^TestKill9AndResume$")
	child.Env = append(os.Environ(), childFolder+"="+dir)
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(time.Millisecond) {
		if f, err := run.Open(dir); err == nil {
			c, err := f.LoadCheckpoint()
			f.Close()
			if err == nil && c.Step >= 20 {
				break
			}
		}
		if time.Now().After(deadline) {
			t.Error("the child has saved no checkpoint")
			break
		}
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := child.Wait(); err == nil {
		t.Fatal("the child ended before it was killed")
	}
	sameState(t, "killed and resumed", trainInFolder(t, dir).State(), want.State())

	if diff := cmp.Diff(metrics(t, undisturbed), metrics(t, dir)); diff != "" {
		t.Errorf("metrics differ (-undisturbed +resumed):\n%s", diff)
	}
}

// metrics are the metrics of a run without the time that they took.
func metrics(t *testing.T, dir string) []train.Metric {
	t.Helper()
	f, err := run.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out, err := run.Metrics[train.Metric](f)
	if err != nil {
		t.Fatal(err)
	}
	for i := range out {
		out[i].Seconds = 0
	}
	return out
}
