package data

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal"
)

// values returns the first scalar of every event.
func values(b *surprisal.Batch) []float64 {
	out := make([]float64, b.Len())
	row := make([]float64, b.Space.Dims())
	for i := range out {
		b.Float64s(row, i)
		out[i] = row[0]
	}
	return out
}

func TestRandomSplitsFollowTheSeed(t *testing.T) {
	path := write(t, "people.csv", people(300))
	a, b, c := open(t, path, Options{Seed: 1}), open(t, path, Options{Seed: 1}), open(t, path, Options{Seed: 2})
	if a.Test.Checksum() != b.Test.Checksum() {
		t.Error("one seed gave two splits")
	}
	if a.Test.Checksum() == c.Test.Checksum() {
		t.Error("two seeds gave one split")
	}
	var ids []uint64
	for _, s := range []*surprisal.Batch{a.Train, a.Valid, a.Test} {
		for i := range s.Len() {
			ids = append(ids, s.ID(i))
		}
	}
	slices.Sort(ids)
	for i, id := range ids {
		if id != uint64(i) {
			t.Fatalf("the splits do not part the rows: id %d at %d", id, i)
		}
	}
}

func TestGroupsStayWhole(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	b.WriteString("x,who\n")
	for range 500 {
		fmt.Fprintf(&b, "%d,p%d\n", r.IntN(50), r.IntN(40))
	}
	set := open(t, write(t, "t.csv", b.String()), Options{Group: "who"})
	in := map[int32]string{}
	for _, name := range splitNames {
		s, err := set.Split(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range s.Group {
			if old, ok := in[g]; ok && old != name {
				t.Fatalf("group %d is in %s and %s", g, old, name)
			}
			in[g] = name
		}
	}
	if n := set.Test.Len(); n < 30 || n > 80 {
		t.Errorf("%d test events of 500", n)
	}
	if set.Space.Dims() != 1 {
		t.Errorf("the group is modelled: %v", set.Space.Fields)
	}
	if _, err := Open(write(t, "one.csv", "x,who\n"+strings.Repeat("1,a\n2,a\n", 20)), Options{Group: "who"}); err == nil {
		t.Error("one group was parted")
	}
}

func TestTimeOrder(t *testing.T) {
	var b strings.Builder
	b.WriteString("x,day\n")
	for i := range 100 {
		day := i * 37 % 100
		fmt.Fprintf(&b, "%d,2024-%02d-%02d\n", day, 1+day/28, 1+day%28)
	}
	set := open(t, write(t, "t.csv", b.String()), Options{TimeColumn: "day"})
	train, valid, test := values(set.Train), values(set.Valid), values(set.Test)
	if slices.Max(train) >= slices.Min(valid) || slices.Max(valid) >= slices.Min(test) || len(test) != 10 || len(valid) != 10 {
		t.Errorf("train up to %g, valid %g to %g, test from %g", slices.Max(train), slices.Min(valid), slices.Max(valid), slices.Min(test))
	}
}

// TestEqualTimesAreNotParted puts seven of ten rows of the end at one time.
func TestEqualTimesAreNotParted(t *testing.T) {
	var b strings.Builder
	b.WriteString("x,at\n")
	for i := range 100 {
		fmt.Fprintf(&b, "%d,%d\n", i, i/7)
	}
	set := open(t, write(t, "t.csv", b.String()), Options{TimeColumn: "at"})
	for _, s := range []*surprisal.Batch{set.Valid, set.Test} {
		if first := int(slices.Min(values(s))); first%7 != 0 {
			t.Errorf("a split begins at row %d, within one time", first)
		}
	}
}

func TestGivenSplitsAreKept(t *testing.T) {
	dir := t.TempDir()
	for name, lo := range map[string]int{"train": 0, "val": 1000, "test": 2000} {
		var b strings.Builder
		for i := range 30 {
			fmt.Fprintf(&b, "%d,%d\n", lo+i, i%5)
		}
		writeAt(t, filepath.Join(dir, "set."+name+".csv"), b.String())
	}
	for _, ref := range []string{dir, filepath.Join(dir, "set.{split}.csv"), filepath.Join(dir, "*.csv")} {
		set := open(t, ref, Options{})
		if v := values(set.Valid); v[0] != 1000 || len(v) != 30 || values(set.Test)[0] != 2000 || values(set.Train)[0] != 0 {
			t.Errorf("%s: valid %v", ref, v)
		}
		if len(set.Sources) != 3 || !strings.Contains(set.Sources[0].Path, "train") {
			t.Errorf("%s: sources %v", ref, set.Sources)
		}
		if set.Valid.ID(0) != 30 || set.Test.ID(0) != 60 {
			t.Errorf("%s: ids %d, %d", ref, set.Valid.ID(0), set.Test.ID(0))
		}
	}
	// the grid is found over all splits: 1000s and units alike
	if f := open(t, dir, Options{}).Space.Fields[0]; f.Kind != surprisal.Count {
		t.Errorf("field %q", f)
	}
	writeAt(t, filepath.Join(dir, "other.train.csv"), "1,2\n")
	if _, err := Open(dir, Options{}); err == nil || !strings.Contains(err.Error(), "several sets") {
		t.Errorf("error %v", err)
	}
	if _, err := Open(filepath.Join(dir, "nothing.{split}.csv"), Options{}); err == nil || !strings.Contains(err.Error(), "matches no file") {
		t.Errorf("error %v", err)
	}
}

func TestUnknownName(t *testing.T) {
	_, err := Open("tree65", Options{})
	if err == nil || !strings.Contains(err.Error(), "tree64") || !strings.Contains(err.Error(), "{split}") {
		t.Errorf("error %v does not name the sets and the forms of a path", err)
	}
	for _, empty := range []string{t.TempDir()} {
		if _, err := Open(empty, Options{}); err == nil || !strings.Contains(err.Error(), "holds no data") {
			t.Errorf("error %v", err)
		}
	}
}

func TestText(t *testing.T) {
	path := write(t, "prose.txt", strings.Repeat("to be, or not to be\n", 40))
	set := open(t, path, Options{Length: 10})
	f := set.Space.Fields[0]
	if f.Levels != 9 || f.Labels[0] != `\n` || !slices.Equal(f.Shape, []int{10}) {
		t.Errorf("field %v", f)
	}
	if set.Train.Len() != 64 || set.Train.ID(0) != 0 || set.Test.ID(0) != 72 {
		t.Errorf("%d training windows, test from window %d", set.Train.Len(), set.Test.ID(0))
	}
	row := make([]float64, 10)
	set.Train.Float64s(row, 0)
	var got strings.Builder
	for _, v := range row {
		got.WriteString(f.Labels[int(v)])
	}
	if got.String() != "to be, or " {
		t.Errorf("first window %q", got.String())
	}
	// fewer symbols in a new file still have the codes of the set
	b, err := Read(write(t, "new.txt", "tototototo"), set.Space, Options{Length: 10})
	if err != nil {
		t.Fatal(err)
	}
	b.Float64s(row, 0)
	if f.Labels[int(row[0])] != "t" || f.Labels[int(row[1])] != "o" {
		t.Errorf("codes %v", row)
	}
	if _, err := Read(write(t, "new.txt", "zzzzzzzzzz"), set.Space, Options{Length: 10}); err == nil || !strings.Contains(err.Error(), `symbol "z"`) {
		t.Errorf("error %v", err)
	}
	all := open(t, write(t, "noise.bin", string(ramp(256))+string(ramp(256))), Options{Length: 16})
	if f := all.Space.Fields[0]; f.Levels != 256 || f.Labels != nil {
		t.Errorf("bytes: %s", f)
	}
}
