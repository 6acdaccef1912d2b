package run_test

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/alter"
	"github.com/surprisal-go/surprisal/run"
)

// full is a result with every field set.
func full() run.Result {
	r := result()
	median := 0.4
	r.Likelihood.Scalar, r.Likelihood.Given, r.Likelihood.Warnings, r.Likelihood.Samples = surprisal.TextByte, "y", []string{"a", "b"}, 64
	r.Likelihood.Infinite = 0
	r.Source, r.Bound, r.Seed, r.Tails, r.Ordered = "rows.csv", "iw", math.MaxUint64, &run.Tails{Median: &median, Heavy: 0.25}, true
	return r
}

// TestEveryFieldIsChecked: a result that is altered in any one place of its
// JSON is refused by the name of that place; the seconds alone may differ.
func TestEveryFieldIsChecked(t *testing.T) {
	f := create(t)
	kept := full()
	e := run.Events{Nats: []float64{1, 2}, Ordered: true}
	if err := f.SaveResult("test", &kept, e); err != nil {
		t.Fatal(err)
	}
	again := full()
	again.Seconds = 99
	if err := again.SetEvents(e); err != nil {
		t.Fatal(err)
	}
	if err := f.CheckResult("test", again); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(f.Dir, "results", "test.json")
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	places := 0
	for path, altered := range alter.JSON(raw) {
		if err := os.WriteFile(file, altered, 0o666); err != nil {
			t.Fatal(err)
		}
		err := f.CheckResult("test", again)
		if path == "seconds" {
			if err != nil {
				t.Errorf("other seconds: %v", err)
			}
			continue
		}
		if places++; err == nil || !strings.Contains(err.Error(), "its "+path) {
			t.Errorf("altered %s: %v", path, err)
		}
	}
	if want := 30; places < want {
		t.Errorf("%d places were altered, want at least %d", places, want)
	}
}

// TestNumbersNotKnown: the error of one event is NaN, and verifies.
func TestNumbersNotKnown(t *testing.T) {
	f := create(t)
	kept, again := result(), result()
	kept.Likelihood.StdErr, again.Likelihood.StdErr = math.NaN(), math.NaN()
	e := run.Events{Nats: []float64{1}}
	if err := f.SaveResult("test", &kept, e); err != nil {
		t.Fatal(err)
	}
	if err := again.SetEvents(e); err != nil {
		t.Fatal(err)
	}
	if err := f.CheckResult("test", again); err != nil {
		t.Error(err)
	}
	again.Likelihood.StdErr = 0.1
	wantError(t, f.CheckResult("test", again), "its likelihood.stderr is null, computed again it is 0.1")
}

// TestNumbersWrittenOtherwise: a file that another program has written anew is
// the same result.
func TestNumbersWrittenOtherwise(t *testing.T) {
	f := create(t)
	r := result()
	r.Likelihood.StdErr = 1e-7
	if err := f.SaveResult("test", &r, run.Events{Nats: []float64{1}}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(f.Dir, "results", "test.json")
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	other := strings.Replace(string(raw), "1e-7", "0.00000010", 1)
	if other == string(raw) {
		other = strings.Replace(string(raw), "1e-07", "0.00000010", 1)
	}
	if other == string(raw) {
		t.Fatalf("no number to write otherwise in %s", raw)
	}
	if err := os.WriteFile(file, []byte(other), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := f.CheckResult("test", r); err != nil {
		t.Error(err)
	}
}
