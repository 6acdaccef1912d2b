package run_test

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/surprisal-go/surprisal/run"
)

type metric struct {
	Step int64   `json:"step"`
	Nats float64 `json:"nats"`
}

func appendSteps(t *testing.T, f *run.Folder, steps ...int64) {
	t.Helper()
	for _, s := range steps {
		if err := f.AppendMetric(metric{s, 1 / float64(s)}); err != nil {
			t.Fatal(err)
		}
	}
}

func checkSteps(t *testing.T, f *run.Folder, want ...int64) {
	t.Helper()
	ms, err := run.Metrics[metric](f)
	if err != nil {
		t.Fatal(err)
	}
	var got []int64
	for _, m := range ms {
		if m.Nats != 1/float64(m.Step) {
			t.Errorf("step %d came back with %v", m.Step, m.Nats)
		}
		got = append(got, m.Step)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

func reopen(t *testing.T, f *run.Folder) *run.Folder {
	t.Helper()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	g, err := run.Open(f.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Lock(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.Close() })
	return g
}

// tear adds what a killed process may leave at the end of the file.
func tear(t *testing.T, f *run.Folder, text string) {
	t.Helper()
	w, err := os.OpenFile(filepath.Join(f.Dir, "metrics.jsonl"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestMetricsAppendAndReopen(t *testing.T) {
	f := create(t)
	checkSteps(t, f)
	appendSteps(t, f, 1, 2)
	f = reopen(t, f)
	appendSteps(t, f, 3)
	checkSteps(t, f, 1, 2, 3)
}

func TestTornLastLine(t *testing.T) {
	for _, torn := range []string{`{"step":3,"na`, `{"step":3,"nats":1}`, "\x00\x00\x00"} {
		f := create(t)
		appendSteps(t, f, 1, 2)
		tear(t, f, torn)
		checkSteps(t, f, 1, 2)
		f = reopen(t, f)
		appendSteps(t, f, 4)
		checkSteps(t, f, 1, 2, 4)
	}
}

func TestCorruptLineIsNamed(t *testing.T) {
	f := create(t)
	appendSteps(t, f, 1)
	tear(t, f, "{\n{}\n")
	_, err := run.Metrics[metric](f)
	wantError(t, err, "metrics.jsonl line 2")
	wantError(t, f.TruncateMetrics(9), "metrics.jsonl line 2")
}

func TestTruncateMetrics(t *testing.T) {
	f := create(t)
	appendSteps(t, f, 1, 2, 3, 4)
	tear(t, f, `{"st`)
	if err := f.TruncateMetrics(2); err != nil {
		t.Fatal(err)
	}
	checkSteps(t, f, 1, 2)
	appendSteps(t, f, 3) // the old file is not written to any more
	checkSteps(t, f, 1, 2, 3)
	if err := f.TruncateMetrics(0); err != nil {
		t.Fatal(err)
	}
	checkSteps(t, f)
}

func TestMetricsRefused(t *testing.T) {
	f := create(t)
	wantError(t, f.AppendMetric(map[string]float64{"nats": 1}), `no "step"`)
	wantError(t, f.AppendMetric(metric{1, math.NaN()}), "NaN")
	wantError(t, f.AppendMetric([]int{1}), "metric")
	checkSteps(t, f)
}
