package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/surprisal-go/surprisal/internal/kern"
)

// describe names the machine and the settings that hold for all works.
func describe(s settings) string {
	text := fmt.Sprintf("%s, %d threads of %d processors, %s/%s, kernels %s, %s; %d rounds of %v a side",
		processor(), s.threads, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, kern.Default.Name, runtime.Version(), s.rounds, s.turn)
	if l := load(); l > 0 {
		text += fmt.Sprintf("; load %.1f", l)
	}
	return text
}

// processor is the model's name where the system tells it.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unnamed processor"
}

// load is the load average of the last minute, 0 where the system does not
// tell. What others run on the machine falls on both sides, but not evenly.
func load() float64 {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	var l float64
	fmt.Sscan(string(text), &l)
	return l
}
