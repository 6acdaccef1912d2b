package diagnose_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/diagnose"
	"github.com/surprisal-go/surprisal/internal/fmath"
)

// labelled are events of two features with a label, and nats under a model that
// saves a nat over the baseline, save where lost says that it costs one.
func labelled(lost func(label int32, x float64) bool) (b *surprisal.Batch, nats, baseline []float64) {
	const n = 3000
	r := surprisal.Key(8).Rand()
	reals, bits := make(surprisal.Values[float64], n), make(surprisal.Values[uint8], n)
	b = &surprisal.Batch{LabelNames: []string{"a", "b", "c"}, Label: make([]int32, n)}
	for i := range n {
		reals[i], bits[i], b.Label[i] = fmath.Normal(r), uint8(r.IntN(2)), int32(r.IntN(3))
		base := 5 + fmath.Normal(r)
		saved := 1.0
		if lost(b.Label[i], reals[i]) {
			saved = -2
		}
		nats, baseline = append(nats, base-saved+fmath.Normal(r)), append(baseline, base)
	}
	b.Space = &surprisal.Space{Fields: []surprisal.Field{{Name: "height", Kind: surprisal.Real}, {Name: "flag", Kind: surprisal.Binary}}}
	b.Columns = []surprisal.Column{reals, bits}
	return b, nats, baseline
}

// layers are two, of which the second has shares of dead and saturated units.
func layers(first, second, dead, saturated float64) *diagnose.Health {
	return &diagnose.Health{Layers: []diagnose.Layer{{Name: "a", Gradient: first}, {Name: "b", Gradient: second, Dead: dead, Saturated: saturated}}}
}

func share(v float64) *float64 { return &v }

func lostNames(all []diagnose.Slice) (out []string) {
	for _, s := range all {
		if s.Lost {
			out = append(out, s.Name)
		}
	}
	return out
}

func TestSlices(t *testing.T) {
	b, nats, base := labelled(func(label int32, _ float64) bool { return label == 1 })
	all := slicesOf(b, nats, base)
	if got := lostNames(all); !slices.Equal(got, []string{"label = b"}) {
		t.Errorf("lost %q, want label b", got)
	}
	if len(all) != 3+4+2 {
		t.Errorf("%d slices, want three labels, four quarters, two values", len(all))
	}
	b, nats, base = labelled(func(_ int32, x float64) bool { return x > 0.7 })
	if got := lostNames(slicesOf(b, nats, base)); len(got) != 1 || !strings.HasPrefix(got[0], "height ≥") {
		t.Errorf("lost %q, want the upper quarter of height", got)
	}
	// A millionth of a nat is no loss, however sure.
	b, nats, base = labelled(func(int32, float64) bool { return true })
	for i := range nats {
		nats[i] = base[i] + 1e-6*float64(1+i%2)
	}
	if got := lostNames(slicesOf(b, nats, base)); got != nil {
		t.Errorf("lost %q, want none", got)
	}
	b, nats, base = labelled(func(int32, float64) bool { return false })
	if got := lostNames(slicesOf(b, nats, base)); got != nil {
		t.Errorf("lost %q, want none", got)
	}
}

func names(f diagnose.Findings) (out []diagnose.Name) {
	for _, v := range f.Verdicts() {
		if v.Evidence == "" || v.Try == "" || strings.Contains(v.Evidence, "%!") {
			panic("a verdict without evidence or advice: " + v.Evidence)
		}
		out = append(out, v.Name)
	}
	return out
}

