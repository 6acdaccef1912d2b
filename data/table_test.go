package data

import (
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal"
)

// write makes a file in a fresh folder and returns its path.
func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	writeAt(t, path, content)
	return path
}

func writeAt(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// people is a small table with one column of each kind.
func people(n int) string {
	var b strings.Builder
	b.WriteString("age,height,sex,city,smokes,visits,name\n")
	for i := range n {
		fmt.Fprintf(&b, "%d,%.2f,%s,%s,%d,%d,\"Person, no. %d\"\n", 17+i*7%60, 1.5+float64(i*13%50)/100,
			[]string{"f", "m"}[i%2], []string{"Rome", "Oslo", "Bonn"}[i%3], i/2%2, i*i%9, i)
	}
	return b.String()
}

func TestSchema(t *testing.T) {
	set := open(t, write(t, "people.csv", people(200)), Options{})
	var got []string
	for _, f := range set.Space.Fields {
		got = append(got, f.String())
	}
	want := []string{"age: grid of step 1 from 17", "height: grid of step 0.01 from 1.5", "sex: binary", "city: categorical of 3", "smokes: binary", "visits: count"}
	if !slices.Equal(got, want) {
		t.Errorf("schema %q, want %q", got, want)
	}
	if labels := set.Space.Fields[3].Labels; !slices.Equal(labels, []string{"Bonn", "Oslo", "Rome"}) {
		t.Errorf("city has labels %v, want sorted ones", labels)
	}
	if notes := strings.Join(set.Notes, "\n"); !strings.Contains(notes, `"name" holds 200 different texts`) {
		t.Errorf("the notes do not say that the column of names is left out:\n%s", notes)
	}
	if set.Train.Len() != 160 || set.Valid.Len() != 20 || set.Test.Len() != 20 {
		t.Errorf("splits of %d, %d, %d events, want 160, 20, 20", set.Train.Len(), set.Valid.Len(), set.Test.Len())
	}
	for _, b := range []*surprisal.Batch{set.Train, set.Valid, set.Test} {
		if err := b.Validate(); err != nil {
			t.Error(err)
		}
	}
	if set.Name != "people" || len(set.Sources) != 1 || len(set.Sources[0].SHA256) != 64 {
		t.Errorf("name %q, sources %v", set.Name, set.Sources)
	}
}

// TestValuesSurvive: every value of the table is in the batch, row for row.
func TestValuesSurvive(t *testing.T) {
	path := write(t, "people.csv", people(100))
	set := open(t, path, Options{})
	all, err := Read(path, set.Space, Options{})
	if err != nil {
		t.Fatal(err)
	}
	row := make([]float64, 6)
	for i := range all.Len() {
		all.Float64s(row, i)
		want := []float64{float64(17 + i*7%60), 1.5 + float64(i*13%50)/100, float64(i % 2), []float64{2, 1, 0}[i%3], float64(i / 2 % 2), float64(i * i % 9)}
		for j := range row {
			if d := row[j] - want[j]; d > 1e-9 || d < -1e-9 {
				t.Fatalf("row %d is %v, want %v", i, row, want)
			}
		}
	}
}

// TestDialects: the same table in other clothes reads the same.
func TestDialects(t *testing.T) {
	rows := [][]string{{"a", "b", "c"}}
	for i := range 40 {
		rows = append(rows, []string{fmt.Sprint(i * 3 % 7), fmt.Sprintf("%.1f", float64(i%11)/2), fmt.Sprint(i % 2)})
	}
	join := func(rows [][]string, sep, end string) string {
		var b strings.Builder
		for _, r := range rows {
			b.WriteString(strings.Join(r, sep) + end)
		}
		return b.String()
	}
	want := ""
	for name, text := range map[string]string{
		"comma.csv": join(rows, ",", "\n"), "semicolon.csv": join(rows, ";", "\n"), "tab.tsv": join(rows, "\t", "\n"), "bar.csv": join(rows, "|", "\n"),
		"space.dat": join(rows, "  ", " \n"), "crlf.csv": join(rows, ",", "\r\n"), "bom.csv": "\xef\xbb\xbf" + join(rows, ",", "\n"),
		"padded.csv": join(rows, ", ", "\n"), "padded.tsv": join(rows, " \t", " \n"), "plain.txt": join(rows, "\t", "\n"), "blank.csv": "\n" + join(rows, ",", "\n\n"),
	} {
		set := open(t, write(t, name, text), Options{})
		if got := set.Train.Checksum(); want == "" {
			want = got
		} else if got != want {
			t.Errorf("%s reads differently: %v", name, set.Space.Fields)
		}
	}
	bare := open(t, write(t, "bare.csv", join(rows[1:], ",", "\n")), Options{})
	if bare.Space.Fields[0].Name != "x0" || bare.Train.Len() != 32 {
		t.Errorf("without a header: first column %q, %d training rows", bare.Space.Fields[0].Name, bare.Train.Len())
	}
}

func TestOptions(t *testing.T) {
	path := write(t, "people.csv", people(200))
	set := open(t, path, Options{Label: "city", Categorical: []string{"visits"}, Columns: map[string]string{"height": "real", "age": "grid:0.5", "smokes": "skip"}})
	var got []string
	for _, f := range set.Space.Fields {
		got = append(got, f.String())
	}
	want := []string{"age: grid of step 0.5 from 17", "height: real", "sex: binary", "visits: categorical of 4"}
	if !slices.Equal(got, want) {
		t.Errorf("schema %q, want %q", got, want)
	}
	if !slices.Equal(set.Test.LabelNames, []string{"Bonn", "Oslo", "Rome"}) || len(set.Test.Label) != set.Test.Len() {
		t.Errorf("label names %v, %d labels", set.Test.LabelNames, len(set.Test.Label))
	}
	if got := set.Space.Measure(); got != "mass(age,sex,visits) × density(height)" {
		t.Errorf("measure %q", got)
	}
}

func TestTableErrors(t *testing.T) {
	for _, c := range []struct {
		name, text string
		opts       Options
		want       []string
	}{
		{"ragged", "a,b\n1,2\n3\n4,5\n", Options{}, []string{"line 3", "1 fields", "has 2"}},
		{"text in numbers", "a,b\n1,2\n3,4\nfive,6\n7,8\n", Options{}, []string{"line 4", `column "a"`, `"five"`, "--column a=categorical"}},
		{"missing", "a,b\n1,2\n3,?\n", Options{}, []string{"line 3", `column "b"`, "missing", "--drop-missing"}},
		{"empty cell", "a,b\n1,2\n,4\n", Options{}, []string{"line 3", `column "a"`, "missing"}},
		{"NaN", "a,b\n1,2\n3,NaN\n", Options{}, []string{"line 3", `column "b"`}},
		{"infinite", "a,b\n1,2\n3,inf\n4,5\n", Options{}, []string{"line 3", `"inf" is no number`}},
		{"decimal comma", "a;b\n1;2,5\n3;4\n3;5\n", Options{}, []string{"line 2", `column "b"`, "with a point"}},
		{"open quote", "a,b\n1,\"2\n3,4\n", Options{}, []string{"line"}},
		{"twice", "a,a\nx,1\ny,2\n", Options{}, nil},
		{"no rows", "a,b\n", Options{}, nil},
		{"too few", "a,b\n1,2\n3,4\n", Options{}, []string{"too few"}},
		{"no such label", "a,b\n1,2\n", Options{Label: "c"}, []string{`no column "c"`, "a, b"}},
		{"no such column", "a,b\n1,2\n", Options{Columns: map[string]string{"q": "real"}}, []string{`no column "q"`}},
		{"bad type", "a,b\n1,2\n", Options{Columns: map[string]string{"a": "number"}}, []string{`"number"`, "grid:STEP"}},
		{"two uses", "a,b\n1,2\n", Options{Label: "a", Columns: map[string]string{"a": "real"}}, []string{"choose one"}},
		{"group and time", "a,b\n1,2\n", Options{Group: "a", TimeColumn: "b"}, []string{"choose one"}},
		{"no time", "a,t\n1,2\n3,soon\n", Options{TimeColumn: "t"}, []string{"line 3", `"soon" is no time`}},
		{"nothing left", "a\n1\n2\n3\n", Options{Columns: map[string]string{"a": "skip"}}, []string{"no column is left"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Open(write(t, "t.csv", c.text), c.opts)
			if err == nil {
				t.Fatal("no error")
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error %q does not say %q", err, w)
				}
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("error of several lines: %q", err)
			}
		})
	}
}

