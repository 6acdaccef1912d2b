package diagnose_test

import (
	"slices"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/diagnose"
)

// TestSample: of events sorted by class, every class is as frequent in the
// sample as in all.
func TestSample(t *testing.T) {
	rows := make([][]uint8, 1000)
	for i := range rows {
		rows[i] = []uint8{uint8(i / 500)}
	}
	b := bits(rows...)
	s := diagnose.Sample(b, 100, 1)
	ones := 0
	for _, v := range s.Columns[0].(surprisal.Values[uint8]) {
		ones += int(v)
	}
	if s.Len() != 100 || ones != 50 || !slices.IsSorted(s.IDs) {
		t.Errorf("%d events, %d of the second class", s.Len(), ones)
	}
	if !slices.Equal(s.IDs, diagnose.Sample(b, 100, 1).IDs) || slices.Equal(s.IDs, diagnose.Sample(b, 100, 2).IDs) {
		t.Error("the key does not fix the sample")
	}
	if diagnose.Sample(b, 1000, 1) != b {
		t.Error("a sample of all is not all")
	}
}
