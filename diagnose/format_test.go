package diagnose_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/diagnose"
)

func TestTexts(t *testing.T) {
	for want, v := range map[string]fmt.Stringer{
		"test − valid 12.53 ± 1.55 nats":                                            diagnose.Gap{Of: "test − valid", Nats: 12.534, StdErr: 1.553},
		"test − valid 0.00 ± 0.02 nats":                                             diagnose.Gap{Of: "test − valid", Nats: -0.004, StdErr: 0.02},
		"test − valid 0.0012 ± 0.0004 nats":                                         diagnose.Gap{Of: "test − valid", Nats: 0.0012, StdErr: 0.0004},
		"test − valid 2.03 ± ? nats":                                                diagnose.Gap{Of: "test − valid", Nats: 2.03, StdErr: math.NaN()},
		"13,510 of 16,181 train events occur again in train, by chance 13,509 ± 12": diagnose.Overlap{First: "train", Second: "train", Shared: 13510, Events: 16181, Expected: 13509.4, StdDev: 12.3},
		"0 of 1 test event occurs in valid, by chance 0 ± 0":                        diagnose.Overlap{First: "valid", Second: "test", Events: 1},
		"kind = cat, 1,200 events: 12.54 nats, saves 0.18 ± 0.10":                   diagnose.Slice{Name: "kind = cat", Events: 1200, Nats: 12.542, Saving: 0.176, StdErr: 0.1, Allowed: 0.5},
		"kind = cat, 9 events: 3 nats, saves -1.88 ± 0 (the truth might lose 2.3)":  diagnose.Slice{Name: "kind = cat", Events: 9, Nats: 3, Saving: -1.88, Allowed: 2.31},
		"kind = cat, 9 events: 3 nats, saves -1.88 ± 0.20":                          diagnose.Slice{Name: "kind = cat", Events: 9, Nats: 3, Saving: -1.88, StdErr: 0.2},
	} {
		if got := v.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestClusterNamesDiffer: eight clusters are told by two columns each, or by
// more where those do not tell them apart.
func TestClusterNamesDiffer(t *testing.T) {
	r := surprisal.Key(5).Rand()
	var rows [][]uint8
	for range 2000 {
		row := make([]uint8, 4)
		a, b := uint8(r.IntN(2)), uint8(r.IntN(2))
		row[0], row[1] = a, a
		row[2], row[3] = a&b, uint8(r.IntN(2))
		rows = append(rows, row)
	}
	c := diagnose.ClustersOf(bits(rows...), 1)
	seen, longest := map[string]bool{}, 0
	for _, name := range c.Names {
		_, marks, _ := strings.Cut(name, "(in training ")
		if seen[marks] {
			t.Errorf("two clusters are told by %s: %q", marks, c.Names)
		}
		seen[marks] = true
		longest = max(longest, strings.Count(marks, ", ")+1)
	}
	if longest < 3 {
		t.Errorf("no cluster needs more than two columns: %q", c.Names)
	}
}
