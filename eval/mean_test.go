package eval

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/fmath"
)

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol) {
		t.Errorf("%s is %v, want %v ± %g", what, got, want, tol)
	}
}

// The oracle is arithmetic with enough bits to hold every term at once.
func TestExactSumRoundsOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		xs := rapid.SliceOf(rapid.OneOf(
			rapid.Float64Range(-1e30, 1e30),
			rapid.Custom(func(t *rapid.T) float64 { // ties and cancellation
				return math.Ldexp(float64(rapid.IntRange(-3, 3).Draw(t, "m")), rapid.IntRange(-60, 60).Draw(t, "e"))
			}))).Draw(t, "xs")
		var s exactSum
		want := new(big.Float).SetPrec(4000)
		for _, x := range xs {
			s.add(x)
			want.Add(want, big.NewFloat(x))
		}
		if w, _ := want.Float64(); s.value() != w {
			t.Errorf("sum of %v is %v, want %v", xs, s.value(), w)
		}
	})
}

// Half a unit in the last place rounds to even, unless anything is below it.
func TestExactSumTies(t *testing.T) {
	for _, c := range []struct {
		xs   []float64
		want float64
	}{
		{[]float64{1, 0x1p-53}, 1},
		{[]float64{1, 0x1p-53, 0x1p-120}, 1 + 0x1p-52},
		{[]float64{-1, -0x1p-53, -0x1p-120}, -1 - 0x1p-52},
		{[]float64{1 + 0x1p-52, 0x1p-53, -0x1p-120}, 1 + 0x1p-52},
	} {
		var s exactSum
		for _, x := range c.xs {
			s.add(x)
		}
		if s.value() != c.want {
			t.Errorf("sum of %b is %b, want %b", c.xs, s.value(), c.want)
		}
	}
}

func TestMeanByHand(t *testing.T) {
	m := meanOf(sample{x: []float64{1, 2, 6}})
	near(t, "mean", m.value, 3, 0)
	near(t, "error", m.stdErr, math.Sqrt(7.0/3), 1e-15) // s² = (4+1+9)/2

	m = meanOf(sample{x: []float64{1, 4}, w: []float64{3, 1}})
	near(t, "weighted mean", m.value, 1.75, 0)
	// residuals 3·(−0.75) and 1·2.25, G/(G−1) = 2, Σw = 4
	near(t, "its error", m.stdErr, math.Sqrt(2*2*2.25*2.25)/4, 1e-15)

	m = meanOf(sample{x: []float64{1, 3, 8}, group: []int32{5, 5, -1}})
	// residuals −3 and −1 add up to −4 in the first group, 4 in the second
	near(t, "clustered error", m.stdErr, math.Sqrt(2*(16+16))/3, 1e-15)

	if m = meanOf(sample{x: []float64{7}}); m.value != 7 || !math.IsNaN(m.stdErr) {
		t.Errorf("one event has mean %v ± %v, want 7 and no error", m.value, m.stdErr)
	}
	if m = meanOf(sample{}); !math.IsNaN(m.value) {
		t.Errorf("no events have mean %v, want NaN", m.value)
	}
}

// Copies that are known to be copies add no certainty; taken for new events
// they would.
func TestCopiesInAGroupAddNothing(t *testing.T) {
	r := surprisal.Key(1).Rand()
	var once, twice sample
	for i := range 50 {
		x := fmath.Normal(r)
		once.x = append(once.x, x)
		twice.x = append(twice.x, x, x)
		twice.group = append(twice.group, int32(i), int32(i))
	}
	want := meanOf(once).stdErr
	near(t, "error with groups", meanOf(twice).stdErr, want, 1e-15)
	twice.group = nil
	if got := meanOf(twice).stdErr; got > 0.75*want {
		t.Errorf("error without groups is %v, want about %v", got, want/math.Sqrt2)
	}
}

func TestOrderChangesNothing(t *testing.T) {
	r := surprisal.Key(2).Rand()
	var a, b sample
	for i := range 500 {
		a.x, a.w, a.group = append(a.x, math.Exp(10*fmath.Normal(r))), append(a.w, r.Float64()), append(a.group, int32(i%70))
	}
	for _, i := range r.Perm(500) {
		b.x, b.w, b.group = append(b.x, a.x[i]), append(b.w, a.w[i]), append(b.group, a.group[i])
	}
	x, y := meanOf(a), meanOf(b)
	if x.value != y.value || x.stdErr != y.stdErr {
		t.Errorf("%v ± %v became %v ± %v in another order", x.value, x.stdErr, y.value, y.stdErr)
	}
}

func TestHeavyTails(t *testing.T) {
	r := surprisal.Key(3).Rand()
	draw := func(f func() float64) clusters {
		var s sample
		for range 2000 {
			s.x = append(s.x, f())
		}
		return meanOf(s).clusters
	}
	normal := func() float64 { return fmath.Normal(r) }
	if cs := draw(normal); cs.heavy() {
		t.Errorf("normal events are heavy: %.2f", cs.topShare())
	}
	if cs := draw(func() float64 { return -fmath.Log(r.Float64()) }); cs.heavy() {
		t.Errorf("exponential events are heavy: %.2f", cs.topShare())
	}
	if cs := draw(func() float64 { return normal() / normal() }); !cs.heavy() {
		t.Errorf("Cauchy events are not heavy: %.2f", cs.topShare())
	}
}

