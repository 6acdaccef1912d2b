package data

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// realData returns the path of a set of real data beside the repository, or
// skips.
func realData(t *testing.T, path string) string {
	t.Helper()
	root := filepath.Join("..", "..", "shared", "data")
	if _, err := os.Stat(root); err != nil {
		t.Skip("real data is not there (../shared/data)")
	}
	return filepath.Join(root, path)
}

// TestRealSets holds the published counts.
func TestRealSets(t *testing.T) {
	for _, c := range []struct {
		ref                string
		train, valid, test int
		field              string
		labels             int
		large              bool
	}{
		{"mnist", 54000, 6000, 10000, "image: grid of step 1 from 0, 256 levels, shape [28 28 1]", 10, true},
		{"binarized_mnist", 50000, 10000, 10000, "image: binary, shape [28 28 1]", 0, true},
		{"omniglot", 17352, 1928, 13180, "image: grid of step 1 from 0, 256 levels, shape [28 28 1]", 0, true},
		{"cifar10", 3200, 400, 400, "image: grid of step 1 from 0, 256 levels, shape [32 32 3]", 10, true},
		{"debd/nltcs.{split}.data.gz", 16181, 2157, 3236, "x: binary, shape [16]", 0, false},
		{"debd/plants.{split}.data.gz", 17412, 2321, 3482, "x: binary, shape [69]", 0, true},
		{"debd/baudio.{split}.data.gz", 15000, 2000, 3000, "x: binary, shape [100]", 0, true},
		{"debd/jester.{split}.data.gz", 9000, 1000, 4116, "x: binary, shape [100]", 0, true},
		{"debd/bnetflix.{split}.data.gz", 15000, 2000, 3000, "x: binary, shape [100]", 0, true},
		{"debd/accidents.{split}.data.gz", 12758, 1700, 2551, "x: binary, shape [111]", 0, true},
		{"debd/mushrooms.{split}.data.gz", 2000, 500, 5624, "x: binary, shape [112]", 0, false},
		{"text/tinyshakespeare.txt.gz", 13944, 1742, 1742, "text: categorical of 65, shape [64]", 0, false},
		{"adbench/42_WBC.npz", 179, 22, 22, "x: grid of step 1 from 1, shape [9]", 2, false},
		{"adbench/40_vowels.npz", 1166, 145, 145, "x: real, shape [12]", 2, false},
		{"adbench/29_Pima.npz", 616, 76, 76, "x0: count", 2, false},
	} {
		t.Run(c.ref, func(t *testing.T) {
			path := realData(t, c.ref)
			if c.large && testing.Short() {
				t.Skip("a large set")
			}
			set := open(t, path, Options{})
			if a, b, n := set.Train.Len(), set.Valid.Len(), set.Test.Len(); a != c.train || b != c.valid || n != c.test {
				t.Errorf("%d / %d / %d events, want %d / %d / %d", a, b, n, c.train, c.valid, c.test)
			}
			if got := set.Space.Fields[0].String(); got != c.field {
				t.Errorf("field %q, want %q", got, c.field)
			}
			if n := len(set.Train.LabelNames); n != c.labels {
				t.Errorf("%d labels, want %d", n, c.labels)
			}
			if err := set.Valid.Validate(); err != nil {
				t.Error(err)
			}
		})
	}
}

// uci makes a CSV of a regression set, as a user would have it.
func uci(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(realData(t, filepath.Join("uci_regression", name, "data.txt")))
	if err != nil {
		t.Fatal(err)
	}
	var csv strings.Builder
	for line := range strings.Lines(string(b)) {
		csv.WriteString(strings.Join(strings.Fields(line), ",") + "\n")
	}
	return write(t, name+".csv", csv.String())
}

// TestRealSchemas holds which columns are grids, and of what step.
func TestRealSchemas(t *testing.T) {
	for name, want := range map[string][]string{
		"concrete": {
			"x0: grid of step 0.1 from 102", "x1: grid of step 0.1 from 0", "x2: grid of step 0.1 from 0", "x3: grid of step 0.1 from 121.8",
			"x4: grid of step 0.1 from 0", "x5: grid of step 0.1 from 801", "x6: grid of step 0.1 from 594", "x7: grid of step 1 from 1", "x8: grid of step 0.01 from 2.33",
		},
		"wine-quality-red": {
			"x0: grid of step 0.1 from 4.6", "x1: grid of step 0.005 from 0.12", "x2: grid of step 0.01 from 0", "x3: grid of step 0.05 from 0.9",
			"x4: grid of step 0.001 from 0.012", "x5: grid of step 0.5 from 1", "x6: grid of step 0.5 from 6", "x7: grid of step 1e-05 from 0.99007",
			"x8: grid of step 0.01 from 2.74", "x9: grid of step 0.01 from 0.33",
			"x10: grid of step 0.016666666666666666 from 8.4", // thirds, to 14 digits
			"x11: grid of step 1 from 3",
		},
		"energy": {
			"x0: grid of step 0.01 from 0.62", "x1: grid of step 24.5 from 514.5", "x2: grid of step 24.5 from 245", "x3: grid of step 12.25 from 110.25",
			"x4: grid of step 3.5 from 3.5, 2 levels", "x5: grid of step 1 from 2", "x6: grid of step 0.05 from 0", "x7: count", "x8: grid of step 0.01 from 6.01",
		},
		"power-plant": {
			"x0: grid of step 0.01 from 1.81", "x1: grid of step 0.01 from 25.36", "x2: grid of step 0.01 from 992.89", "x3: grid of step 0.01 from 25.56", "x4: grid of step 0.01 from 420.26",
		},
		"kin8nm": {"x: real, shape [9]"},
	} {
		t.Run(name, func(t *testing.T) {
			set := open(t, uci(t, name), Options{})
			var got []string
			for _, f := range set.Space.Fields {
				got = append(got, f.String())
			}
			if !slices.Equal(got, want) {
				t.Errorf("schema\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			if err := set.Test.Validate(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestRealFaults(t *testing.T) {
	for path, want := range map[string]string{
		"kodak":           "of one size",
		"debd":            "several sets",
		"text/dickens.xz": "xz -dk",
	} {
		if _, err := Open(realData(t, path), Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", path, err, want)
		}
	}
}
