package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/surprisal-go/surprisal/bench"
	"github.com/surprisal-go/surprisal/engine/cpu"
)

// memory is what a process had resident at most, in bytes: all of it, program,
// libraries, the set of events, weights and what steps need. It is the high
// water mark of its own address space (VmHWM), not ru_maxrss, which begins at
// that of the parent. 0 where the system does not tell.
type memory struct {
	// Base is before the work was built, libraries loaded, and Peak after the
	// warming up or the last turn.
	Base int64 `json:"base_bytes,omitempty"`
	Peak int64 `json:"peak_bytes,omitempty"`
}

// String prints the peak in MB.
func (m memory) String() string {
	if m.Peak == 0 {
		return "-"
	}
	return fmt.Sprintf("%.0f", float64(m.Peak)/1e6)
}

// highWater is the mark of this process.
func highWater() int64 {
	text, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kib * 1024
		}
	}
	return 0
}

// printMemory builds a work, warms it up and prints the memory of the process.
func printMemory(w io.Writer, work bench.Work, threads int) error {
	m := memory{Base: highWater()}
	exec := cpu.New(cpu.Options{Threads: threads})
	defer exec.Close()
	if _, err := open(work, exec); err != nil {
		return err
	}
	m.Peak = highWater()
	return json.NewEncoder(w).Encode(m)
}

// ourMemory runs printMemory in a process of its own, since this one runs one
// work after the other.
func ourMemory(work bench.Work, threads int) (m memory, err error) {
	self, err := os.Executable()
	if err != nil {
		return m, err
	}
	c := exec.Command(self, "--memory", "--work", work.Name(), "--threads", strconv.Itoa(threads))
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		return m, fmt.Errorf("measuring our memory: %w", err)
	}
	return m, json.Unmarshal(out, &m)
}
