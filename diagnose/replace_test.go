package diagnose_test

import (
	"math"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/diagnose"
	"github.com/surprisal-go/surprisal/internal/fmath"
)

// TestColumnCosts: of a known joint mass of a category and two bits, the costs
// are the conditionals of each given the others.
func TestColumnCosts(t *testing.T) {
	p := func(row []float64) float64 {
		w := 1 + row[0] + 2*row[1]*row[2] + row[0]*row[2]
		return w / 36 // the sum of w over 3 × 2 × 2 values
	}
	nats := func(b *surprisal.Batch) ([]float64, error) {
		out, row := make([]float64, b.Len()), make([]float64, 3)
		for i := range out {
			b.Float64s(row, i)
			out[i] = -fmath.Log(p(row))
		}
		return out, nil
	}
	var kinds surprisal.Values[int32]
	var flags surprisal.Values[uint8]
	for k := range 12 {
		kinds, flags = append(kinds, int32(k%3)), append(flags, uint8(k/3%2), uint8(k/6))
	}
	b := &surprisal.Batch{Columns: []surprisal.Column{kinds, flags}, Space: &surprisal.Space{Fields: []surprisal.Field{
		{Name: "kind", Kind: surprisal.Categorical, Levels: 3}, {Name: "flag", Kind: surprisal.Binary, Shape: []int{2}},
	}}}
	values := diagnose.ValuesOf(b)
	if n := diagnose.Replacements(values); n != 4 {
		t.Errorf("%d replacements, want 2 of the kind and one of each flag", n)
	}
	got, err := diagnose.ColumnCosts(b, values, nats)
	if err != nil {
		t.Fatal(err)
	}
	row := make([]float64, 3)
	total := 0.0
	for i := range b.Len() {
		b.Float64s(row, i)
		total += p(row)
		for j, levels := range []int{3, 2, 2} {
			sum, other := 0.0, append([]float64(nil), row...)
			for v := range levels {
				other[j] = float64(v)
				sum += p(other)
			}
			near(t, "conditional", got[3*i+j], -fmath.Log(p(row)/sum), 1e-12)
		}
	}
	near(t, "sum of p", total, 1, 1e-12)
}

// TestColumnCostsOfReals: the one far from what the others say costs most.
func TestColumnCostsOfReals(t *testing.T) {
	r := surprisal.Key(5).Rand()
	v := make(surprisal.Values[float64], 0, 600)
	for i := range 300 {
		x := fmath.Normal(r)
		y := x + 0.1*fmath.Normal(r)
		if i == 7 {
			y = x + 3
		}
		v = append(v, x, y)
	}
	b := &surprisal.Batch{Columns: []surprisal.Column{v}, Space: &surprisal.Space{Fields: []surprisal.Field{{Name: "x", Shape: []int{2}}}}}
	got, err := diagnose.ColumnCosts(b, diagnose.ValuesOf(b), func(b *surprisal.Batch) ([]float64, error) {
		out, row := make([]float64, b.Len()), make([]float64, 2)
		for i := range out {
			b.Float64s(row, i)
			out[i] = row[0]*row[0]/2 + (row[1]-row[0])*(row[1]-row[0])/0.02
			if i == 9 {
				out[i] = math.Inf(1)
			}
		}
		return out, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range b.Len() {
		switch {
		case i == 9:
			if !math.IsNaN(got[2*i]) {
				t.Errorf("an impossible event costs %g", got[2*i])
			}
		case i != 7 && got[2*i+1] >= got[2*7+1]:
			t.Errorf("event %d costs %g, the odd one %g", i, got[2*i+1], got[2*7+1])
		}
	}
}
