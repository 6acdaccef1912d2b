package data

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal"
)

// TestWrittenRowsReadBack writes events as CSV and reads them by the space of
// their set: scalars, arrays, images, categories, and a label that is no part
// of the event.
func TestWrittenRowsReadBack(t *testing.T) {
	people := open(t, write(t, "people.csv", people(50)), Options{})
	for name, b := range map[string]*surprisal.Batch{
		"people": people.Train,
		"bits":   open(t, "tree64", Options{}).Test.Slice(0, 5),
		"points": open(t, "two-moons", Options{}).Test.Slice(0, 5),
		"images": open(t, "glyphs-binary", Options{}).Test.Slice(0, 5),
	} {
		var text strings.Builder
		if err := WriteCSV(&text, b); err != nil {
			t.Fatal(err)
		}
		back, err := Read(write(t, "rows.csv", text.String()), b.Space, Options{Label: "absent", Columns: map[string]string{"gone": "skip"}})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if back.Checksum() != b.Checksum() {
			t.Errorf("%s: other events come back", name)
		}
	}
	_, err := Read(write(t, "foreign.csv", "a,b\n1,2\n3,4\n"), open(t, "tree64", Options{}).Space, Options{})
	if err == nil || !strings.Contains(err.Error(), "none of its columns (a, b) is one of those wanted (x[0], x[1]") {
		t.Errorf("foreign columns: error %v", err)
	}
}

func TestNameOf(t *testing.T) {
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for ref, want := range map[string]string{
		"../x/nltcs.{split}.data.gz": "nltcs", "dir/mnist/": "mnist", "part-*.csv": "part", "a b.csv": "a b",
		".": filepath.Base(here), "*.csv": filepath.Base(here), "/": "data",
	} {
		if got := NameOf(ref); got != want {
			t.Errorf("NameOf(%q) = %q, want %q", ref, got, want)
		}
	}
}
