package prep

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/fmath"
)

var mixed = &surprisal.Space{Fields: []surprisal.Field{
	{Name: "bit", Kind: surprisal.Binary},
	{Name: "real"},
	{Name: "price", Kind: surprisal.Grid, Low: -1, Step: .1},
	{Name: "pixel", Kind: surprisal.Grid, Step: 1, Levels: 256, Shape: []int{2}},
	{Name: "n", Kind: surprisal.Count},
	{Name: "big", Kind: surprisal.Grid, Low: 1e15, Step: .5},
}}

func mixedBatch(n int) *surprisal.Batch {
	r := surprisal.Key(5).Rand()
	var rows []float64
	for range n {
		rows = append(rows, float64(r.IntN(2)), r.Float64(), float64(.1*float64(r.IntN(100)))-1,
			float64(r.IntN(256)), 255, float64(r.IntN(9)), 1e15+.5*float64(r.IntN(4)))
	}
	return Pack(mixed, rows)
}

func TestDequantize(t *testing.T) {
	const n = 300
	b := mixedBatch(n)
	if err := b.Validate(); err != nil {
		t.Fatal(err)
	}
	d := mixed.Dims()
	raw, x := make([]float64, n*d), make([]float64, n*d)
	b.Float64s(raw, 0)
	if got := Dequantize(x, b, 9, 0); math.Abs(got-math.Log(.1)-math.Log(.5)) > 1e-12 {
		t.Errorf("log cell %g, want log 0.05", got)
	}
	mean := make([]float64, d)
	for i, s := range slices.Repeat(steps(mixed), n) {
		switch {
		case s == 0 && x[i] != raw[i]:
			t.Fatalf("real value %g became %g", raw[i], x[i])
		case s > 0 && !(x[i] >= raw[i] && x[i] < raw[i]+s):
			t.Fatalf("value %g became %g, outside its cell of step %g", raw[i], x[i], s)
		case s > 0:
			mean[i%d] += (x[i] - raw[i]) / s / n
		}
	}
	for j, m := range mean[:6] {
		if j != 1 && math.Abs(m-.5) > .06 { // 3.6 standard errors
			t.Errorf("dim %d: mean noise %g, want ½", j, m)
		}
	}
	Quantize(x, mixed)
	for i := range x {
		if math.Abs(x[i]-raw[i]) > 1e-12*math.Abs(raw[i]) {
			t.Fatalf("value %g comes back as %g", raw[i], x[i])
		}
	}
}

// TestDequantizeKeyed: noise depends on key, draw and id, not on the batch.
func TestDequantizeKeyed(t *testing.T) {
	const n = 40
	b := mixedBatch(n)
	d := mixed.Dims()
	all, one := make([]float64, n*d), make([]float64, d)
	Dequantize(all, b, 9, 2)
	for i := range n {
		Dequantize(one, b.Take([]int{i}), 9, 2)
		if !slices.Equal(one, all[i*d:(i+1)*d]) {
			t.Fatalf("event %d alone becomes %v, in the batch %v", i, one, all[i*d:(i+1)*d])
		}
	}
	other := make([]float64, n*d)
	for _, c := range []struct {
		key  surprisal.Key
		draw int
	}{{8, 2}, {9, 3}} {
		Dequantize(other, b, c.key, c.draw)
		same := 0
		for i := range n {
			if other[i*d] == all[i*d] {
				same++
			}
		}
		if same > 0 {
			t.Errorf("key %d, draw %d: %d of %d noises are the same", c.key, c.draw, same, n)
		}
	}
}

func TestQuantizeClips(t *testing.T) {
	x := []float64{-3, 1.5, -9, 300, -2, -1, 0, 7, math.NaN(), 5.95, 255.9, 0, 1e300, 1e15}
	Quantize(x, mixed)
	want := []float64{0, 1.5, -1, 255, 0, 0, 1e15, 1, math.NaN(), 5.9, 255, 0, math.MaxInt32, 1e15}
	for i := range x {
		if math.Abs(x[i]-want[i]) > 1e-9*math.Abs(want[i]) {
			t.Errorf("scalar %d becomes %g, want %g", i, x[i], want[i])
		}
	}
}

