package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/surprisal-go/surprisal/data"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/report"
)

// TestAFailedSeedIsLeftOut: its family stays on the board by the others, and
// says so, whichever it was; where none is left, the family is missing.
func TestAFailedSeedIsLeftOut(t *testing.T) {
	var said strings.Builder
	a := &app{stdout: &said, stderr: &said, seed: 1}
	l, err := a.lab()
	if err != nil {
		t.Fatal(err)
	}
	table := filepath.Join(t.TempDir(), "table.csv")
	rows := strings.Builder{}
	rows.WriteString("a,b\n")
	for i := range 200 {
		fmt.Fprintf(&rows, "%d,%d\n", i*i%37, i*i*i%53)
	}
	if err := os.WriteFile(table, []byte(rows.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	set, err := data.Open(table, data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	families, err := pickFamilies([]string{"gaussian", "marginals"})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		lost []string
		want string // start of the warning, empty where the family is missing
		runs []string
	}{
		"the first":   {[]string{"gaussian"}, "1 of 3 seeds failed and are left out, the first by: ", []string{"gaussian-seed2", "gaussian-seed3"}},
		"all but one": {[]string{"gaussian", "gaussian-seed2"}, "2 of 3 seeds failed", nil},
		"all":         {[]string{"gaussian", "gaussian-seed2", "gaussian-seed3"}, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for _, run := range c.lost { // a folder that holds something is no place for a run
				if err := os.MkdirAll(filepath.Join(dir, runsDir, run, "more"), 0o777); err != nil {
					t.Fatal(err)
				}
			}
			board, err := l.hold(t.Context(), contest{
				set: set, ref: table, families: families, budget: time.Minute, dir: dir, how: bounds{samples: 1, bound: eval.IW}, seeds: 3,
			})
			if err != nil {
				t.Fatal(err)
			}
			at := slices.IndexFunc(board.Rows, func(r report.Row) bool { return r.Model == "gaussian" })
			if c.want == "" {
				if at >= 0 || len(board.Missing) != 1 {
					t.Errorf("rows %d, missing %v", len(board.Rows), board.Missing)
				}
				return
			}
			if at < 0 {
				t.Fatalf("the family is off the board: %v", board.Missing)
			}
			r := board.Rows[at]
			if w := strings.Join(r.Test.Warnings, "\n"); !strings.Contains(w, c.want) {
				t.Errorf("warnings %q, want %q", w, c.want)
			}
			var runs []string
			for _, run := range r.Runs {
				runs = append(runs, filepath.Base(run))
			}
			if !slices.Equal(runs, c.runs) || slices.Contains(c.lost, filepath.Base(r.Run)) {
				t.Errorf("runs %q and %q, want %q", r.Run, runs, c.runs)
			}
			if one := r.Spread == nil; one != r.Tie || one && !strings.Contains(r.Verdict, "no claim about families") {
				t.Errorf("spread %v, verdict %q", r.Spread, r.Verdict)
			}
		})
	}
	if !strings.Contains(said.String(), "gaussian seed 1 (1 of 3): ") {
		t.Errorf("nothing was said of it:\n%s", said.String())
	}
}
