package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal/internal/alter"
)

// ran runs the command and returns its exit code and what it printed.
func ran(args ...string) (code int, stdout, stderr string) {
	var out, told bytes.Buffer
	code = execute(context.Background(), strings.NewReader(""), &out, &told, append(args, "--quiet"))
	return code, out.String(), told.String()
}

func must(t *testing.T, args ...string) string {
	t.Helper()
	code, out, told := ran(args...)
	if code != 0 {
		t.Fatalf("surprisal %s: %s", strings.Join(args, " "), told)
	}
	return out
}

// writePoints writes rows of two real columns and a time.
func writePoints(t *testing.T, path string, seed uint64, rows int) string {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 0))
	var b strings.Builder
	b.WriteString("day,x,y\n")
	for i := range rows {
		x := r.NormFloat64()
		fmt.Fprintf(&b, "%d,%.9f,%.9f\n", i, x, x+r.NormFloat64())
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestVerifyEveryField: of each kind of result, verify confirms what eval has
// kept and refuses it once any place of its JSON is altered, but for the seconds.
func TestVerifyEveryField(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	points, one := writePoints(t, at("points.csv"), 1, 300), writePoints(t, at("one.csv"), 2, 1)
	few, far := writePoints(t, at("few.csv"), 3, 40), at("far.csv")
	if err := os.WriteFile(far, []byte("day,x,y\n1,1e200,1e200\n2,-1e200,3\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	exact, timed, bound := at("exact"), at("timed"), at("bound")
	must(t, "train", "gaussian", "--data", points, "--run", exact, "--column", "day=skip")
	must(t, "train", "gaussian", "--data", points, "--run", timed, "--time-column", "day")
	must(t, "train", "vae", "--data", points, "--run", bound, "--column", "day=skip", "--set", "hidden=4", "--set", "latent=2", "--steps", "5", "--samples", "30")
	for _, run := range []string{exact, bound} {
		must(t, "eval", run, "--data", one)
		must(t, "eval", run, "--data", far, "--json")
	}
	must(t, "eval", bound, "--data", few, "--samples", "3,30", "--seed", "18446744073709551615")
	must(t, "eval", bound, "--split", "valid", "--samples", "2", "--bound", "elbo")
	for _, result := range []string{
		exact + "/results/test.json", exact + "/results/train.json", exact + "/results/on-one.csv-all.json", exact + "/results/on-far.csv-all.json", timed + "/results/test.json",
		bound + "/results/test.json", bound + "/results/valid.json", bound + "/results/on-one.csv-all.json", bound + "/results/on-few.csv-all.json",
	} {
		verifyAltered(t, strings.TrimPrefix(result, dir+"/"), result)
	}
	// Infinite nats are the same by any draws, so that these may be told otherwise.
	must(t, "verify", bound+"/results/on-far.csv-all.json")
}

func verifyAltered(t *testing.T, name, result string) {
	t.Helper()
	honest, err := os.ReadFile(result)
	if err != nil {
		t.Fatal(err)
	}
	must(t, "verify", result)
	places := 0
	for place, altered := range alter.JSON(honest) {
		if err := os.WriteFile(result, altered, 0o666); err != nil {
			t.Fatal(err)
		}
		code, out, told := ran("verify", result)
		if places++; place == "seconds" {
			if code != 0 {
				t.Errorf("%s: with other seconds: %s", name, told)
			}
		} else if code != 1 || out != "" {
			t.Errorf("%s: with another %s: code %d, %s%s", name, place, code, out, told)
		}
	}
	if places < 20 {
		t.Errorf("%s: %d places were altered", name, places)
	}
	if err := os.WriteFile(result, honest, 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestVerifyRefusesAnotherName: a result under the name of another split is not
// that split's.
func TestVerifyRefusesAnotherName(t *testing.T) {
	dir := t.TempDir()
	run := filepath.Join(dir, "run")
	must(t, "train", "gaussian", "--data", writePoints(t, filepath.Join(dir, "points.csv"), 1, 100), "--run", run)
	for folder, ext := range map[string]string{"results": ".json", "events": ".safetensors"} {
		if err := os.Rename(filepath.Join(run, folder, "train"+ext), filepath.Join(run, folder, "test"+ext)); err != nil {
			t.Fatal(err)
		}
	}
	if code, _, told := ran("verify", run); code != 1 || !strings.Contains(told, "it is called test and is about the train events") {
		t.Errorf("code %d: %s", code, told)
	}
}
