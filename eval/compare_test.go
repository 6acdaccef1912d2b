package eval_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
)

func compare(t *testing.T, a, b eval.Entry) eval.Comparison {
	t.Helper()
	c, err := eval.Compare(a, b, 1)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// With p = N(0, 1): KL(p ‖ N(1, 1)) = 1/2 and KL(p ‖ N(0, 4)) = ln 2 − 3/8.
func TestDifferenceIsThatOfTheDivergences(t *testing.T) {
	for _, n := range []int{150, 4000} {
		b := normals(n, 11)
		c := compare(t, entry(t, "A", gaussian{1, 1}, b), entry(t, "B", gaussian{0, 2}, b))
		want := 0.5 - (math.Ln2 - 0.375)
		near(t, "saving", c.Nats, want, 3*c.StdErr)
		if !(c.Low < want && want < c.High) {
			t.Errorf("[%v, %v] misses %v", c.Low, c.High, want)
		}
		if method := map[int]eval.Method{150: eval.BootstrapT, 4000: eval.StudentT}[n]; c.Method != method {
			t.Errorf("method %s for %d events, want %s", c.Method, n, method)
		}
		back := compare(t, entry(t, "B", gaussian{0, 2}, b), entry(t, "A", gaussian{1, 1}, b))
		if back.Nats != -c.Nats || back.StdErr != c.StdErr || back.WonA != c.WonB {
			t.Errorf("the other way round: %+v and %+v", c, back)
		}
		near(t, "shares", c.WonA+c.WonB, 1, 1e-12)
	}
}

// What two models have in common cancels: the paired error is a fraction of
// that of either mean.
func TestPairingShrinksTheError(t *testing.T) {
	b := normals(2000, 12)
	a, c := entry(t, "A", gaussian{0.02, 1}, b), entry(t, "B", gaussian{0.01, 1}, b)
	if d := compare(t, a, c); d.StdErr > a.Likelihood.StdErr/50 {
		t.Errorf("paired error %v, single error %v", d.StdErr, a.Likelihood.StdErr)
	}
}

func TestGroupsWidenTheInterval(t *testing.T) {
	b := normals(1000, 13)
	x := b.Columns[0].(surprisal.Values[float64])
	b.Group = make([]int32, len(x))
	for i := range x {
		b.Group[i] = int32(i / 20)
		x[i] = x[i/20*20] // 50 groups of equal events
	}
	a, c := entry(t, "A", gaussian{0.5, 1}, b), entry(t, "B", gaussian{0, 1}, b)
	grouped := compare(t, a, c)
	if v := grouped.Verdict(); !strings.Contains(v, "n = 1000 in 50 groups)") {
		t.Errorf("verdict %q, want its groups", v)
	}
	a.Group, c.Group = nil, nil
	free := compare(t, a, c)
	if v := free.Verdict(); !strings.Contains(v, "n = 1000)") {
		t.Errorf("verdict %q, want no groups", v)
	}
	near(t, "ratio of the errors", grouped.StdErr/free.StdErr, math.Sqrt(20), 0.1)
	a.Group = b.Group // one side's will do
	if one := compare(t, a, c); one.StdErr != grouped.StdErr {
		t.Errorf("groups of one side give %v, want %v", one.StdErr, grouped.StdErr)
	}
}

func TestCompareRefuses(t *testing.T) {
	b := normals(50, 14)
	a := entry(t, "A", gaussian{0, 1}, b)
	with := func(change func(*eval.Entry)) eval.Entry {
		e := entry(t, "B", gaussian{0, 2}, b)
		change(&e)
		return e
	}
	for name, c := range map[string]struct {
		e    eval.Entry
		want string
	}{
		"other events":   {entry(t, "B", gaussian{0, 2}, normals(50, 15)), "test events differ"},
		"other measure":  {with(func(e *eval.Entry) { e.Likelihood.Measure = surprisal.Mass }), "measures"},
		"other context":  {with(func(e *eval.Entry) { e.Likelihood.Given = "y" }), "conditioned"},
		"too few events": {with(func(e *eval.Entry) { e.Nats = e.Nats[1:] }), "49 events, want 50"},
		"stale events":   {with(func(e *eval.Entry) { e.Nats = append([]float64{e.Nats[0] + 1}, e.Nats[1:]...) }), "average to"},
		"NaN":            {with(func(e *eval.Entry) { e.Nats[3] = math.NaN() }), "event 3 has NaN"},
		"short weights":  {with(func(e *eval.Entry) { e.Weight = []float64{1} }), "1 weights"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := eval.Compare(a, c.e, 1)
			wantError(t, err, c.want, "comparing A with B")
			if !errors.Is(err, surprisal.ErrNotComparable) {
				t.Errorf("%v is not ErrNotComparable", err)
			}
		})
	}
	other := with(func(e *eval.Entry) { e.Group = make([]int32, 50) })
	a.Group = append([]int32{1}, make([]int32, 49)...)
	_, err := eval.Compare(a, other, 1)
	wantError(t, err, "groups")
}