func TestVerdicts(t *testing.T) {
	l := func(nats float64) surprisal.Likelihood {
		return surprisal.Likelihood{Nats: nats, StdErr: 0.1, N: 1000}
	}
	base, at := l(20), func(nats float64) *surprisal.Likelihood { v := l(nats); return &v }
	for _, c := range []struct {
		name string
		f    diagnose.Findings
		want []diagnose.Name
	}{
		{"healthy", diagnose.Findings{Train: l(10), Test: l(10.5), Baseline: &base, Floor: &diagnose.Floor{Nats: 6, Events: 1000}}, nil},
		{"below the floor", diagnose.Findings{Train: l(5), Test: l(5.2), Baseline: &base, Floor: &diagnose.Floor{Nats: 6, Events: 1000}}, []diagnose.Name{diagnose.BelowFloor}},
		{"few data", diagnose.Findings{Train: l(10), Test: l(14), Baseline: &base}, []diagnose.Name{diagnose.TooFewData}},
		{"few data by validation", diagnose.Findings{Train: l(10), Valid: at(14), Test: l(14), Baseline: &base, ValidBaseline: &base}, []diagnose.Name{diagnose.TooFewData}},
		{"a bad test set alone", diagnose.Findings{Train: l(10), Valid: at(10.2), Test: l(14), Baseline: &base, ValidBaseline: &base}, nil},
		{"an infinite validation", diagnose.Findings{Train: l(10), Valid: &surprisal.Likelihood{Nats: 14, Infinite: 1, N: 9}, Test: l(14), Baseline: &base, ValidBaseline: &base}, nil},
		{"a sample below the floor", diagnose.Findings{Train: l(5), Test: l(5.2), Baseline: &base, Floor: &diagnose.Floor{Nats: 6, Events: 100_000}}, []diagnose.Name{diagnose.BelowFloor}},
		{"copies", diagnose.Findings{Train: l(10), Test: l(10), Overlaps: []diagnose.Overlap{{First: "train", Second: "train", Shared: 300, Events: 1000, Expected: 5, StdDev: 2}}}, []diagnose.Name{diagnose.Repeating}},
		{"useless", diagnose.Findings{Train: l(25), Test: l(25), Baseline: &base}, []diagnose.Name{diagnose.WorseThanBaseline}},
		{"narrow", diagnose.Findings{Train: l(15), Test: l(15), Memory: &diagnose.Memory{Events: 100, Way: 0.5, Wider: share(0.97), Longer: share(0.55)}}, []diagnose.Name{diagnose.TooNarrow}},
		{"slow", diagnose.Findings{Train: l(15), Test: l(15), Memory: &diagnose.Memory{Events: 100, Way: 0.5, Wider: share(0.5), Longer: share(0.95)}}, []diagnose.Name{diagnose.HardToTrain}},
		{"neither", diagnose.Findings{Train: l(15), Test: l(15), Memory: &diagnose.Memory{Events: 100, Way: 0.5, Wider: share(0.5), Longer: share(0.5)}}, []diagnose.Name{diagnose.CannotMemorise}},
		{"cut short", diagnose.Findings{Train: l(15), Test: l(15), Memory: &diagnose.Memory{Events: 100, Way: 0.5, Wider: share(0.97), Cut: true}}, nil},
		{"overfitting", diagnose.Findings{Train: l(10), Test: l(10), Curve: diagnose.Curve{Trend: diagnose.Overfitting}}, []diagnose.Name{diagnose.OverfittingSince}},
		{"overfitting to an early stop", diagnose.Findings{Train: l(10), Test: l(10), Patience: 10, Curve: diagnose.Curve{Trend: diagnose.Overfitting}}, nil},
		{"a patience of a thousand", diagnose.Findings{Train: l(10), Test: l(10), Patience: 1000, Curve: diagnose.Curve{Trend: diagnose.Overfitting}}, []diagnose.Name{diagnose.OverfittingSince}},
		{"stuck", diagnose.Findings{Train: l(25), Test: l(25), Baseline: &base, Curve: diagnose.Curve{Trend: diagnose.Still}, Memory: &diagnose.Memory{}, Slices: []diagnose.Slice{{Lost: true}}}, []diagnose.Name{diagnose.NotLearning}},
		{"bad slices", diagnose.Findings{Train: l(10), Test: l(10), Baseline: &base, Slices: []diagnose.Slice{{Name: "a = 1", Lost: true}, {Name: "a = 2"}}, Shifts: []diagnose.Shift{{Where: "b = 1", Seen: true}, {}}}, []diagnose.Name{diagnose.MissedSlice, diagnose.ShiftedSlice}},
		{"healthy layers", diagnose.Findings{Train: l(10), Test: l(10), Health: layers(1, 0.01, 0.3, 0.3)}, nil},
		{"gradients that vanish", diagnose.Findings{Train: l(10), Test: l(10), Health: layers(1e-6, 1, 0, 0)}, []diagnose.Name{diagnose.VanishingGradient}},
		{"gradients that explode", diagnose.Findings{Train: l(10), Test: l(10), Health: layers(1e6, 1, 0, 0)}, []diagnose.Name{diagnose.ExplodingGradient}},
		{"dead and saturated", diagnose.Findings{Train: l(10), Test: l(10), Health: layers(1, 1, 0.99, 0.6)}, []diagnose.Name{diagnose.DeadUnits, diagnose.SaturatedUnits}},
		{"not finite", diagnose.Findings{Train: l(10), Test: l(10), Health: &diagnose.Health{NotFinite: []string{"w"}}}, []diagnose.Name{diagnose.NotFinite}},
		{"leak and drift", diagnose.Findings{Train: l(10), Test: l(10), Overlaps: []diagnose.Overlap{{First: "train", Second: "test", Shared: 300, Events: 1000, Expected: 5, StdDev: 2}}, Drift: &diagnose.Drift{Rho: 0.3, Z: 9}}, []diagnose.Name{diagnose.Leaking, diagnose.Drifting}},
	} {
		if got := names(c.f); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func slicesOf(b *surprisal.Batch, nats, baseline []float64) []diagnose.Slice {
	return diagnose.SlicesOf(diagnose.Scored{Events: b, Nats: nats, Baseline: baseline}, b, nil)
}

func TestGaps(t *testing.T) {
	l := func(nats, stdErr float64) surprisal.Likelihood {
		return surprisal.Likelihood{Nats: nats, StdErr: stdErr, N: 100}
	}
	valid := l(12, 0.4)
	f := diagnose.Findings{Train: l(10, 0.3), Valid: &valid, Test: l(11, 0.3)}
	gaps := f.Gaps()
	if len(gaps) != 2 || gaps[0].Of != "valid − train" || gaps[1].Of != "test − valid" {
		t.Fatalf("gaps %+v", gaps)
	}
	near(t, "gap", gaps[0].Nats, 2, 1e-12)
	near(t, "its error", gaps[0].StdErr, 0.5, 1e-12)
	near(t, "gap of test", gaps[1].Nats, -1, 1e-12)
	f.Valid = nil
	if gaps := f.Gaps(); len(gaps) != 1 || gaps[0].Of != "test − train" || gaps[0].Nats != 1 {
		t.Errorf("gaps without validation %+v", gaps)
	}
}
