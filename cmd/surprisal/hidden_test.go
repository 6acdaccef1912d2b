package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal/diagnose"
)

// animal is a row: its kind, where it was seen, and traits that its kind makes
// likely.
type animal struct {
	kind, site int
	traits     [8]int
	tall       int // as the first trait in 49 of 50
}

var kinds = []string{"ant", "bee", "cow", "dog"}

func drawAnimal(r *rand.Rand) animal {
	a := animal{kind: r.IntN(len(kinds)), site: r.IntN(20)}
	flip := func(v int, chance float64) int {
		if r.Float64() < chance {
			return 1 - v
		}
		return v
	}
	for j := range a.traits {
		a.traits[j] = flip((a.kind>>(j%2)+j/2)%2, 0.1)
	}
	a.tall = flip(a.traits[0], 0.02)
	return a
}

// writeAnimals writes a set of three files, of which spoil changes test rows.
func writeAnimals(t *testing.T, seed uint64, spoil func(r *rand.Rand, a *animal)) string {
	t.Helper()
	r, dir := rand.New(rand.NewPCG(seed, 0)), t.TempDir()
	for _, part := range []struct {
		name string
		rows int
	}{{"train", 4000}, {"valid", 4000}, {"test", 4000}} {
		var b strings.Builder
		b.WriteString("kind,site,t0,t1,t2,t3,t4,t5,t6,t7,tall\n")
		for range part.rows {
			a := drawAnimal(r)
			if part.name == "test" {
				spoil(r, &a)
			}
			fmt.Fprintf(&b, "%s,s%d", kinds[a.kind], a.site)
			for _, v := range append(a.traits[:], a.tall) {
				fmt.Fprintf(&b, ",%d", v)
			}
			b.WriteByte('\n')
		}
		if err := os.WriteFile(filepath.Join(dir, "animals."+part.name+".csv"), []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "animals.{split}.csv")
}

// spoils are ways to spoil test rows, and the verdicts of which one must name
// each, with those words in its evidence; no words are no verdict at all.
var spoils = []struct {
	name     string
	spoil    func(r *rand.Rand, a *animal)
	verdicts []diagnose.Name
	want     []string
}{
	{"untouched", func(*rand.Rand, *animal) {}, nil, nil},
	{"cows labelled bees", func(_ *rand.Rand, a *animal) {
		if kinds[a.kind] == "cow" {
			a.kind = slices.Index(kinds, "bee")
		}
	}, []diagnose.Name{diagnose.MissedSlice, diagnose.ShiftedSlice}, []string{"kind = bee"}},
	{"tall scrambled at one site of twenty", func(r *rand.Rand, a *animal) {
		if a.site == 7 {
			a.tall = r.IntN(2)
		}
	}, []diagnose.Name{diagnose.ShiftedSlice}, []string{"site = s7", "to tall"}},
	{"tall scrambled in 5% of rows", func(r *rand.Rand, a *animal) {
		if r.Float64() < 0.05 {
			a.tall = r.IntN(2)
		}
	}, []diagnose.Name{diagnose.ShiftedSlice}, []string{"tall"}},
}

// TestHiddenSlicesAreFound spoils a part of the test rows of a table and wants
// it named, and nothing where no row is spoiled: by a model that factors over
// columns and by one that does not.
func TestHiddenSlicesAreFound(t *testing.T) {
	skipTraining(t)
	for _, args := range [][]string{
		{"made", "--set", "hidden=64", "--epochs", "60"},
		{"vae", "--set", "hidden=64", "--set", "latent=8", "--epochs", "200"},
	} {
		family := args[0]
		for _, c := range spoils {
			ref := writeAnimals(t, 1, c.spoil)
			dir := filepath.Join(t.TempDir(), "run")
			command(t, append([]string{"train", "--data", ref, "--run", dir}, args...)...)
			var out struct{ Verdicts []diagnose.Verdict }
			if err := json.Unmarshal(command(t, "diagnose", dir, "--time", "0", "--json"), &out); err != nil {
				t.Fatal(err)
			}
			t.Logf("%s, %s: %s", family, c.name, list(out.Verdicts))
			found := slices.ContainsFunc(out.Verdicts, func(v diagnose.Verdict) bool {
				return slices.Contains(c.verdicts, v.Name) && !slices.ContainsFunc(c.want, func(w string) bool { return !strings.Contains(v.Evidence, w) })
			})
			switch {
			case c.want == nil && len(out.Verdicts) > 0:
				t.Errorf("%s, %s: verdicts, want none", family, c.name)
			case c.want != nil && !found:
				t.Errorf("%s, %s: no verdict of %q with %q", family, c.name, c.verdicts, c.want)
			}
		}
	}
}
