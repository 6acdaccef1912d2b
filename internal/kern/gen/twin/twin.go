// Package twin reads the constants of package kern out of its source, so that
// the assembly and its portable twin cannot differ in one.
package twin

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"log"
	"math"
	"os"
	"path/filepath"
	"strings"
)

// Constants are those of one package.
type Constants struct{ scope *types.Scope }

// Read type-checks the package in dir, as far as it goes without imports.
func Read(dir string) Constants {
	fset := token.NewFileSet()
	var files []*ast.File
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		log.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil {
			log.Fatal(err)
		}
		f, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
		if err != nil {
			log.Fatal(err)
		}
		files = append(files, f)
	}
	conf := types.Config{Error: func(error) {}}
	pkg, _ := conf.Check("kern", fset, files, nil)
	return Constants{pkg.Scope()}
}

func (c Constants) value(name string) constant.Value {
	k, ok := c.scope.Lookup(name).(*types.Const)
	if !ok {
		log.Fatalf("package kern has no constant %s", name)
	}
	return k.Val()
}

// Float returns the float32 bits of the constant called name.
func (c Constants) Float(name string) uint32 {
	f, _ := constant.Float32Val(constant.ToFloat(c.value(name)))
	return math.Float32bits(f)
}

// Word returns the integer constant called name.
func (c Constants) Word(name string) uint32 {
	w, ok := constant.Uint64Val(constant.ToInt(c.value(name)))
	if !ok {
		log.Fatalf("constant %s of package kern is no word", name)
	}
	return uint32(w)
}
