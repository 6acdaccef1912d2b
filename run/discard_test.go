package run_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/surprisal-go/surprisal/run"
)

func TestDiscardRemovesWhatHoldsNothing(t *testing.T) {
	f := create(t)
	if err := f.AppendMetric(metric{1, 0.5}); err != nil {
		t.Fatal(err)
	}
	if gone, err := f.Discard(); !gone || err != nil {
		t.Errorf("discarded: %v, %v", gone, err)
	}
	if _, err := os.Stat(f.Dir); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
	if again, err := run.Create(f.Dir, manifest()); err != nil {
		t.Errorf("creating it again: %v", err)
	} else if err := again.Close(); err != nil {
		t.Error(err)
	}
}

func TestDiscardKeepsWhatIsOfUse(t *testing.T) {
	f := create(t)
	if err := f.SaveWeights(weights(1)); err != nil {
		t.Fatal(err)
	}
	if gone, err := f.Discard(); gone || err != nil {
		t.Errorf("a run with weights: discarded %v, %v", gone, err)
	}
	if _, _, err := f.LoadWeights(); err != nil {
		t.Error(err)
	}

	f = create(t)
	notes := filepath.Join(f.Dir, "notes.txt")
	if err := os.WriteFile(notes, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if gone, err := f.Discard(); !gone || err != nil {
		t.Errorf("a run beside a user's file: discarded %v, %v", gone, err)
	}
	if _, err := os.Stat(notes); err != nil {
		t.Errorf("the user's file: %v", err)
	}
}
