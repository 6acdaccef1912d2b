//go:build unix

package main

import (
	"os"
	"syscall"
	"testing"
	"time"
)

// interruptible is a training that does not end by itself.
var interruptible = []string{"train", "made", "--data", "tree64", "--set", "hidden=16", "--patience", "-1", "--time", "1h", "--run"}

// TestInterrupt presses Ctrl-C: the training saves, says how to go on, and its
// best weights so far can be evaluated. While it runs no other may train there.
func TestInterrupt(t *testing.T) {
	p := newProcess(t)
	s := p.start(t, append(interruptible, "a run", "--save-every", "1ms", "--profile")...)
	s.awaitWrites(t, p.file("a run", "weights.safetensors"), 1)

	out := p.start(t, "train", "made", "--run", "a run", "--resume").ends(t, 1)
	wantText(t, out, "surprisal: the run is in use: another process (process ", "wait for it to end or stop it")

	interrupt(t, s)
	out = s.ends(t, 1)
	wantText(t, out, "surprisal: training interrupted after step ", "the checkpoint is saved",
		"go on with: surprisal train made --run 'a run' --resume",
		" training plan: ", "wrote a run/profile.pb.gz: see it with go tool pprof -top")
	wantText(t, p.start(t, "eval", "a run").ends(t, 0), "test   ")
	wantText(t, p.start(t, "train", "made", "--run", "a run", "--resume", "--epochs", "1").ends(t, 0), "ended by epochs", "test   ")
}

// TestInterruptOfTheSecondSeed keeps what is done and goes on with the rest:
// the weights are those of trainings by these seeds alone.
func TestInterruptOfTheSecondSeed(t *testing.T) {
	p := newProcess(t)
	settings := []string{"train", "made", "--data", "tree64", "--set", "hidden=16", "--steps"}
	s := p.start(t, append(settings, "3000", "--save-every", "1ms", "--run", "r", "--seeds", "3")...)
	s.awaitWrites(t, p.file("r-seed2", "checkpoint.safetensors"), 1)
	interrupt(t, s)
	out := s.ends(t, 1)
	wantText(t, out, "made seed 1 (1 of 3): 3,000 steps", "surprisal: training interrupted after step ",
		"go on with: surprisal train made --run r --seeds 3 --resume")
	if _, err := os.Stat(p.file("r-seed3")); !os.IsNotExist(err) {
		t.Errorf("the third seed has begun: %v", err)
	}
	out = p.start(t, "train", "made", "--run", "r", "--seeds", "3", "--resume").ends(t, 0)
	wantText(t, out, "made seed 3 (3 of 3): 3,000 steps", "nats over 3 seeds: ± ")
	p.start(t, append(settings, "3000", "--run", "alone", "--seed", "2", "--quiet")...).ends(t, 0)
	sameFiles(t, p.file("alone", "weights.safetensors"), p.file("r-seed2", "weights.safetensors"))
}

// TestInterruptBeforeTheFirstValidation leaves a run that says how to go on.
func TestInterruptBeforeTheFirstValidation(t *testing.T) {
	p := newProcess(t)
	s := p.start(t, append(interruptible, "r", "--set", "hidden=500,500,500", "--save-every", "1ms")...)
	s.awaitWrites(t, p.file("r", "checkpoint.safetensors"), 1)
	interrupt(t, s)
	s.ends(t, 1)
	if _, err := os.Stat(p.file("r", "weights.safetensors")); err == nil {
		t.Skip("this machine has validated already")
	}
	for _, args := range [][]string{{"eval", "r"}, {"sample", "r", "-o", "x.csv"}} {
		wantText(t, p.start(t, args...).ends(t, 1), "run r has no weights yet; train it with: surprisal train made --run r --resume")
	}
	wantText(t, p.start(t, "inspect", "r").ends(t, 0), "weights: none yet")
}

// TestInterruptOfABaseline leaves nothing where nothing was kept.
func TestInterruptOfABaseline(t *testing.T) {
	p := newProcess(t)
	s := p.start(t, "train", "mixture", "--data", "glyphs", "--run", "r")
	s.awaitWrites(t, p.file("r", "manifest.json"), 1)
	interrupt(t, s)
	wantText(t, s.ends(t, 1), "surprisal: training interrupted: ", "; nothing was kept")
	if _, err := os.Stat(p.file("r")); !os.IsNotExist(err) {
		t.Errorf("the folder of the run is still there: %v", err)
	}
}

// TestInterruptOfRank names what is done and how to go on with the rest.
func TestInterruptOfRank(t *testing.T) {
	p := newProcess(t)
	s := p.start(t, "rank", "tree64", "--families", "marginals,made", "--time", "1h", "-o", "out")
	s.awaitWrites(t, p.file("out", "runs", "made", "metrics.jsonl"), 1)
	interrupt(t, s)
	wantText(t, s.ends(t, 1), "surprisal: training interrupted", "go on with: surprisal train made --run out/runs/made --resume",
		"finished before: marginals, in out/runs")
	wantText(t, p.start(t, "eval", "out/runs/marginals").ends(t, 0), "test   44.")
}

// TestSecondInterruptKills: the first Ctrl-C is caught, the second ends what
// does not end by itself, here a command that waits for rows.
func TestSecondInterruptKills(t *testing.T) {
	p := newProcess(t)
	p.start(t, "train", "marginals", "--data", "tree64", "--run", "r", "--quiet").ends(t, 0)
	cmd := p.command("score", "r", "-")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// More than a pipe holds: once it is written the command is reading.
	if _, err := stdin.Write(make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
		t.Fatalf("the first interrupt has ended it: %v", cmd.ProcessState)
	case <-time.After(200 * time.Millisecond):
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
		if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGINT {
			t.Errorf("it was not ended by the signal: %v", cmd.ProcessState)
		}
	case <-time.After(10 * time.Second):
		_ = cmd.Process.Kill()
		t.Error("the second interrupt has not ended it")
	}
}

func interrupt(t *testing.T, s started) {
	t.Helper()
	if err := s.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
}