// Quantiles and p-values from printed tables: t(9) has 2.262157 at 97.5%.
func TestStudentT(t *testing.T) {
	m := mean{value: 1, stdErr: 0.5, clusters: clusters{sums: make([]cluster, 10)}}
	i := m.studentT()
	near(t, "low", i.low, 1-2.262157*0.5, 1e-6)
	near(t, "high", i.high, 1+2.262157*0.5, 1e-6)
	near(t, "p of t = 2 with 9 degrees of freedom", i.p, 0.076554, 1e-5)
}

func TestIntervalOfConstants(t *testing.T) {
	same := func(v float64) interval {
		return meanOf(sample{x: []float64{v, v, v}}).interval(1)
	}
	if i := same(0); i.low != 0 || i.high != 0 || i.p != 1 {
		t.Errorf("no difference anywhere: %+v", i)
	}
	if i := same(2); i.low != 2 || i.high != 2 || i.p != 0 {
		t.Errorf("the same difference everywhere: %+v", i)
	}
	if i := meanOf(sample{x: []float64{1}}).interval(1); !math.IsNaN(i.low) || !math.IsNaN(i.p) {
		t.Errorf("one event: %+v", i)
	}
}

// Sums over clusters give what the drawn clusters would give as a sample.
func TestResampleIsTheMeanOfTheDraws(t *testing.T) {
	r := surprisal.Key(4).Rand()
	var s sample
	for range 6 {
		s.x, s.w = append(s.x, fmath.Normal(r)), append(s.w, 0.1+r.Float64())
	}
	m := meanOf(s)
	for key := range surprisal.Key(20) {
		again := key.Rand()
		var drawn sample
		for range m.clusters.len() {
			i := again.IntN(m.clusters.len())
			drawn.x, drawn.w = append(drawn.x, s.x[i]), append(drawn.w, s.w[i])
		}
		want := meanOf(drawn)
		near(t, "t", resample(key.Rand(), m.clusters.list()), (want.value-m.value)/want.stdErr, 1e-9)
	}
}

// The 95% intervals hold the true mean in about 95% of repetitions, and the
// p-value falls below 0.05 in the others. With 400 repetitions the share
// varies by 0.011.
func TestCoverage(t *testing.T) {
	repeats, slack := 400, 0.0
	if testing.Short() {
		repeats, slack = 100, 0.02
	}
	for _, c := range []struct {
		name      string
		n         int
		groupSize int
		draw      func(*rand.Rand) float64 // mean 0
		method    Method
		least     float64
	}{
		{"normal", 200, 1, fmath.Normal, StudentT, 0.93},
		{"few normal", 5, 1, fmath.Normal, StudentT, 0.93},
		{"skewed", 40, 1, func(r *rand.Rand) float64 { return -fmath.Log(1-r.Float64()) - 1 }, BootstrapT, 0.92},
		{"lognormal", 100, 1, func(r *rand.Rand) float64 { return fmath.Exp(fmath.Normal(r)) - math.Exp(0.5) }, BootstrapT, 0.89},
		{"grouped", 400, 10, fmath.Normal, BootstrapT, 0.92},
	} {
		t.Run(c.name, func(t *testing.T) {
			hits, significant := 0, 0
			for rep := range repeats {
				key := surprisal.Key(7).Fold(uint64(rep))
				r := key.Rand()
				var s sample
				shared := 0.0
				for i := range c.n {
					if i%c.groupSize == 0 {
						shared = c.draw(r)
					}
					x := shared
					if c.groupSize > 1 {
						x += 0.5 * fmath.Normal(r)
						s.group = append(s.group, int32(i/c.groupSize))
					}
					s.x = append(s.x, x)
				}
				m := meanOf(s)
				if got := m.method(); got != c.method && !m.clusters.heavy() {
					t.Fatalf("method %s, want %s", got, c.method)
				}
				i := m.studentT()
				if c.method == BootstrapT {
					i = m.bootstrapT(key, 999) // not 9999, for time
				}
				if i.low <= 0 && 0 <= i.high {
					hits++
				}
				if i.p <= level {
					significant++
				}
			}
			share := float64(hits) / float64(repeats)
			t.Logf("covered %.3f, significant %.3f", share, float64(significant)/float64(repeats))
			if share < c.least-slack || share > 0.98+slack {
				t.Errorf("intervals hold the mean in a share of %.3f, want 0.95 (at least %.2f)", share, c.least)
			}
			if hits+significant != repeats {
				t.Errorf("%d intervals hold 0 but %d of %d p-values are below 0.05", hits, significant, repeats)
			}
		})
	}
}
