package baseline

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/fmath"
)

func ones(n int) []float64 {
	w := make([]float64, n)
	for i := range w {
		w[i] = 1
	}
	return w
}

// TestOrderedSmooths: on a few events of a wide smooth distribution the mass is
// near the truth, which bare frequencies, or smoothing chosen on the events
// themselves, miss by far.
func TestOrderedSmooths(t *testing.T) {
	f := surprisal.Field{Name: "x", Kind: surprisal.Grid, Low: -900, Step: 1}
	truth := distuv.Normal{Mu: 0, Sigma: 100}
	const n = 40
	r := surprisal.Key(4).Rand()
	values := make([]float64, n)
	for i := range values {
		values[i] = math.Floor(100 * fmath.Normal(r))
	}
	m := ordered(f, values, ones(n))
	excess := 0.0
	for v := -600.0; v < 600; v++ {
		p := truth.CDF(v+1) - truth.CDF(v)
		excess += p * (math.Log(p) - m.logProb(v))
	}
	t.Logf("%.4f nats above the truth", excess)
	if !(excess > 0 && excess < 0.12) {
		t.Errorf("%.4f nats above the truth, want at most 0.12", excess)
	}
}

// TestOrderedAtoms: a value that holds half of the events keeps its mass beside
// smooth neighbours.
func TestOrderedAtoms(t *testing.T) {
	f := surprisal.Field{Name: "x", Kind: surprisal.Count}
	r := surprisal.Key(5).Rand()
	values := make([]float64, 2000)
	for i := range values {
		if i%2 == 0 {
			values[i] = float64(100 + r.IntN(200))
		}
	}
	m := ordered(f, values, ones(2000))
	if p := math.Exp(m.logProb(0)); math.Abs(p-.5) > .01 {
		t.Errorf("mass of the value of half of the events is %.4f", p)
	}
	if p := math.Exp(m.logProb(150)); math.Abs(p-.0025) > .0005 {
		t.Errorf("mass of a value among 200 equal ones is %.5f, want about 0.0025", p)
	}
}

// TestOrderedWide: a range of millions of values gets bins, and still sums to
// one exactly, tail included.
func TestOrderedWide(t *testing.T) {
	for _, levels := range []int{0, 3_000_001} {
		f := surprisal.Field{Name: "x", Kind: surprisal.Grid, Step: .5, Levels: levels}
		r := surprisal.Key(6).Rand()
		values := make([]float64, 500)
		for i := range values {
			values[i] = .5 * float64(r.IntN(3_000_001))
		}
		m := ordered(f, values, ones(500))
		if m.width == 1 || len(m.table) > mostBins {
			t.Errorf("table of %d bins of %d", len(m.table), m.width)
		}
		sum := m.tail
		for b, p := range m.table {
			start, end := m.bin(b)
			sum += p * float64(end-start)
		}
		if math.Abs(sum-1) > 1e-9 || !(m.tail > 0) {
			t.Errorf("levels %d: table and tail sum to %.12f", levels, sum)
		}
		if _, end := m.bin(len(m.table) - 1); end != m.high || levels > 0 && end != levels {
			t.Errorf("levels %d: the last bin ends at %d, the table at %d", levels, end, m.high)
		}
		for range 2000 {
			if v := m.sample(r); math.IsInf(m.logProb(v), -1) {
				t.Fatalf("levels %d: sample %g has mass zero", levels, v)
			}
		}
		if lp := m.logProb(.5 * 2.9e6); levels == 0 && !(lp > -30) {
			t.Errorf("a value near the training range has log p %g", lp)
		}
	}
}

// TestCodes: smoothed frequencies, by weight.
func TestCodes(t *testing.T) {
	f := surprisal.Field{Name: "x", Kind: surprisal.Categorical, Levels: 4}
	m := codes(f, []float64{0, 0, 1, 3}, []float64{1, 1, 2, 4}, .5)
	for code, want := range []float64{2.5 / 10, 2.5 / 10, .5 / 10, 4.5 / 10} {
		if got := math.Exp(m.logProb(float64(code))); math.Abs(got-want) > 1e-15 {
			t.Errorf("code %d has mass %g, want %g", code, got, want)
		}
	}
	if lp := m.logProb(4); !math.IsInf(lp, -1) {
		t.Errorf("a code beyond the alphabet has log p %g", lp)
	}
}
