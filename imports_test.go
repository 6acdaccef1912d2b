package surprisal_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// layers says which of the module's packages a package may import. A name ends
// in "/" to include everything below it. The drawing is in ARCHITECTURE.md.
var layers = []struct {
	packages string
	may      []string
}{
	// The words, and leaves that know nothing of the rest.
	{".", []string{"internal/digits"}},
	{"tensor", []string{"internal/hugepage"}},
	{"tensor/safetensors", []string{"tensor", "internal/atomicfile"}},
	{"internal/alter", nil}, // of tests
	{"internal/atomicfile", nil},
	{"internal/digits", nil},
	{"internal/fmath", nil},
	{"internal/hugepage", nil},
	{"internal/kern", []string{"internal/hugepage"}},

	// Graphs and what runs them.
	{"graph", []string{"tensor"}},
	{"engine/cpu", []string{"tensor", "graph", "internal/kern", "internal/hugepage"}},
	{"engine/explain", []string{"engine/cpu"}},
	{"engine/ref", []string{"tensor", "graph", "internal/kern"}},

	// Parts, built on graphs.
	{"optim", []string{"tensor", "graph", "internal/fmath"}},
	{"nn", []string{".", "tensor", "graph", "internal/fmath"}},
	{"dist", []string{".", "graph", "internal/fmath"}},
	{"bijector", []string{".", "tensor", "graph", "nn", "internal/fmath"}},
	{"objective", []string{".", "tensor", "graph", "optim"}},

	// Data, and preprocessing.
	{"data", []string{".", "internal/fmath", "internal/atomicfile"}},
	{"prep", []string{".", "tensor", "internal/fmath"}},

	// Families. They know no use of a likelihood.
	{"model/feed", []string{".", "tensor", "graph", "internal/fmath"}},
	{"model/", []string{".", "tensor", "graph", "internal/fmath", "optim", "nn", "dist", "bijector", "objective", "prep", "model/"}},

	// Uses of a likelihood. They know no family.
	{"eval", []string{".", "internal/digits", "internal/fmath"}},

	// Around models.
	{"run", []string{".", "tensor", "tensor/safetensors", "internal/atomicfile"}},
	{"train", []string{".", "tensor", "graph", "internal/fmath", "objective", "optim", "eval"}},
	{"diagnose", []string{".", "graph", "internal/digits", "internal/fmath", "objective", "train"}},
	{"report", []string{".", "internal/digits", "eval", "data", "train"}},

	// Whole units of work, to be timed.
	{"bench", []string{".", "tensor", "graph", "engine/cpu", "internal/kern", "optim", "nn", "dist", "bijector", "objective", "model/"}},
	{"bench/compare", []string{"bench", "engine/cpu", "internal/kern"}},
	{"bench/profile", []string{"bench", "engine/cpu", "engine/explain", "internal/kern"}},
	{"bench/stream", []string{"internal/atomicfile"}},

	// Conformance suites, and the command, which wires everything.
	{"lawtest", []string{".", "tensor", "graph", "internal/fmath", "engine/ref", "bijector"}},
	{"cmd/", []string{"*"}},
}

// TestImportDirections holds the arrows of ARCHITECTURE.md.
func TestImportDirections(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		room := short(p.ImportPath)
		may, ok := allowed(room)
		if !ok {
			t.Errorf("package %s is in no layer: add it to imports_test.go and to ARCHITECTURE.md", room)
			continue
		}
		for _, imp := range p.Imports {
			if name := short(imp); name != "" && !matches(may, name) {
				t.Errorf("%s imports %s, against the drawing in ARCHITECTURE.md", room, name)
			}
		}
	}
}

const module = "github.com/surprisal-go/surprisal"

// short is the package's path inside the module, "." for its root, and "" for
// packages of others.
func short(path string) string {
	if path == module {
		return "."
	}
	rest, ok := strings.CutPrefix(path, module+"/")
	if !ok {
		return ""
	}
	return rest
}

func allowed(room string) ([]string, bool) {
	for _, l := range layers {
		if matches([]string{l.packages}, room) {
			return l.may, true
		}
	}
	return nil, false
}

func matches(patterns []string, name string) bool {
	for _, p := range patterns {
		if p == "*" || p == name || strings.HasSuffix(p, "/") && (strings.HasPrefix(name, p) || name+"/" == p) {
			return true
		}
	}
	return false
}
