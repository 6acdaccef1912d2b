//go:build unix

package run_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/surprisal-go/surprisal/run"
	"github.com/surprisal-go/surprisal/tensor"
)

// A limit on the size of files stands in for a full disk: the system writes as
// much as fits and then fails.
const fileLimit = 4096

func init() { children["full"] = onFullDisk }

func TestFullDiskLeavesTheOldFiles(t *testing.T) {
	f := create(t)
	if err := f.SaveWeights(weights(1)); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if out, err := child(t, "full", f.Dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if _, _, err := f.LoadWeights(); err != nil {
		t.Error(err)
	}
	if _, err := run.Metrics[metric](f); err != nil {
		t.Error(err)
	}
	raw, err := os.ReadFile(filepath.Join(f.Dir, "metrics.jsonl"))
	if err != nil || len(raw) < fileLimit/2 || !bytes.HasSuffix(raw, []byte("\n")) {
		t.Errorf("metrics of %d bytes end in a torn line (%v)", len(raw), err)
	}
	if left, _ := filepath.Glob(filepath.Join(f.Dir, ".*partial*")); len(left) > 0 {
		t.Errorf("temporary files are left: %s", left)
	}
}

func onFullDisk(dir string) error {
	f, err := openLocked(dir)
	if err != nil {
		return err
	}
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: fileLimit, Max: fileLimit}); err != nil {
		return err
	}
	big := &tensor.Store{}
	big.Set("w", tensor.New[float32](fileLimit))
	if err := f.SaveWeights(big); !errors.Is(err, syscall.EFBIG) {
		return fmt.Errorf("saving weights on a full disk: %w", err)
	}
	for step := int64(1); ; step++ {
		err := f.AppendMetric(metric{step, 1 / float64(step)})
		if errors.Is(err, syscall.EFBIG) {
			return f.Close()
		}
		if err != nil || step > fileLimit {
			return fmt.Errorf("step %d on a full disk: %w", step, err)
		}
	}
}
