package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/surprisal-go/surprisal/bench"
)

// child is a peer's process. It runs for a number of seconds when it is told
// to and waits in between, so that never two sides run at once.
type child struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	// out has the lines of its standard output, and ends when they do.
	out    <-chan []byte
	stderr *strings.Builder
	hello  hello
	paces  []bench.Pace // of its turns
	memory memory
}

// hello is a peer's first line.
type hello struct {
	Peer      string  `json:"peer"`
	Settings  string  `json:"settings"`
	Params    int     `json:"params"`
	FirstNats float64 `json:"first_nats"` // before the first step
	memory
	Error string `json:"error"`
}

// slack is how long a peer may take beyond the time that it was given:
// compilation, and a machine that others use.
const slack = 5 * time.Minute

var errNotInstalled = errors.New("not installed: run bench/peers/install")

// start runs a peer and waits until it is ready and warm.
func start(dir, peer string, w bench.Work, threads int) (*child, error) {
	python := filepath.Join(dir, ".venv", "bin", "python")
	if _, err := os.Stat(python); err != nil {
		return nil, errNotInstalled
	}
	c := &child{stderr: &strings.Builder{}}
	c.cmd = exec.Command(python, filepath.Join(dir, "peer.py"), "--peer", peer, "--work", w.Name(), "--threads", strconv.Itoa(threads))
	c.cmd.Stderr = c.stderr
	// All are read before Python runs. Without the first a pool is as large as
	// the machine; the others ask for large pages, as our side does.
	c.cmd.Env = append(os.Environ(), fmt.Sprintf("OMP_NUM_THREADS=%d", threads), "THP_MEM_ALLOC_ENABLE=1", "GLIBC_TUNABLES=glibc.malloc.hugetlb=1")
	in, err := c.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	c.in, c.out = in, lines(out)
	if err := c.read(&c.hello, slack); err != nil {
		c.stop()
		return nil, err
	}
	c.memory = c.hello.memory
	if c.hello.Error != "" {
		c.stop()
		return nil, errors.New(c.hello.Error)
	}
	return c, nil
}

func lines(r io.Reader) <-chan []byte {
	out := make(chan []byte)
	go func() {
		defer close(out)
		for s := bufio.NewScanner(r); s.Scan(); {
			out <- append([]byte(nil), s.Bytes()...)
		}
	}()
	return out
}

// turn lets the peer run for about d.
func (c *child) turn(d time.Duration) error {
	if _, err := fmt.Fprintln(c.in, d.Seconds()); err != nil {
		return fmt.Errorf("starting a turn: %w", err)
	}
	var p struct {
		bench.Pace
		memory
	}
	if err := c.read(&p, d+slack); err != nil {
		return err
	}
	if !(p.Seconds > 0) {
		return fmt.Errorf("said that a step takes %g seconds", p.Seconds)
	}
	c.paces = append(c.paces, p.Pace)
	c.memory.Peak = max(c.memory.Peak, p.Peak)
	return nil
}

// read decodes the next line into v.
func (c *child) read(v any, limit time.Duration) error {
	select {
	case line, ok := <-c.out:
		if !ok {
			return fmt.Errorf("ended early: %s", lastLine(c.wait()))
		}
		if err := json.Unmarshal(line, v); err != nil {
			return fmt.Errorf("want a line of JSON, got %q: %w", line, err)
		}
		return nil
	case <-time.After(limit):
		return fmt.Errorf("gave no answer within %v", limit)
	}
}

// wait returns what the process wrote to its standard error.
func (c *child) wait() string {
	c.cmd.Wait()
	return c.stderr.String()
}

// farewell is how long a peer may take to end by itself.
const farewell = 3 * time.Second

// stop ends the process, by the end of its input or else by force.
func (c *child) stop() {
	c.in.Close()
	if c.cmd.ProcessState != nil {
		return
	}
	force := time.AfterFunc(farewell, func() { c.cmd.Process.Kill() })
	defer force.Stop()
	for range c.out { // until it ends
	}
	c.cmd.Wait()
}

func lastLine(s string) string {
	all := strings.Split(strings.TrimSpace(s), "\n")
	return all[len(all)-1]
}