// gauss is a standard normal of one dim.
type gauss struct{ space *surprisal.Space }

func (g gauss) LogProb(dst []float64, x *surprisal.Batch) error {
	x.Float64s(dst, 0)
	for i, v := range dst {
		dst[i] = distuv.UnitNormal.LogProb(v)
	}
	return nil
}

func (g gauss) Sample(n int, key surprisal.Key, _ *surprisal.Batch) (*surprisal.Batch, error) {
	x := make([]float64, n)
	for i := range x {
		x[i] = fmath.Normal(key.Fold(uint64(i)).Rand())
	}
	return Pack(g.space, x), nil
}

// TestDequantizedMass: the mean weight is the mass of the cell, Φ(b) − Φ(a).
func TestDequantizedMass(t *testing.T) {
	s := &surprisal.Space{Fields: []surprisal.Field{{Name: "x", Kind: surprisal.Grid, Low: -2, Step: .5}}}
	m, err := NewDequantized(s, gauss{ContinuousTwin(s)})
	if err != nil {
		t.Fatal(err)
	}
	b := Pack(s, []float64{-2, -1, 0, .5, 3})
	b.IDs = []uint64{10, 11, 12, 13, 14}
	const k = 4000
	w := make([]float64, 5*k)
	if err := m.LogWeights(w, b, k, 1); err != nil {
		t.Fatal(err)
	}
	v := make([]float64, 5)
	b.Float64s(v, 0)
	for i := range v {
		want := distuv.UnitNormal.CDF(v[i]+.5) - distuv.UnitNormal.CDF(v[i])
		mean, sq := 0.0, 0.0
		for _, lw := range w[i*k : (i+1)*k] {
			mean += math.Exp(lw) / k
			sq += math.Exp(2*lw) / k
		}
		if se := math.Sqrt((sq - mean*mean) / k); math.Abs(mean-want) > 4*se {
			t.Errorf("cell at %g: mean weight %g ± %g, mass %g", v[i], mean, se, want)
		}
	}
	few := make([]float64, 2*3)
	if err := m.LogWeights(few, b.Slice(2, 4), 3, 1); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(few[:3], w[2*k:2*k+3]) || !slices.Equal(few[3:], w[3*k:3*k+3]) {
		t.Error("draws change with the batch or the number of draws")
	}
	smp, err := m.Sample(2000, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := smp.Validate(); err != nil {
		t.Errorf("samples: %v", err)
	}
}

func TestNewDequantizedRefuses(t *testing.T) {
	s := &surprisal.Space{Fields: []surprisal.Field{{Name: "x", Kind: surprisal.Count}}}
	if _, err := NewDequantized(s, struct{ surprisal.Sampler }{}); err == nil {
		t.Error("a model with neither density nor bound is wrapped")
	}
	ragged := *s
	ragged.Ragged = true
	if _, err := NewDequantized(&ragged, gauss{}); err == nil {
		t.Error("a ragged space is wrapped")
	}
	m, _ := NewDequantized(s, gauss{ContinuousTwin(s)})
	if err := m.LogWeights(make([]float64, 1), Pack(mixed, make([]float64, mixed.Dims())), 1, 1); err == nil {
		t.Error("events of another space are scored")
	}
}

func BenchmarkDequantize(b *testing.B) {
	s := &surprisal.Space{Fields: []surprisal.Field{{Name: "x", Kind: surprisal.Grid, Step: 1, Levels: 256, Shape: []int{28, 28}}}}
	x := Pack(s, make([]float64, 100*784))
	dst := make([]float64, 100*784)
	for b.Loop() {
		Dequantize(dst, x, 1, 0)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(100*784), "ns/scalar")
}
