package diagnose_test

import (
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/diagnose"
	"github.com/surprisal-go/surprisal/internal/fmath"
)

// patients are events of binary columns, of which the second follows the first
// in nine of ten and so many others are free, with what an exact model of them costs over
// independent marginals. In a part of scrambled events the second is drawn anew.
func patients(n, free int, scrambled float64, key surprisal.Key) diagnose.Excess {
	r := key.Rand()
	v := make(surprisal.Values[uint8], 0, (2+free)*n)
	e := diagnose.Excess{}
	half := fmath.Log(0.5)
	for range n {
		a := r.IntN(2)
		b := a
		if r.Float64() < 0.1 {
			b = 1 - a
		}
		if r.Float64() < scrambled {
			b = r.IntN(2)
		}
		cost := half - fmath.Log(0.9)
		if a != b {
			cost = half - fmath.Log(0.1)
		}
		v = append(v, uint8(a), uint8(b))
		for range free {
			v = append(v, uint8(r.IntN(2)))
		}
		noise := fmath.Normal(r) // of columns that are not looked at
		e.Nats = append(e.Nats, cost+noise)
		e.Columns = append(append(e.Columns, 0, cost), make([]float64, free)...)
	}
	e.Events = &surprisal.Batch{Columns: []surprisal.Column{v}, Space: &surprisal.Space{Fields: []surprisal.Field{{Name: "s", Kind: surprisal.Binary, Shape: []int{2 + free}}}}}
	return e
}

func TestShiftsFindsScrambledRows(t *testing.T) {
	all := diagnose.ShiftsOf(patients(4000, 1, 0.2, 1), patients(4000, 1, 0, 2), nil)
	if len(all) == 0 || !all[0].Seen {
		t.Fatalf("one row in five scrambled is not seen: %+v", all)
	}
	s := all[0]
	if s.Of != "s[1]" || !strings.Contains(s.Where, "s[1] = ") || !strings.Contains(s.Where, "s[0] = ") {
		t.Errorf("found %q of %q, want rows where s[0] and s[1] differ, of s[1]", s.Where, s.Of)
	}
	if float64(s.Test) < 1.3*s.Expected {
		t.Errorf("%d test events, expected %g: want many more", s.Test, s.Expected)
	}
}

// TestShiftsOfLikeEvents holds the chance of a false finding: over 100 pairs
// of sets of one distribution it is a hundredth each.
func TestShiftsOfLikeEvents(t *testing.T) {
	seen := 0
	for k := range 100 {
		key := surprisal.Key(100 + 2*k)
		for _, s := range diagnose.ShiftsOf(patients(400, 30, 0, key), patients(400, 30, 0, key+1), nil) {
			if s.Seen {
				seen++
				break
			}
		}
	}
	if seen > 5 { // of 100 at 0.01 each, more happen with a chance of 0.0005
		t.Errorf("%d of 100 honest pairs are said to differ", seen)
	}
}

func TestShiftsOfInfiniteNats(t *testing.T) {
	test, valid := patients(400, 1, 0, 1), patients(400, 1, 0, 2)
	test.Nats[7], valid.Columns[4] = fmath.Log(0)*-1, fmath.Log(0)*-1
	for _, s := range diagnose.ShiftsOf(test, valid, nil) {
		if s.Extra != s.Extra || s.Seen {
			t.Errorf("an infinite event makes %+v", s)
		}
	}
}

// TestClusters: three clouds and a category, far apart.
func TestClusters(t *testing.T) {
	const n = 600
	r := surprisal.Key(3).Rand()
	x, kind := make(surprisal.Values[float64], n), make(surprisal.Values[int32], n)
	for i := range n {
		kind[i] = int32(i % 3)
		x[i] = 10*float64(i%3) + fmath.Normal(r)/10
	}
	b := &surprisal.Batch{Columns: []surprisal.Column{x, kind}, Space: &surprisal.Space{Fields: []surprisal.Field{
		{Name: "size", Kind: surprisal.Real}, {Name: "kind", Kind: surprisal.Categorical, Levels: 3, Labels: []string{"ant", "bee", "cow"}},
	}}}
	c := diagnose.ClustersOf(b, 1)
	at := c.Assign(b)
	for i := range n { // no cluster mixes kinds
		for j := range i {
			if at[i] == at[j] && kind[i] != kind[j] {
				t.Fatalf("events of kinds %d and %d are in one cluster", kind[i], kind[j])
			}
		}
	}
	if name := c.Names[at[0]]; !strings.Contains(name, "kind = ant") || !strings.Contains(name, "size low") {
		t.Errorf("the cluster of small ants is called %q", name)
	}
	if diagnose.ClustersOf(b.Slice(0, 50), 1) != nil {
		t.Error("50 events have clusters")
	}
	// A cluster is a slice.
	nats, base := make([]float64, n), make([]float64, n)
	for i := range nats {
		nats[i], base[i] = 1+float64(i%7)/10, 2
		if kind[i] == 2 {
			nats[i] += 3
		}
	}
	lost := lostNames(diagnose.SlicesOf(diagnose.Scored{Events: b, Nats: nats, Baseline: base}, nil, c))
	if !strings.Contains(strings.Join(lost, "; "), "cluster") || !strings.Contains(strings.Join(lost, "; "), "kind = cow") {
		t.Errorf("lost %q, want the clusters and the kind of cows", lost)
	}
}
