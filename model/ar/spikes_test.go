package ar_test

import (
	"math"
	"slices"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/engine/cpu"
	"github.com/surprisal-go/surprisal/engine/ref"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/model/ar"
	"github.com/surprisal-go/surprisal/prep"
)

// fresh returns a model after Init.
func fresh(t *testing.T, exec graph.Executor, b *surprisal.Batch) *ar.MADE {
	t.Helper()
	m, err := ar.New(b.Space, small(b.Space), exec)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Init(5, b); err != nil {
		t.Fatal(err)
	}
	return m
}

// TestSpikeMasses compares the spikes of 10, 10.5 and 12, which 4, 1 and 2
// events have, with frequencies that leave one out.
func TestSpikeMasses(t *testing.T) {
	b := prep.Pack(space(price), []float64{12, 10, 10, 10.5, 10, 12, 10})
	check := func(what string, index, mass []float64) {
		t.Helper()
		s := fresh(t, ref.New(), b).State()
		n := len(index)
		gotIndex, gotMass := s.Must("spikes/index").F64(), s.Must("spikes/mass").F64()
		if !slices.Equal(gotIndex[:n], index) || !math.IsInf(gotIndex[n], 1) {
			t.Errorf("%s: indices %v, want %v", what, gotIndex[:n+1], index)
		}
		for i, want := range append(slices.Clone(mass), 0) {
			if math.Abs(gotMass[i]-want) > 1e-15 {
				t.Errorf("%s: mass %d is %g, want %g", what, i, gotMass[i], want)
			}
		}
	}
	check("unit weights", []float64{0, 4}, []float64{3. / 4, 1. / 4})
	b.Weight = []float64{2, 1, 1, 5, 1, 4, 1} // 10.5 weighs much and is still alone
	check("weights", []float64{0, 4}, []float64{4 * 3. / 4 / 6, 6 * 1. / 2 / 6})
	b.Weight = []float64{1, 1, 1, 1, 1, 0, 1} // 12 is alone but for an event that does not count
	check("zero weight", []float64{0}, []float64{1})
}

// TestCommonestSpikes repeats 300 values twice and 20 of them once more: those
// are kept, and of the others the lowest.
func TestCommonestSpikes(t *testing.T) {
	var rows []float64
	for k := range 300 {
		rows = append(rows, float64(k), float64(k))
		if k >= 280 {
			rows = append(rows, float64(k))
		}
	}
	b := prep.Pack(space(count), rows)
	index := fresh(t, ref.New(), b).State().Must("spikes/index").F64()
	for i, got := range index {
		want := float64(i)
		if i >= 236 {
			want = float64(i - 236 + 280)
		}
		if got != want {
			t.Fatalf("spike %d is %g, want %g", i, got, want)
		}
	}
}

// repeats is a space of a count that is 0 half the time, and of a price that no
// two of the events share.
func repeats(n int) *surprisal.Batch {
	rows := make([]float64, 0, 2*n)
	r := surprisal.Key(4).Rand()
	for i := range n {
		k := 0
		if r.IntN(2) == 0 {
			k = 100 + r.IntN(3000)
		}
		rows = append(rows, float64(k), 10+0.5*float64(i*377%1009)) // 1009 is prime
	}
	return prep.Pack(space(count, price), rows)
}

// TestSpikesAreScored expects half the mass at the zero that half the events
// have, on both executors, and all of it on the smooth part of the column
// that repeats nothing.
func TestSpikesAreScored(t *testing.T) {
	b := repeats(300)
	for _, exec := range []graph.Executor{ref.New(), cpu.New(cpu.Options{})} {
		m := fresh(t, exec, b)
		gate := m.State().Must("spikes/gate").F32()
		if gate[0] != 0 || !math.IsInf(float64(gate[1]), -1) {
			t.Fatalf("gates %v, want 0 and −Inf", gate)
		}
		zero := prep.Pack(b.Space, []float64{0, 10})
		zeros := 0.0
		for i := range b.Len() {
			if v := b.Columns[0].(surprisal.Values[int32])[i]; v == 0 {
				zeros++
			}
		}
		want := (zeros - 1) / float64(b.Len())
		if p := math.Exp(conditionals(t, m, zero)[0]); !(p > want-0.001 && p < want+0.05) { // and a little by the smooth part
			t.Errorf("zero has mass %.3f, the other events say %.3f", p, want)
		}
		var line []float64
		for k := range 40000 {
			line = append(line, 0, 10+0.5*float64(k))
		}
		sum := 0.0
		terms := conditionals(t, m, prep.Pack(b.Space, line))
		for i := range 40000 {
			sum += math.Exp(terms[2*i+1])
		}
		if math.Abs(sum-1) > 1e-4 {
			t.Errorf("the column without repeats has mass %.6f", sum)
		}
	}
}

// TestSpikesAreDrawn compares the share of zeros with their mass, and expects
// no spike where nothing repeats.
func TestSpikesAreDrawn(t *testing.T) {
	m := fresh(t, ref.New(), repeats(300))
	const n = 2000
	b, err := m.Sample(n, 3, nil)
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]float64, 2*n)
	b.Float64s(rows, 0)
	zeros := 0
	for i := range n {
		if rows[2*i] == 0 {
			zeros++
		}
		if math.IsInf(rows[2*i+1], 0) {
			t.Fatalf("event %d has price %g", i, rows[2*i+1])
		}
	}
	p := math.Exp(conditionals(t, m, b.Slice(slices.Index(rows, 0)/2, slices.Index(rows, 0)/2+1))[0])
	if got := float64(zeros) / n; math.Abs(got-p) > 4*math.Sqrt(p*(1-p)/n) {
		t.Errorf("%.3f of the draws are zero, their mass is %.3f", got, p)
	}
}

// TestNoSpikesBeforeInit scores an event with a model that has seen none.
func TestNoSpikesBeforeInit(t *testing.T) {
	s := space(wide)
	m, err := ar.New(s, small(s), ref.New())
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, l := range logProb(t, m, product(s, 0, 0, 0)) {
		sum += math.Exp(l)
	}
	if math.Abs(sum-1) > 1e-9 {
		t.Errorf("total probability %.12f", sum)
	}
}
