package main

import "testing"

// TestKillAndResume kills a training with SIGKILL in the middle, twice, resumes
// it, and wants the weights of an undisturbed run bit for bit, on another
// number of threads.
func TestKillAndResume(t *testing.T) {
	if testing.Short() {
		t.Skip("trains for some seconds")
	}
	p := newProcess(t)
	settings := []string{"train", "made", "--quiet", "--data", "tree64", "--set", "hidden=64", "--epochs", "6"}
	p.start(t, append(settings, "--run", "whole", "--threads", "1")...).ends(t, 0)

	args := append(settings, "--run", "killed", "--save-every", "1ms", "--threads", "2")
	for range 2 {
		s := p.start(t, args...)
		s.awaitWrites(t, p.file("killed", "checkpoint.safetensors"), 20)
		if err := s.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		s.ends(t, -1)
		args = []string{"train", "made", "--quiet", "--run", "killed", "--resume", "--save-every", "1ms", "--threads", "2"}
	}
	p.start(t, args...).ends(t, 0)
	sameFiles(t, p.file("whole", "weights.safetensors"), p.file("killed", "weights.safetensors"))
}
