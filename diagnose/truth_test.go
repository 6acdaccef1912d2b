package diagnose_test

import (
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/diagnose"
	"github.com/surprisal-go/surprisal/internal/fmath"
)

// coughs are events of two bits that agree in 92 of 100, with their nats under
// the truth and under independent marginals.
func coughs(n int, key surprisal.Key) diagnose.Scored {
	r := key.Rand()
	var rows [][]uint8
	var s diagnose.Scored
	for range n {
		a := uint8(r.IntN(2))
		b, p := a, 0.46
		if r.Float64() < 0.08 {
			b, p = 1-a, 0.04
		}
		rows = append(rows, []uint8{a, b})
		s.Nats, s.Baseline = append(s.Nats, -fmath.Log(p)), append(s.Baseline, -fmath.Log(0.25))
	}
	s.Events = bits(rows...)
	return s
}

// fairBits are drawn from the marginals of coughs.
func fairBits(n int, key surprisal.Key) *surprisal.Batch {
	r := key.Rand()
	var rows [][]uint8
	for range n {
		rows = append(rows, []uint8{uint8(r.IntN(2)), uint8(r.IntN(2))})
	}
	return bits(rows...)
}

// TestTruthMissesNothing: where the bits differ marginals save 1.8 nats over the
// truth, because they take that part to be six times as frequent as it is. In a
// cluster that is such a part every event has the same nats.
func TestTruthMissesNothing(t *testing.T) {
	clusters := diagnose.ClustersOf(coughs(4000, 1).Events, 1)
	found := false
	const n = 20
	wrong := 0
	for k := range n {
		s := coughs(2000, surprisal.Key(100+k))
		for _, one := range diagnose.SlicesOf(s, fairBits(20_000, surprisal.Key(200+k)), clusters) {
			found = found || one.By == diagnose.ByCluster && one.Saving < -1 && one.StdErr == 0
			if one.Lost {
				wrong++
				break
			}
		}
	}
	wantLevel(t, "missed slices of the truth", wrong, n)
	if !found {
		t.Error("no cluster is where the truth loses: the test says nothing")
	}
}

// TestModelWorseThanTruthThere: a model that gives the bits that differ a tenth
// of their probability loses them.
func TestModelWorseThanTruthThere(t *testing.T) {
	s := coughs(2000, 3)
	for i, v := range s.Nats {
		if v > 3 {
			s.Nats[i] += fmath.Log(10)
		}
	}
	all := diagnose.SlicesOf(s, fairBits(20_000, 4), diagnose.ClustersOf(coughs(4000, 1).Events, 1))
	if lost := lostNames(all); len(lost) == 0 || !strings.HasPrefix(lost[0], "cluster") {
		t.Errorf("lost %q, want the clusters of bits that differ", lost)
	}
}

// TestSlicesOfText: windows of one long text have no places to divide by.
func TestSlicesOfText(t *testing.T) {
	b := text(400)
	flat := make([]float64, b.Len())
	if all := diagnose.SlicesOf(diagnose.Scored{Events: b, Nats: flat, Baseline: flat}, nil, nil); len(all) > 0 {
		t.Errorf("slices %+v", all)
	}
	if _, ok := diagnose.FloorOf(b); ok {
		t.Error("one long text has a floor")
	}
	b.Ordered = false // strings
	if _, ok := diagnose.FloorOf(b); !ok {
		t.Error("strings have no floor")
	}
	for _, s := range diagnose.SlicesOf(diagnose.Scored{Events: b, Nats: flat, Baseline: flat}, nil, nil) {
		if strings.ContainsAny(s.Name, "<≥≤") {
			t.Errorf("a slice of letters is called %q", s.Name)
		}
	}
}

// text is windows of three letters out of 26.
func text(n int) *surprisal.Batch {
	r := surprisal.Key(9).Rand()
	v := make(surprisal.Values[uint8], 3*n)
	for i := range v {
		v[i] = uint8(min(r.IntN(26), r.IntN(26)))
	}
	f := surprisal.Field{Name: "text", Kind: surprisal.Categorical, Shape: []int{3}, Axes: "T", Levels: 26}
	return &surprisal.Batch{Columns: []surprisal.Column{v}, Space: &surprisal.Space{Fields: []surprisal.Field{f}}, Ordered: true}
}
