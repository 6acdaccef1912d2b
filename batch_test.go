package surprisal_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/surprisal-go/surprisal"
)

// batch is three events of table().
func batch() *surprisal.Batch {
	return &surprisal.Batch{
		Space: table(),
		Columns: []surprisal.Column{
			surprisal.Values[uint8]{0, 1, 1},
			surprisal.Values[float64]{17, 18.5, 40},
			surprisal.Values[float64]{61.25, 80, 70},
			surprisal.Values[uint8]{0, 0, 0, 1, 1, 1, 1, 1, 0, 1, 0, 1},
		},
		Label: []int32{7, 8, 9},
		Mask:  make([]bool, 21),
	}
}

func rows(b *surprisal.Batch) []float64 {
	v := make([]float64, b.Len()*b.Space.Dims())
	b.Float64s(v, 0)
	return v
}

func TestFloat64sAreRowsInFieldOrder(t *testing.T) {
	want := []float64{
		0, 17, 61.25, 0, 0, 0, 1,
		1, 18.5, 80, 1, 1, 1, 1,
		1, 40, 70, 0, 1, 0, 1,
	}
	if d := cmp.Diff(want, rows(batch())); d != "" {
		t.Error(d)
	}
}

// TestTakeAndSliceCommute: slicing, and taking the same rows, give the same
// events with the same ids and labels.
func TestTakeAndSliceCommute(t *testing.T) {
	b := batch()
	b.Context = batch()
	s, k := b.Slice(1, 3), b.Take([]int{1, 2})
	for _, x := range []*surprisal.Batch{s, k} {
		if err := x.Validate(); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff([]uint64{1, 2}, x.IDs); d != "" {
			t.Error(d)
		}
		if d := cmp.Diff([]int32{8, 9}, x.Label); d != "" {
			t.Error(d)
		}
		if d := cmp.Diff(rows(b)[7:], rows(x)); d != "" {
			t.Error(d)
		}
	}
	if s.Checksum() != k.Checksum() {
		t.Error("checksums of equal events differ")
	}
}

func TestChecksumIdentifiesTheEvents(t *testing.T) {
	b := batch()
	same := batch()
	same.Columns[0] = surprisal.Values[float64]{0, 1, 1} // storage does not count
	same.Label = nil
	if b.Checksum() != same.Checksum() {
		t.Error("the checksum depends on the storage type or the labels")
	}
	other := map[string]*surprisal.Batch{"order": b.Take([]int{1, 0, 2}), "fewer": b.Slice(0, 2), "value": batch(), "step": batch(), "weight": batch()}
	other["value"].Columns[2] = surprisal.Values[float64]{61.25, 80, math.Nextafter(70, 71)}
	other["step"].Space.Fields[1].Step = 0.25
	other["weight"].Weight = []float64{1, 2, 1}
	for what, x := range other {
		if x.Checksum() == b.Checksum() {
			t.Errorf("another %s has the same checksum", what)
		}
	}
	// The value is fixed: results on disk refer to it.
	if got, want := b.Checksum(), "sha256:2f1c25928a636763fb278cb1bf8c453dbb8a944f273bbcb39cc9d1272ea88d9e"; got != want {
		t.Errorf("checksum %s, want %s", got, want)
	}
}

func TestBatchValidate(t *testing.T) {
	for want, break_ := range map[string]func(b *surprisal.Batch){
		"no space":                         func(b *surprisal.Batch) { b.Space = nil },
		"3 columns for 4":                  func(b *surprisal.Batch) { b.Columns = b.Columns[:3] },
		`"weight" has 2 values`:            func(b *surprisal.Batch) { b.Columns[2] = surprisal.Values[float64]{1, 2} },
		`event 1, field "weight"`:          func(b *surprisal.Batch) { b.Columns[2] = surprisal.Values[float64]{1, math.NaN(), 2} },
		`event 2, field "age": value 40.2`: func(b *surprisal.Batch) { b.Columns[1] = surprisal.Values[float64]{17, 18, 40.2} },
		`event 0, field "sex": value 2`:    func(b *surprisal.Batch) { b.Columns[0] = surprisal.Values[uint8]{2, 0, 0} },
		"has 2 labels":                     func(b *surprisal.Batch) { b.Label = b.Label[:2] },
		"has context for 2":                func(b *surprisal.Batch) { b.Context = b.Slice(0, 2) },
	} {
		b := batch()
		break_(b)
		if err := b.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	if err := batch().Validate(); err != nil {
		t.Error(err)
	}
}