func TestDropMissing(t *testing.T) {
	var b strings.Builder
	b.WriteString("a,b\n")
	for i := range 50 {
		fmt.Fprintf(&b, "%d,%d\n", i, i%7)
		if i%10 == 0 {
			b.WriteString("NA,3\n5,?\n")
		}
	}
	set := open(t, write(t, "t.csv", b.String()), Options{DropMissing: true})
	if n := set.Train.Len() + set.Valid.Len() + set.Test.Len(); n != 50 {
		t.Errorf("%d rows are left, want 50", n)
	}
	if !slices.ContainsFunc(set.Notes, func(s string) bool { return strings.HasPrefix(s, "10 rows") }) {
		t.Errorf("notes %q do not count the rows left out", set.Notes)
	}
}

func TestReadFollowsTheSpace(t *testing.T) {
	set := open(t, write(t, "people.csv", people(200)), Options{})
	good := "visits,sex,extra,smokes,city,height,age\n3,m,zz,1,Oslo,1.77,20\n"
	b, err := Read(write(t, "new.csv", good), set.Space, Options{})
	if err != nil {
		t.Fatal(err)
	}
	row := make([]float64, 6)
	b.Float64s(row, 0)
	if !slices.Equal(row, []float64{20, 1.77, 1, 1, 1, 3}) {
		t.Errorf("row %v", row)
	}
	for want, text := range map[string]string{
		`"Paris" is none of its 3 categories`: strings.Replace(good, "Oslo", "Paris", 1),
		"does not lie on its":                 strings.Replace(good, "1.77", "1.775", 1),
		"want age with 1 values":              strings.Replace(good, "age", "years", 1),
	} {
		if _, err := Read(write(t, "bad.csv", text), set.Space, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestGzip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "people.csv.gz")
	var b strings.Builder
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(people(100))); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	writeAt(t, path, b.String())
	plain := open(t, write(t, "people.csv", people(100)), Options{})
	if got := open(t, path, Options{}); got.Train.Checksum() != plain.Train.Checksum() || got.Name != "people" {
		t.Errorf("gzip reads differently (name %q)", got.Name)
	}
	writeAt(t, path, b.String()[:b.Len()-20])
	if _, err := Open(path, Options{}); err == nil || !strings.Contains(err.Error(), "truncated or corrupt") {
		t.Errorf("cut gzip: error %v", err)
	}
	writeAt(t, path, "")
	if _, err := Open(path, Options{}); err == nil || !strings.Contains(err.Error(), "empty") {
		t.Errorf("empty file: error %v", err)
	}
}

func FuzzTable(f *testing.F) {
	for _, s := range []string{people(5), "1 2\n3 4\n5 6\n", "a;b\n1,5;2\n", "\"a\n\"\n", "a,b\n1", "\xef\xbb\xbf", "1e308,1e-308\n-1e308,2\n3,4\n", "0.1\n0.3\n0.7\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		files := []file{{path: "t.csv", bytes: []byte(s)}}
		r, err := readTables(files, Options{DropMissing: true})
		if err != nil || r.rows == 0 {
			return
		}
		b, err := r.batch(Options{})
		if err != nil {
			return
		}
		if err := b.Validate(); err != nil {
			t.Errorf("a table was read into a batch that is not valid: %v", err)
		}
	})
}
