package explain_test

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/pprof/profile"

	"github.com/surprisal-go/surprisal/engine/cpu"
	"github.com/surprisal-go/surprisal/engine/explain"
)

// example is a profile of two plans whose figures are easy to add up: in 100
// training runs of 1,000 events in all, the product does 1,000 × 1,000,000
// flops in a second.
func example() explain.Profile {
	product := cpu.StepInfo{Ops: []string{"matmul"}, Shape: "(B, 64)", Scope: "net/hidden1", Kind: "product",
		Flops: cpu.Amount{PerEvent: 1e6}, Bytes: cpu.Amount{Fixed: 1e6, PerEvent: 1e3}, Time: time.Second}
	again := product
	again.Time = 250 * time.Millisecond
	train := cpu.PlanInfo{Updates: []string{"w"}, Runs: 100, Events: 1000, Batch: 10, Time: 2 * time.Second, Steps: []cpu.StepInfo{
		product,
		{Ops: []string{"add", "mul", "sub", "exp", "log", "neg"}, Shape: "(64, 64)", Scope: "update/w", Kind: "elementwise",
			Flops: cpu.Amount{Fixed: 6 * 4096}, Bytes: cpu.Amount{Fixed: 8 * 4096}, Time: 500 * time.Millisecond},
		again,
		{Ops: []string{"sum"}, Shape: "()", Kind: "reduction", Time: time.Millisecond},
	}}
	train.Memory.Buffers = cpu.Amount{PerEvent: 1e5}
	score := cpu.PlanInfo{Runs: 1, Events: 50, Batch: 50, Time: 100 * time.Millisecond, Steps: []cpu.StepInfo{product}}
	score.Steps[0].Time = 90 * time.Millisecond
	return explain.Profile{Plans: explain.Named([]cpu.PlanInfo{train, score}), Host: []explain.HostTime{{Name: "feeding", Time: time.Second}},
		Wall: 4 * time.Second, Threads: 2, Peak: 100}
}

func TestText(t *testing.T) {
	p := example()
	var wide, narrow strings.Builder
	if err := p.WriteText(&wide, 100); err != nil {
		t.Fatal(err)
	}
	if err := p.WriteText(&narrow, 80); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		" share    time  calls  flops  bytes GFLOP/s  peak   GB/s  operation",
		" 31.2%   1.25s    200  2.00G   202M    1.60    1%   0.16  net/hidden1: matmul (B, 64)",
		" 12.5%   500ms    100  2.46M  3.28M    0.00    0%   0.01  update/w: add mul sub +3 (64, 64)",
		"  2.2%  90.0ms      1  50.0M  1.05M    0.56    0%   0.01  scoring net/hidden1: matmul (B, 64)",
		"  0.0%  1.00ms    100      0      0    0.00    0%   0.00  1 others, each under 0.5%",
		" 33.5%   1.34s    201  2.05G   203M    1.53    1%   0.15  product",
		" 50.0%   2.00s  training plan: 100 runs of ≤ 10 events, 20.0ms each, 1.00MB",
		"  2.5%   100ms  scoring plan: 1 runs of ≤ 50 events, 100ms each, 0B",
		" 25.0%   1.00s  feeding",
		" 22.5%   900ms  the rest",
		"100.0%   4.00s  wall time, 2 threads of 100 GFLOP/s each at most",
	} {
		if !strings.Contains(wide.String(), line+"\n") {
			t.Errorf("no line\n%s\nin\n%s", line, &wide)
		}
	}
	for width, text := range map[int]string{100: wide.String(), 80: narrow.String()} {
		for line := range strings.Lines(text) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > width {
				t.Errorf("%d characters for a width of %d: %s", n, width, line)
			}
		}
	}
}

// TestSampling holds that calls of a plan that runs position by position are
// those of its operations, and what such a plan is called.
func TestSampling(t *testing.T) {
	info := cpu.PlanInfo{Advances: "x", Positions: 64, Runs: 10, Events: 20, Batch: 2, Time: time.Second, Steps: []cpu.StepInfo{
		{Ops: []string{"matmul"}, Shape: "(B, 64)", Kind: "product", Flops: cpu.Amount{PerEvent: 1e6}, Bytes: cpu.Amount{Fixed: 1e6}, Calls: 320, Time: time.Second},
	}}
	p := explain.Profile{Plans: explain.Named([]cpu.PlanInfo{info}), Wall: 2 * time.Second, Threads: 1}
	var got strings.Builder
	if err := p.WriteText(&got, 100); err != nil {
		t.Fatal(err)
	}
	if err := p.Plans[0].WriteText(&got, 100, 2); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		" 50.0%   1.00s    320  20.0M  10.0M    0.02     -   0.01  sampling matmul (B, 64)",
		" 50.0%   1.00s  sampling plan: 10 runs of ≤ 2 events, 100ms each, 0B",
		`Input "x" becomes known in 64 positions. Each step computes all that has become known at a position;`,
	} {
		if !strings.Contains(got.String(), line+"\n") {
			t.Errorf("no line\n%s\nin\n%s", line, &got)
		}
	}
}

// TestPprof reads the file back: every operation is a leaf under its scopes,
// and the times add up.
func TestPprof(t *testing.T) {
	p := example()
	var file bytes.Buffer
	if err := p.WritePprof(&file); err != nil {
		t.Fatal(err)
	}
	got, err := profile.Parse(&file)
	if err != nil {
		t.Fatal(err)
	}
	total, stacks := time.Duration(0), map[string]int64{}
	for _, s := range got.Sample {
		var names []string
		for _, l := range s.Location {
			names = append(names, l.Line[0].Function.SystemName)
		}
		stacks[strings.Join(names, " < ")] = s.Value[0]
		total += time.Duration(s.Value[1])
	}
	if total != 2841*time.Millisecond {
		t.Errorf("samples add up to %v, want 2.841s", total)
	}
	for stack, calls := range map[string]int64{
		"matmul (B, 64) < hidden1 < net < training":       200,
		"matmul (B, 64) < hidden1 < net < scoring":        1,
		"add mul sub +3 (64, 64) < w < update < training": 100,
		"feeding < host": 0,
	} {
		if n, ok := stacks[stack]; !ok || n != calls {
			t.Errorf("stack %s has %d calls, want %d; there are %v", stack, n, calls, stacks)
		}
	}
	if got.DefaultSampleType != "time" || got.DurationNanos != int64(4*time.Second) {
		t.Errorf("default %s, duration %d", got.DefaultSampleType, got.DurationNanos)
	}
}
