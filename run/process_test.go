package run_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/surprisal-go/surprisal/run"
	"github.com/surprisal-go/surprisal/tensor"
)

// The tests of this file start the test program again as another process,
// which does what the variable says and nothing else.
const childVar = "SURPRISAL_RUN_TEST_CHILD"

func TestMain(m *testing.M) {
	if child, ok := children[os.Getenv(childVar)]; ok {
		if err := child(os.Args[1]); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var children = map[string]func(dir string) error{"hold": hold, "train": trainForever}

func child(t *testing.T, what, dir string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, dir)
	cmd.Env = append(os.Environ(), childVar+"="+what)
	return cmd
}

// start returns once the child has printed a line.
func start(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || line != "ready\n" {
		t.Fatalf("child says %q, %v", line, err)
	}
}

func kill(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // says that it was killed
}

func openLocked(dir string) (*run.Folder, error) {
	f, err := run.Open(dir)
	if err != nil {
		return nil, err
	}
	return f, f.Lock()
}

func hold(dir string) error {
	if _, err := openLocked(dir); err != nil {
		return err
	}
	fmt.Println("ready")
	time.Sleep(time.Minute)
	return nil
}

func TestLockExcludesOtherProcesses(t *testing.T) {
	f := create(t)
	out, err := child(t, "hold", f.Dir).CombinedOutput()
	if err == nil {
		t.Fatal("another process took the lock")
	}
	wantError(t, errors.New(string(out)), "in use", fmt.Sprintf("process %d", os.Getpid()), f.Dir)

	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	other := child(t, "hold", f.Dir)
	start(t, other)
	if err := f.Lock(); !errors.Is(err, run.ErrLocked) {
		t.Fatalf("error %v, want ErrLocked", err)
	}
	if _, err := run.Open(f.Dir); err != nil {
		t.Errorf("a run in use cannot be read: %v", err)
	}
	kill(t, other)
	if err := f.Lock(); err != nil {
		t.Errorf("the lock outlives its process: %v", err)
	}
}

func TestLockExcludesAnotherFolderOfThisProcess(t *testing.T) {
	f := create(t)
	if err := f.Lock(); err != nil {
		t.Errorf("locking twice: %v", err)
	}
	if _, err := openLocked(f.Dir); !errors.Is(err, run.ErrLocked) {
		t.Errorf("error %v, want ErrLocked", err)
	}
}

// trainForever writes metrics, weights and checkpoints as fast as it can. It is
// ready after its first step.
func trainForever(dir string) error {
	f, err := openLocked(dir)
	if err != nil {
		return err
	}
	step, err := resume(f)
	if err != nil {
		return err
	}
	for first := step; ; {
		step++
		if err := f.AppendMetric(metric{step, 1 / float64(step)}); err != nil {
			return err
		}
		s := stepStore(step)
		if err := errors.Join(f.SaveWeights(s), f.SaveCheckpoint(run.Checkpoint{Step: step, Tensors: s})); err != nil {
			return err
		}
		if step == first+1 { // so that no child is killed before it gets anywhere
			fmt.Println("ready")
		}
	}
}

func stepStore(step int64) *tensor.Store {
	s := &tensor.Store{}
	v := make([]uint64, 50_000) // some pages, so that a write takes a while
	for i := range v {
		v[i] = uint64(step)
	}
	s.Set("v", tensor.Of(v, len(v)))
	return s
}

// resume returns the step of the checkpoint, 0 without one.
func resume(f *run.Folder) (int64, error) {
	c, err := f.LoadCheckpoint()
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return 0, err
	}
	return c.Step, f.TruncateMetrics(c.Step)
}

// Whatever moment the kill hits, the run opens, its checkpoint is whole, and
// the metrics are those of its steps.
func TestKilledRunsResume(t *testing.T) {
	f := create(t)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	last := int64(0)
	for i := range 6 {
		cmd := child(t, "train", f.Dir)
		start(t, cmd)
		time.Sleep(time.Duration(20+17*i) * time.Millisecond)
		kill(t, cmd)

		g, err := openLocked(f.Dir)
		if err != nil {
			t.Fatal(err)
		}
		c, err := g.LoadCheckpoint()
		if err != nil {
			t.Fatal(err)
		}
		if c.Step <= last {
			t.Errorf("resumed at step %d after step %d", c.Step, last)
		}
		last = c.Step
		if c.Tensors.Must("v").Data.([]uint64)[49_999] != uint64(c.Step) {
			t.Errorf("the checkpoint of step %d holds other values", c.Step)
		}
		if _, err := resume(g); err != nil {
			t.Fatal(err)
		}
		var want []int64
		for s := range c.Step {
			want = append(want, s+1)
		}
		checkSteps(t, g, want...)
		if left, _ := filepath.Glob(filepath.Join(f.Dir, ".*partial*")); len(left) > 0 {
			t.Errorf("temporary files are left: %s", left)
		}
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Log("steps survived: " + strconv.FormatInt(last, 10))
}
