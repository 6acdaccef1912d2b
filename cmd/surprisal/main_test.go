package main

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/surprisal-go/surprisal/internal/kern"
)

var update = flag.Bool("update", false, "rewrite golden text in the scripts")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"surprisal": func() { os.Exit(program()) },
	})
}

// noTraining reports whether tests that train for long are left out: by -short,
// and without assembly, which has the same bits and takes ten times as long.
func noTraining() bool { return testing.Short() || kern.Default.Name == "portable" }

func skipTraining(t *testing.T) {
	t.Helper()
	if noTraining() {
		t.Skip("trains for long")
	}
}

// TestScript runs the command's manual: testdata/script/*.txtar. Scripts whose
// name begins with "long" are left out where noTraining says so. Those of real sets find them
// in $SHARED and skip where there are none.
func TestScript(t *testing.T) {
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	shared, err := filepath.Abs("../../../shared/data")
	if err != nil {
		t.Fatal(err)
	}
	var run []string
	for _, f := range files {
		if noTraining() && strings.HasPrefix(filepath.Base(f), "long") {
			continue
		}
		run = append(run, f)
	}
	testscript.Run(t, testscript.Params{
		Files:         run,
		UpdateScripts: *update,
		Cmds:          scriptCommands,
		Setup: func(e *testscript.Env) error {
			e.Setenv("SHARED", shared)
			return nil
		},
		Condition: func(cond string) (bool, error) {
			_, err := os.Stat(shared)
			return cond == "shared" && err == nil, nil
		},
	})
}
