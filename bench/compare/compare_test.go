package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/surprisal-go/surprisal/bench"
	"github.com/surprisal-go/surprisal/engine/cpu"
)

// TestMain lets the test program serve as the process that measures our memory.
func TestMain(m *testing.M) {
	if slices.Contains(os.Args, "--memory") {
		os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// peer writes a program that speaks the peers' protocol and returns the folder
// to run it from.
func peer(t *testing.T, script string) string {
	t.Helper()
	dir := t.TempDir()
	bin := filepath.Join(dir, ".venv", "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bin, "python"), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func quick(dir string, peers ...string) settings {
	return settings{peers: peers, dir: dir, threads: 1, rounds: 3, turn: time.Millisecond}
}

// opened is our side of a small work, warm.
func opened(t *testing.T) *side {
	t.Helper()
	w, err := bench.Select([]string{"gemm1-nn-256x10"})
	if err != nil {
		t.Fatal(err)
	}
	exec := cpu.New(cpu.Options{Threads: 1})
	t.Cleanup(exec.Close)
	ours, err := open(w[0], exec)
	if err != nil {
		t.Fatal(err)
	}
	return ours
}

// greeting is the first line of a peer that does our work.
func greeting(ours *side) string {
	return fmt.Sprintf(`echo '{"peer":"'$3'","params":%d,"first_nats":%g}'`+"\n", ours.Params, ours.first)
}

// TestCompare runs ours against two peers that say one and two hours a step.
func TestCompare(t *testing.T) {
	ours := opened(t)
	dir := peer(t, greeting(ours)+`
s=3600; [ "$3" = slow ] && s=7200
while read -r turn; do echo '{"seconds":'$s',"best":1800,"peak_bytes":7000000}'; done
`)
	r, err := ours.compare(quick(dir, "slow", "fast"))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Peers) != 2 || r.Peers[0].Name != "fast" || len(r.Skipped) != 0 {
		t.Fatalf("peers are %v, skipped %v; want fast and slow", r.Peers, r.Skipped)
	}
	p := r.Peers[0]
	if len(r.Rounds) != 3 || len(p.Rounds) != 3 || p.Peer != 3600 {
		t.Errorf("rounds %v and %v, peer %g", r.Rounds, p.Rounds, p.Peer)
	}
	if p.Ratio != 3600/r.Ours || p.RatioMin != 3600/slices.Max(r.Rounds) || p.RatioMax != 3600/slices.Min(r.Rounds) {
		t.Errorf("ratio %g in [%g, %g] of rounds %v", p.Ratio, p.RatioMin, p.RatioMax, r.Rounds)
	}
	if p.Memory != (memory{Peak: 7e6}) || p.Memory.String() != "7" {
		t.Errorf("the peer's memory is %+v, want 7 MB", p.Memory)
	}
	if p.RatioBest < 1800/slices.Min(r.Rounds) {
		t.Errorf("best ratio %g, but a chunk of ours cannot be slower than a median %v", p.RatioBest, r.Rounds)
	}
}

// TestPeersThatFail holds that each fault of a peer skips it, by name.
func TestPeersThatFail(t *testing.T) {
	ours := opened(t)
	other, loss := *ours, *ours
	other.Run = &bench.Run{Params: ours.Params + 1}
	loss.first *= 2
	for script, want := range map[string]string{
		greeting(&other) + "read -r x":                                  "not the same model",
		greeting(&loss) + "read -r x":                                   "not the same loss",
		`echo '{"error":"no such module"}'`:                             "no such module",
		`echo hello; read -r x`:                                         "want a line of JSON",
		`echo one >&2; echo two >&2; exit 1`:                            "two",
		greeting(ours) + "read -r x; echo '{\"seconds\":0}'; read -r x": "0 seconds",
	} {
		r, err := ours.compare(quick(peer(t, script), "p"))
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Peers) != 0 || !strings.Contains(r.Skipped["p"], want) {
			t.Errorf("%s\nis skipped for %q, want %q", script, r.Skipped["p"], want)
		}
		if !(r.Ours > 0) {
			t.Errorf("ours took %g s", r.Ours)
		}
	}
}

func TestRun(t *testing.T) {
	for _, c := range []struct {
		args           []string
		code           int
		stdout, stderr string
	}{
		{[]string{"--work", "gemm1-nn-256x10", "--peers", t.TempDir(), "--rounds", "1", "--turn", "1ms", "--threads", "1"}, 0, "gemm1-nn-256x10-128 ", "skipped openblas: not installed"},
		{[]string{"--work", "gemm1-nn-256x10", "--peer", "", "--rounds", "1", "--turn", "1ms", "--json"}, 0, `{"work":"gemm1-nn-256x10-128"`, "kernels"},
		{[]string{"--work", "mode"}, 2, "", `unknown work "mode"`},
		{[]string{"--threads", "0"}, 2, "", "0 threads"},
		{[]string{"made"}, 2, "", "--work"},
	} {
		var stdout, stderr bytes.Buffer
		code := run(c.args, &stdout, &stderr)
		if code != c.code || !strings.Contains(stdout.String(), c.stdout) || !strings.Contains(stderr.String(), c.stderr) {
			t.Errorf("%v: code %d\n%s\n%s", c.args, code, &stdout, &stderr)
		}
	}
}

func TestStep(t *testing.T) {
	for seconds, want := range map[float64]string{15.26e-6: "15.3 µs", 0.0021: "2.1 ms", 12: "12.0 s"} {
		if got := step(seconds); got != want {
			t.Errorf("%g s is printed as %s, want %s", seconds, got, want)
		}
	}
}

// TestRate holds that a product's row says how fast it ran, and a model's not.
func TestRate(t *testing.T) {
	list, err := bench.Select([]string{"gemm1-nn-64x64", "vae"})
	if err != nil {
		t.Fatal(err)
	}
	var table bytes.Buffer
	printHeader(&table, list)
	printRow(&table, list, &result{Work: "gemm1-nn-64x64-1024", Rate: &rate{GFlops: 42, Peak: 84}})
	printRow(&table, list, &result{Work: "vae-100", Rate: newRate(0, nil, 1)})
	for i, want := range []string{"gflops_best of_peak\n", "       42.0     50%\n", "        -\n"} {
		if line := slices.Collect(strings.Lines(table.String()))[i]; !strings.HasSuffix(line, want) {
			t.Errorf("line %q, want it to end in %q", line, want)
		}
	}
	turns := []bench.Pace{{Best: 2}, {Best: 1}, {Best: 3}}
	if r := newRate(1e9, turns, 1); r.GFlops != 1 {
		t.Errorf("1e9 operations in a second at best are %g GFLOP/s", r.GFlops)
	}
}

// TestMemory holds that our memory is that of a process which runs one work: at
// least its weights and moments, and less than this one's if that has run more.
func TestMemory(t *testing.T) {
	ours := opened(t)
	m, err := ourMemory(ours.Work, 1)
	if err != nil {
		t.Fatal(err)
	}
	if highWater() == 0 {
		if m != (memory{}) || m.String() != "-" {
			t.Errorf("memory %+v where the system does not tell", m)
		}
		return
	}
	if least := m.Base + int64(3*4*ours.Params); m.Base <= 0 || m.Peak < least || m.Peak > 1<<30 {
		t.Errorf("memory %+v, want a peak of at least %d", m, least)
	}
}
