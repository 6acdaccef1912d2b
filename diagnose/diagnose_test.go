package diagnose_test

import (
	"math"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/data"
	"github.com/surprisal-go/surprisal/diagnose"
	"github.com/surprisal-go/surprisal/internal/fmath"
	"github.com/surprisal-go/surprisal/train"
)

func bits(rows ...[]uint8) *surprisal.Batch {
	var v surprisal.Values[uint8]
	for _, r := range rows {
		v = append(v, r...)
	}
	space := &surprisal.Space{Fields: []surprisal.Field{{Name: "b", Kind: surprisal.Binary, Shape: []int{len(rows[0])}}}}
	return &surprisal.Batch{Space: space, Columns: []surprisal.Column{v}}
}

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol) {
		t.Errorf("%s is %g, want %g ± %g", what, got, want, tol)
	}
}

func TestFloor(t *testing.T) {
	a, b, c := []uint8{0, 0, 1}, []uint8{1, 0, 1}, []uint8{1, 1, 1}
	f, ok := diagnose.FloorOf(bits(a, b, c, a))
	if !ok || f.Distinct != 3 || f.Events != 4 {
		t.Fatalf("floor %+v, %v", f, ok)
	}
	near(t, "entropy of 2, 1, 1 of 4", f.Nats, 1.5*math.Ln2, 1e-12)
	f, _ = diagnose.FloorOf(bits(a, b, c))
	near(t, "entropy of three that differ", f.Nats, math.Log(3), 1e-12)
	set, err := data.Open("two-moons", data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := diagnose.FloorOf(set.Train); ok {
		t.Error("a density has a floor")
	}
}

// TestConditionalFloor: y is known where x is 1, a fair coin where x is 0.
func TestConditionalFloor(t *testing.T) {
	b := bits([]uint8{0}, []uint8{1}, []uint8{1}, []uint8{1}, []uint8{0}, []uint8{1})
	b.Context = bits([]uint8{0}, []uint8{0}, []uint8{1}, []uint8{1}, []uint8{0}, []uint8{0})
	f, ok := diagnose.FloorOf(b)
	if !ok || f.Events != 6 || f.Distinct != 3 {
		t.Fatalf("floor %+v, %v", f, ok)
	}
	near(t, "H(y | x)", f.Nats, 4*math.Ln2/6, 1e-12)
	b.Context = bits([]uint8{0, 0, 0}, []uint8{0, 0, 1}, []uint8{0, 1, 0}, []uint8{0, 1, 1}, []uint8{1, 0, 0}, []uint8{1, 0, 1})
	f, _ = diagnose.FloorOf(b)
	near(t, "H(y | x) of contexts that all differ", f.Nats, 0, 1e-12)
}

// TestConditionalFloorOfNLTCS takes 12 columns as given for the other four: the
// floor is the entropy of all less that of the given.
func TestConditionalFloorOfNLTCS(t *testing.T) {
	set, err := data.Open("../../shared/data/debd/nltcs.{split}.data.gz", data.Options{})
	if err != nil {
		t.Skip("without the real set: ", err)
	}
	part := func(lo, hi int) *surprisal.Batch {
		rows := make([][]uint8, set.Train.Len())
		all := make([]float64, set.Space.Dims())
		for i := range rows {
			set.Train.Float64s(all, i)
			for _, v := range all[lo:hi] {
				rows[i] = append(rows[i], uint8(v))
			}
		}
		return bits(rows...)
	}
	given, rest := part(0, 12), part(12, 16)
	of, _ := diagnose.FloorOf(given)
	rest.Context = given
	whole, _ := diagnose.FloorOf(set.Train)
	f, ok := diagnose.FloorOf(rest)
	if !ok || f.Distinct != whole.Distinct {
		t.Fatalf("floor %+v, %v; %+v of all", f, ok, whole)
	}
	near(t, "chain rule of NLTCS", f.Nats+of.Nats, whole.Nats, 1e-9)
	if !(f.Nats > 0.5 && f.Nats < 4*math.Ln2) {
		t.Errorf("H(4 columns | 12) is %g nats", f.Nats)
	}
}

// TestFloorOfNLTCS: 16,181 training rows of 16 bits, many of them repeated.
func TestFloorOfNLTCS(t *testing.T) {
	set, err := data.Open("../../shared/data/debd/nltcs.{split}.data.gz", data.Options{})
	if err != nil {
		t.Skip("without the real set: ", err)
	}
	f, ok := diagnose.FloorOf(set.Train)
	if !ok {
		t.Fatal("no floor")
	}
	near(t, "floor of NLTCS", f.Nats, 5.74, 0.005)
	near(t, "log of its events", math.Log(float64(f.Events)), 9.69, 0.005)
	o := overlap(set.Train, set.Test)
	t.Logf("%d of %d test events occur in train; a random split gives %.0f ± %.0f", o.Shared, o.Events, o.Expected, o.StdDev)
	if share := float64(o.Shared) / float64(o.Events); share < 0.85 || o.Leak() {
		t.Errorf("share %g, leak %v: want about 0.9 and none", share, o.Leak())
	}
}

// overlap is that of a training and a test split.
func overlap(train, test *surprisal.Batch) diagnose.Overlap {
	for _, o := range diagnose.OverlapsOf([]diagnose.Split{{Name: "train", Events: train}, {Name: "test", Events: test}}, 1) {
		if o.First != o.Second {
			return o
		}
	}
	panic("no overlap")
}

func TestOverlapFindsALeak(t *testing.T) {
	set, err := data.Open("tree64", data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	train, test := set.Train.Slice(0, 2000), set.Test.Slice(0, 1000)
	if o := overlap(train, test); o.Leak() {
		t.Errorf("an honest split leaks: %+v", o)
	}
	// 80 test events stand in train.
	pooled := set.Train.Slice(0, 2000)
	leaky := append(surprisal.Values[uint8](nil), pooled.Columns[0].(surprisal.Values[uint8])...)
	copy(leaky, test.Columns[0].(surprisal.Values[uint8])[:64*80])
	leaked := &surprisal.Batch{Space: train.Space, Columns: []surprisal.Column{leaky}}
	if o := overlap(leaked, test); !o.Leak() || o.Shared < 80 {
		t.Errorf("80 of 1,000 test events in train are no leak: %+v", o)
	}
}

func TestDrift(t *testing.T) {
	r := surprisal.Key(2).Rand()
	flat, rising := make([]float64, 5000), make([]float64, 5000)
	for i := range flat {
		flat[i] = fmath.Normal(r)
		rising[i] = fmath.Normal(r) + 0.5*float64(i)/5000
	}
	if d := diagnose.DriftOf(flat, nil); d.Seen() || math.Abs(d.Z) > 4 {
		t.Errorf("noise drifts: %+v", d)
	}
	if d := diagnose.DriftOf(rising, nil); !d.Seen() || d.Rho < 0.1 {
		t.Errorf("a rise is not seen: %+v", d)
	}
	near(t, "rank correlation of an ascending list", diagnose.DriftOf([]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, math.Inf(1)}, nil).Rho, 1, 1e-12)
}

// curve makes metrics of validation nats and training losses.
func curve(nats, losses []float64) []train.Metric {
	var out []train.Metric
	for i, v := range nats {
		out = append(out, train.Metric{Step: 100 * (i + 1), Loss: losses[i], Valid: &surprisal.Likelihood{Nats: v, StdErr: 0.1, N: 100}})
	}
	return out
}

func TestReadCurve(t *testing.T) {
	down := func(n int, from, to, rate float64) (v []float64) {
		for i := range n {
			v = append(v, to+(from-to)*math.Exp(-rate*float64(i)))
		}
		return v
	}
	over := append(down(10, 30, 20, 1), 20.2, 20.6, 21, 21.5, 22)
	for _, c := range []struct {
		name         string
		nats, losses []float64
		want         diagnose.Trend
	}{
		{"a plateau", down(20, 30, 20, 0.8), down(20, 30, 20, 0.8), diagnose.Converged},
		{"a slope", down(20, 30, 20, 0.05), down(20, 30, 20, 0.05), diagnose.Improving},
		{"a rise with falling loss", over, down(15, 30, 12, 0.4), diagnose.Overfitting},
		{"nothing", down(10, 30, 30, 1), down(10, 30, 30, 1), diagnose.Still},
		{"an explosion", []float64{30, 25, 20, 400, 9000}, []float64{30, 25, 20, 500, 9999}, diagnose.Diverged},
		{"two points", []float64{30, 25}, []float64{30, 25}, diagnose.Unknown},
	} {
		if got := diagnose.ReadCurve(curve(c.nats, c.losses)); got.Trend != c.want {
			t.Errorf("%s is %q, want %q: %s", c.name, got.Trend, c.want, got)
		}
	}
	if got := diagnose.ReadCurve(curve(over, down(15, 30, 12, 0.4))); got.BestStep != 1000 {
		t.Errorf("the best step is %d, want 1000", got.BestStep)
	}
}