func TestInfiniteEvents(t *testing.T) {
	b := normals(40, 16)
	inf := math.Inf(-1)
	values := func(base float64, infinite ...int) fixed {
		f := make(fixed, 40)
		for i := range f {
			f[i] = base - float64(i%3)*base/10
		}
		for _, i := range infinite {
			f[i] = inf
		}
		return f
	}
	plain, two, other := entry(t, "plain", values(-5), b), entry(t, "two", values(-4, 1, 2), b), entry(t, "other", values(-4, 2, 3), b)

	c := compare(t, plain, two)
	if c.InfiniteA != 0 || c.InfiniteB != 2 || c.InfiniteBoth != 0 || c.Noise() {
		t.Errorf("comparison %+v", c)
	}
	if v := c.Verdict(); !strings.Contains(v, "two gives probability zero to 2 of 40") || !strings.Contains(v, "plain is better") {
		t.Errorf("verdict %q", v)
	}
	c = compare(t, two, other)
	if c.InfiniteA != 1 || c.InfiniteB != 1 || c.InfiniteBoth != 1 || !strings.HasPrefix(c.Verdict(), "no order") {
		t.Errorf("comparison %+v: %s", c, c.Verdict())
	}
	c = compare(t, two, two)
	if c.InfiniteBoth != 2 || c.Nats != 0 || c.P != 1 || !c.Noise() || !strings.Contains(strings.Join(c.Warnings, ""), "2 events have probability zero under both") {
		t.Errorf("comparison %+v", c)
	}
	all := make([]int, 40)
	for i := range all {
		all[i] = i
	}
	c = compare(t, plain, entry(t, "none", values(-5, all...), b))
	if !math.IsNaN(c.Nats) || c.InfiniteB != 40 || !strings.Contains(c.Verdict(), "plain is better") {
		t.Errorf("comparison %+v: %s", c, c.Verdict())
	}
	if _, err := json.Marshal(c); err != nil {
		t.Error(err)
	}
}

// The example of a textbook's table, worked by hand: 4·0.005, 3·0.01, 2·0.03,
// and 0.04 raised to the one before.
func TestHolm(t *testing.T) {
	var cs []eval.Comparison
	for _, p := range []float64{0.01, 0.04, 0.03, 0.005} {
		cs = append(cs, eval.Comparison{P: p, Tests: 1})
	}
	eval.Holm(cs)
	for i, want := range []float64{0.03, 0.06, 0.06, 0.02} {
		near(t, "corrected p", cs[i].P, want, 1e-15)
		if cs[i].Tests != 4 || cs[i].Noise() != (want > 0.05) {
			t.Errorf("comparison %d: %+v", i, cs[i])
		}
	}
	cs = []eval.Comparison{{P: math.NaN()}, {P: 0.9}, {P: 0.8}}
	eval.Holm(cs)
	if !math.IsNaN(cs[0].P) || cs[0].Tests != 3 || cs[1].P != 1 || cs[2].P != 1 {
		t.Errorf("%+v, want an unknown p-value, 1 and 1", cs)
	}
	if v := cs[0].Verdict(); strings.Contains(v, "[?") || strings.Contains(v, "p = ") {
		t.Errorf("verdict %q of what is not known", v)
	}
}

func TestComparisonInJSON(t *testing.T) {
	b := normals(40, 17)
	c := compare(t, entry(t, "A", gaussian{1, 1}, b), entry(t, "B", gaussian{0, 1}, b))
	raw, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"a": "A", "b": "B", "kind_a": "exact", "kind_b": "exact", "nats": c.Nats, "stderr": c.StdErr, "low": c.Low, "high": c.High,
		"method": string(c.Method), "p": c.P, "tests": 1.0, "bits_per_dim": c.Nats / math.Ln2, "n": 40.0, "dims": 1.0,
		"won_a": c.WonA, "won_b": c.WonB, "infinite_a": 0.0, "infinite_b": 0.0, "infinite_both": 0.0,
		"clusters": 40.0, "unit": "events",
		"noise": false, "verdict": c.Verdict(), "warnings": []any{},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
}

func TestCompareIsReproducible(t *testing.T) {
	b := normals(60, 18)
	a, c := entry(t, "A", gaussian{0.3, 1}, b), entry(t, "B", gaussian{0, 1}, b)
	if diff := cmp.Diff(compare(t, a, c), compare(t, a, c)); diff != "" {
		t.Error(diff)
	}
}
