package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// program under test as another process: the test binary is the command by the
// name of surprisal.
type process struct {
	path, dir string
}

func newProcess(t *testing.T) process {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "surprisal")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, path); err != nil {
		t.Skip("no symlinks here: ", err)
	}
	return process{path, dir}
}

func (p process) file(elem ...string) string {
	return filepath.Join(append([]string{p.dir}, elem...)...)
}

func (p process) command(args ...string) *exec.Cmd {
	cmd := exec.Command(p.path, args...)
	cmd.Dir = p.dir
	return cmd
}

// started is a command that runs, and what it prints.
type started struct {
	*exec.Cmd
	out *bytes.Buffer
}

func (p process) start(t *testing.T, args ...string) started {
	t.Helper()
	s := started{p.command(args...), &bytes.Buffer{}}
	s.Stdout, s.Stderr = s.out, s.out
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Process.Kill() })
	return s
}

// awaitWrites waits until the file has been replaced so many times.
func (s started) awaitWrites(t *testing.T, path string, times int) {
	t.Helper()
	var last time.Time
	for begin := time.Now(); times > 0; time.Sleep(time.Millisecond) {
		if info, err := os.Stat(path); err == nil && info.ModTime() != last {
			last = info.ModTime()
			times--
		}
		if time.Since(begin) > time.Minute {
			_ = s.Process.Kill()
			_ = s.Wait()
			t.Fatalf("%s was not written within a minute\n%s", path, s.out)
		}
	}
}

// ends waits for the command, wants its exit code and returns what it printed.
func (s started) ends(t *testing.T, code int) string {
	t.Helper()
	_ = s.Wait()
	if got := s.ProcessState.ExitCode(); got != code {
		t.Fatalf("%s: exit code %d, want %d\n%s", strings.Join(s.Args[1:], " "), got, code, s.out)
	}
	return s.out.String()
}

func wantText(t *testing.T, got string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(got, p) {
			t.Errorf("%q is not in what was printed:\n%s", p, got)
		}
	}
}

func sameFiles(t *testing.T, a, b string) {
	t.Helper()
	x, err := os.ReadFile(a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := os.ReadFile(b)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(x, y) {
		t.Errorf("%s and %s differ", a, b)
	}
}
