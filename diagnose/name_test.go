package diagnose_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal/diagnose"
)

// TestNamesAreAll: the list has every constant of the source, in its order, and
// docs/diagnose.md a section for each.
func TestNamesAreAll(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "name.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var constants []diagnose.Name
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			name, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			constants = append(constants, diagnose.Name(name))
		}
		return true
	})
	if !slices.Equal(diagnose.Names(), constants) {
		t.Errorf("Names has %q, the source %q", diagnose.Names(), constants)
	}
	page, err := os.ReadFile("../docs/diagnose.md")
	if err != nil {
		t.Fatal(err)
	}
	_, verdicts, _ := strings.Cut(string(page), "## The verdicts")
	var told []diagnose.Name
	for _, m := range regexp.MustCompile(`(?m)^\*\*(.+?)\.\*\*`).FindAllStringSubmatch(verdicts, -1) {
		told = append(told, diagnose.Name(m[1]))
	}
	if !slices.Equal(told, constants) {
		t.Errorf("docs/diagnose.md tells of %q, the source has %q", told, constants)
	}
}
