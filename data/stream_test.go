package data

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal"
)

// timed is a table in order of time with a group in each row.
func timed(n int) string {
	var b strings.Builder
	b.WriteString("when;ward;x;y\n")
	for i := range n {
		fmt.Fprintf(&b, "%d;ward %d;%d;%.3f\n", 1000+i/2, i/5%7, i*i%11, float64(i*37%997)/8)
	}
	return b.String()
}

func packed(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(s)) // into memory
	_ = z.Close()
	return b.String()
}

func TestBatchesAreRead(t *testing.T) {
	dir := t.TempDir()
	gaps := strings.Replace(people(120), "m,Rome", "NA,Rome", 1)
	wide := func(n int) string { // more than a head, without a header
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "%g,%g,%d\n", float64(i)/7, 1e6/float64(i+1), i%3)
		}
		return b.String()
	}
	for name, text := range map[string]string{
		"people.csv": people(300), "people.csv.gz": packed(people(300)), "mark.csv": byteOrderMark + people(60), "gaps.csv": gaps,
		"timed.csv": timed(200), "part-1.csv": people(90), "part-2.csv": people(77), "wide.csv": wide(200_000),
		"spaces.dat": strings.ReplaceAll(wide(50), ",", "  "), "bits.data": strings.Repeat("0,1,1\n1,0,1\n1,1,0\n", 40),
		"text.txt": strings.Repeat("the quick brown fox jumps over the lazy dog. ", 40),
	} {
		writeAt(t, filepath.Join(dir, name), text)
	}
	for _, c := range []struct {
		ref  string
		opts Options
		most []int
	}{
		{"people.csv", Options{}, []int{1, 7, 300, 1000}},
		{"people.csv", Options{Label: "sex", Categorical: []string{"age"}}, []int{64}},
		{"people.csv.gz", Options{}, []int{64}},
		{"mark.csv", Options{}, []int{64}},
		{"gaps.csv", Options{DropMissing: true}, []int{1, 50}},
		{"timed.csv", Options{TimeColumn: "when"}, []int{1, 64, 200}},
		{"timed.csv", Options{Group: "ward"}, []int{1, 64}},
		{"part-*.csv", Options{}, []int{50}},
		{"wide.csv", Options{}, []int{4096}},
		{"spaces.dat", Options{}, []int{16}},
		{"bits.data", Options{}, []int{16}},
		{"text.txt", Options{Length: 16}, []int{16}},
		{"tree64", Options{}, []int{999}},
	} {
		ref := c.ref
		if ref != "tree64" {
			ref = filepath.Join(dir, ref)
		}
		set := open(t, ref, c.opts)
		want, err := Read(ref, set.Space, c.opts)
		if err != nil {
			t.Fatal(err)
		}
		for _, most := range c.most {
			t.Run(fmt.Sprintf("%s/%d", c.ref, most), func(t *testing.T) { sameAsBatches(t, want, ref, c.opts, most) })
		}
	}
}

func sameAsBatches(t *testing.T, want *surprisal.Batch, ref string, opts Options, most int) {
	t.Helper()
	sum, lo, ordered := surprisal.NewChecksum(want.Space), 0, true
	for b, err := range Batches(ref, want.Space, opts, most) {
		if err != nil {
			t.Fatal(err)
		}
		n := b.Len()
		if n == 0 || n > most || lo+n < want.Len() && n < most {
			t.Fatalf("a batch of %d events from %d on, want %d, and fewer only at the end", n, lo, most)
		}
		part := want.Slice(lo, min(lo+n, want.Len()))
		if !slices.Equal(b.IDs, part.IDs) || !slices.Equal(b.Group, part.Group) {
			t.Fatalf("from event %d on the ids or groups are not those of Read", lo)
		}
		sum.Add(b)
		ordered = ordered && b.Ordered
		lo += n
	}
	if lo != want.Len() || ordered != want.Ordered {
		t.Errorf("%d events, in order %t; want %d, %t", lo, ordered, want.Len(), want.Ordered)
	}
	if got, want := sum.Sum(), want.Checksum(); got != want {
		t.Errorf("checksum %s, want %s as Read has it", got, want)
	}
}

func TestTimesThatGoBackAreNotInOrder(t *testing.T) {
	rows := strings.SplitAfter(timed(40), "\n")
	rows[10], rows[30] = rows[30], rows[10]
	path := write(t, "back.csv", strings.Join(rows, ""))
	opts := Options{TimeColumn: "when"}
	b, err := Read(path, open(t, path, opts).Space, opts)
	if err != nil || b.Ordered {
		t.Fatalf("in order %t, error %v: want neither", b.Ordered, err)
	}
	for _, most := range []int{1, 8} {
		sameAsBatches(t, b, path, opts, most)
	}
}

func TestBatchesRefuse(t *testing.T) {
	good := write(t, "people.csv", people(300))
	space := open(t, good, Options{}).Space
	long := people(60_000) // more than a head
	for _, c := range []struct{ name, text, want string }{
		{"ragged", people(100) + "1,2\n", "line 102 has 2 fields"},
		{"missing", strings.Replace(people(100), "m,Rome", ",Rome", 1), `the value "" is missing`},
		{"no number", strings.Replace(long, "\n25,", "\nold,", 1), `"old" is no number`},
		{"off the grid", people(100) + "20,1.505,m,Rome,1,3,x\n", "does not lie on its"},
		{"unknown", people(100) + "20,1.5,m,Paris,1,3,x\n", `"Paris" is none of its 3 categories`},
		{"columns", "a,b\n1,2\n3,4\n", "none of its columns"},
		{"empty", "", "the file is empty"},
		{"header alone", "age,height,sex,city,smokes,visits,name\n", ""},
		{"broken gzip", packed(long)[:20_000], "truncated or corrupt"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path, last := write(t, "x.csv", c.text), error(nil)
			for b, err := range Batches(path, space, Options{}, 64) {
				if last != nil {
					t.Fatal("there is more after an error")
				}
				if last = err; err == nil && b.Len() == 0 {
					t.Fatal("an empty batch")
				}
			}
			if last == nil || !strings.Contains(last.Error(), c.want) {
				t.Errorf("error %v, want one with %q", last, c.want)
			}
		})
	}
	for range Batches(good, space, Options{}, 10) {
		break // leaves off without a word
	}
}
