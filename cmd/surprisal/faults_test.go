package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/data"
	"github.com/surprisal-go/surprisal/diagnose"
)

// Runs of train and diagnose, by the command, that are broken in a known way
// and that are not.
//
// Without an environment variable the broken runs of one family and one seed are
// made, and two of the healthy ones. All of them, in ten minutes on two idle
// cores:
//
//	SURPRISAL_FAULTS=all go test -run 'Faults|Healthy' -v -timeout 1h ./cmd/surprisal
//
// A list in place of all, as in 11,12,13, makes the broken runs with those
// seeds. Thresholds of verdicts were looked at with seeds 11 to 13; the table's
// are 1 to 3.

// asked are the families and seeds of the broken runs, and whether all healthy
// runs are made.
func asked(t *testing.T) (families []string, seeds []uint64, all bool) {
	asked := os.Getenv("SURPRISAL_FAULTS")
	families = []string{"made", "vae"}
	switch asked {
	case "":
		return families[:1], []uint64{1}, false
	case "all":
		return families, []uint64{1, 2, 3}, true
	}
	for _, s := range strings.Split(asked, ",") {
		v, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatalf("SURPRISAL_FAULTS=%s: want all, or seeds as in 11,12", asked)
		}
		seeds = append(seeds, v)
	}
	return families, seeds, false
}

// fault is a way to break a run, and the verdict that names it.
type fault struct {
	name    string
	verdict diagnose.Name
	train   int // events
	leak    int // test events that are put into train too
	args    map[string]string
}

var faults = []fault{
	// The settings refuse a rate of 0. At this one weights keep their bits too.
	{"learning rate 0", diagnose.NotLearning, 4000, 0, map[string]string{
		"made": "--set learning_rate=1e-30 --epochs 5",
		"vae":  "--set learning_rate=1e-30 --epochs 5",
	}},
	{"too narrow", diagnose.TooNarrow, 4000, 0, map[string]string{
		"made": "--set hidden=2 --set direct=false",
		"vae":  "--set hidden=2 --set latent=2",
	}},
	{"too few data", diagnose.TooFewData, 100, 0, nil},
	{"no early stop", diagnose.OverfittingSince, 300, 0, map[string]string{
		"made": "--patience -1 --epochs 200 --set weight_decay=0",
		"vae":  "--patience -1 --epochs 1000 --set weight_decay=0 --set hidden=500",
	}},
	{"leak between splits", diagnose.Leaking, 4000, 200, nil},
}

// verdictsOf trains and diagnoses, and returns the verdicts.
func verdictsOf(t *testing.T, family, ref string, seed uint64, extra string) []diagnose.Verdict {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	args := append([]string{"train", family, "--data", ref, "--run", dir}, strings.Fields(extra)...)
	command(t, append(args, "--seed", fmt.Sprint(seed))...)
	var out struct{ Verdicts []diagnose.Verdict }
	if err := json.Unmarshal(command(t, "diagnose", dir, "--time", "10m", "--json"), &out); err != nil {
		t.Fatal(err)
	}
	return out.Verdicts
}

// command runs the command and returns what it printed.
func command(t *testing.T, args ...string) []byte {
	t.Helper()
	var out, told bytes.Buffer
	if code := execute(context.Background(), strings.NewReader(""), &out, &told, append(args, "--quiet")); code != 0 {
		t.Fatalf("surprisal %s: exit code %d: %s", strings.Join(args, " "), code, &told)
	}
	return out.Bytes()
}

func TestFaultsAreNamed(t *testing.T) {
	skipTraining(t)
	families, seeds, _ := asked(t)
	for _, f := range faults {
		for _, family := range families {
			for _, seed := range seeds {
				ref := writeTree(t, f.train, f.leak, seed)
				got := verdictsOf(t, family, ref, seed, f.args[family])
				named := slices.ContainsFunc(got, func(v diagnose.Verdict) bool { return v.Name == f.verdict })
				t.Logf("%-20s %-5s seed %-2d  %s", f.name, family, seed, list(got))
				if !named {
					t.Errorf("%s of a %s, seed %d: no verdict %q", f.name, family, seed, f.verdict)
				}
			}
		}
	}
}

func list(all []diagnose.Verdict) string {
	names := make([]string, len(all))
	for i, v := range all {
		names[i] = string(v.Name)
		if testing.Verbose() {
			names[i] += " (" + v.Evidence + ")"
		}
	}
	return strings.Join(names, "; ")
}

// writeTree writes events of tree64, drawn by the seed, as files of a set, and
// returns its pattern. The first test events are put into train as well.
func writeTree(t *testing.T, train, leak int, seed uint64) string {
	t.Helper()
	set, err := data.Open("tree64", data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	some := func(b *surprisal.Batch, n int) [][]float64 {
		rows := make([][]float64, n)
		for i, at := range surprisal.Key(seed).Named("rows").Rand().Perm(b.Len())[:n] {
			rows[i] = make([]float64, b.Space.Dims())
			b.Float64s(rows[i], at)
		}
		return rows
	}
	dir := t.TempDir()
	test := some(set.Test, 2000)
	copied := append(some(set.Train, train), test[:leak]...)
	for name, rows := range map[string][][]float64{"train": copied, "valid": some(set.Valid, 1000), "test": test} {
		var b strings.Builder
		for _, row := range rows {
			for j, v := range row {
				if j > 0 {
					b.WriteByte(',')
				}
				fmt.Fprint(&b, v)
			}
			b.WriteByte('\n')
		}
		if err := os.WriteFile(filepath.Join(dir, "tree."+name+".data"), []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "tree.{split}.data")
}

// healthy are trainings by the defaults, on sets that are what they seem.
var healthy = []struct {
	family, ref, args string
	quick             bool
}{
	{"made", "../../../shared/data/debd/nltcs.{split}.data.gz", "", true},
	{"vae", "../../../shared/data/debd/nltcs.{split}.data.gz", "", false},
	{"made", "tree64", "", false},
	{"vae", "tree64", "", false},
	{"nsf", "two-moons", "", false},
	{"realnvp", "gaussian-mixture", "", false},
	{"mixture", "gaussian-mixture", "", true},
	{"made", "../../../shared/data/debd/plants.{split}.data.gz", "", false},
	{"made", "../../../shared/data/debd/baudio.{split}.data.gz", "", false},
	{"made", "checkerboard", "", false},
}

func TestHealthyRunsPass(t *testing.T) {
	skipTraining(t)
	_, _, all := asked(t)
	made, wrong := 0, 0
	for _, h := range healthy {
		if !all && !h.quick {
			continue
		}
		if _, err := data.Open(h.ref, data.Options{}); err != nil {
			t.Logf("%-8s %s: left out, the set is not there", h.family, h.ref)
			continue
		}
		got := verdictsOf(t, h.family, h.ref, 1, h.args)
		t.Logf("%-8s %-20s %s", h.family, filepath.Base(h.ref), list(got))
		made++
		wrong += len(got)
	}
	t.Logf("%d false verdicts over %d healthy runs", wrong, made)
	if wrong > 1 {
		t.Errorf("%d false verdicts over %d healthy runs, want at most 1", wrong, made)
	}
}
