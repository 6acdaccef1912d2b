package eval_test

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/internal/fmath"
	"github.com/surprisal-go/surprisal/prep"
)

// defect is a mistake that other tools make: what they print for events of
// known truth, and what we print.
type defect struct {
	name, unit  string
	theirs      float64
	ours, truth float64
	tol         float64 // of ours
}

// TestDefects prints, for each of the mistakes that docs/defects.md explains,
// the wrong number and ours, and wants both in that page.
func TestDefects(t *testing.T) {
	page, err := os.ReadFile("../docs/defects.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []defect{
		scalingForgotten(t), noiseForgotten(t), signTurned(t), natsCalledBits(t), crossEntropyCalledKL(t),
		eightBitsAssumed(t), drawsNotCounted(t), rowsDropped(t), zeroClamped(t),
	} {
		line := fmt.Sprintf("| %s | %.3f | %.3f | %.3f | %s |", d.name, d.theirs, d.ours, d.truth, d.unit)
		t.Log(line)
		if !(math.Abs(d.ours-d.truth) <= d.tol) && d.ours != d.truth {
			t.Errorf("%s: ours is %v, the truth %v ± %g", d.name, d.ours, d.truth, d.tol)
		}
		if math.Abs(d.theirs-d.truth) < 5*d.tol {
			t.Errorf("%s: theirs is %v, which shows nothing beside %v", d.name, d.theirs, d.truth)
		}
		if !strings.Contains(string(page), line) {
			t.Errorf("docs/defects.md lacks the line\n%s", line)
		}
	}
}

// pixels are events of known probability over integers from 0 to 255.
func pixels(t *testing.T) (v vector, b *surprisal.Batch, truth surprisal.Likelihood) {
	t.Helper()
	v = vector{{100, 20}, {128, 15}, {140, 25}}
	b = integers(t, v, 4000, 2)
	b.Space.Fields[0] = surprisal.Field{Name: "x", Kind: surprisal.Grid, Step: 1, Levels: 256, Shape: []int{3}}
	return v, b, score(t, cells{v}, b, eval.Options{}).Likelihood("pixels", "test")
}

// bound is what we print for a model behind preprocessing, on discrete events.
func bound(t *testing.T, model surprisal.Sampler, b *surprisal.Batch) surprisal.Likelihood {
	t.Helper()
	m, err := prep.NewDequantized(b.Space, model)
	if err != nil {
		t.Fatal(err)
	}
	return score(t, m, b, eval.Options{Samples: 64, Key: 3}).Likelihood("pixels", "test")
}

// scalingForgotten: the density is of x/256, and the factor 256 a dim is left
// out of the number.
func scalingForgotten(t *testing.T) defect {
	v, b, truth := pixels(t)
	scaled := make(vector, len(v))
	for j, g := range v {
		scaled[j] = gaussian{g.mean / 256, g.sd / 256}
	}
	down := &prep.Affine{Shift: []float64{0}, Scale: []float64{256}}
	rows, none := make([]float64, b.Len()*len(v)), make([]float64, b.Len())
	prep.Dequantize(rows, b, 5, 0)
	down.Forward(rows, none) // the log-determinant is not used: that is the mistake
	sum := 0.0
	for i := range b.Len() {
		sum -= scaled.logProb(rows[i*len(v) : (i+1)*len(v)])
	}
	ours := bound(t, through{down, v, scaled.logProb}, b)
	theirs := surprisal.Bits(sum/float64(b.Len())) / float64(len(v))
	return defect{"scaling forgotten", "bits/dim", theirs, ours.BitsPerDim(), truth.BitsPerDim(), 0.005}
}

// spikes is a density with a narrow peak at each of the integers 0 to 7, which
// training without noise leads to.
type spikes struct{ vector }

func (s spikes) logProb(x float64) float64 {
	terms := make([]float64, 8)
	for v := range terms {
		terms[v] = gaussian{float64(v), 0.02}.logProb(x) - math.Log(8)
	}
	return fmath.LogSumExp(terms)
}

func (s spikes) LogProb(dst []float64, x *surprisal.Batch) error {
	return each(s.logProb).LogProb(dst, x)
}

// noiseForgotten: a density is evaluated at the integers themselves. All eight
// values are equally frequent, so no honest number is below ln 8. Ours is that
// of the cells [v, v+1): ln 8 too, but for the ends, where half a peak is lost.
func noiseForgotten(t *testing.T) defect {
	x := make(surprisal.Values[float64], 400)
	for i := range x {
		x[i] = float64(i % 8)
	}
	b := &surprisal.Batch{
		Space:   &surprisal.Space{Fields: []surprisal.Field{{Name: "x", Kind: surprisal.Count}}},
		Columns: []surprisal.Column{x},
	}
	m, err := prep.NewDequantized(b.Space, spikes{})
	if err != nil {
		t.Fatal(err)
	}
	ours := score(t, m, b, eval.Options{Samples: 2048, Key: 3}).Likelihood("eight", "test")
	theirs := 0.0
	for _, v := range x {
		theirs -= spikes{}.logProb(v) / float64(len(x))
	}
	truth := (7*math.Log(8) + math.Log(16)) / 8
	return defect{"dequantisation skipped", "nats", theirs, ours.Nats, truth, 0.02}
}

// signTurned: log p is reported as the loss.
func signTurned(t *testing.T) defect {
	b, g := normals(4000, 1), gaussian{0, 1}
	l := score(t, g, b, eval.Options{}).Likelihood("normals", "test")
	theirs := 0.0
	for _, v := range b.Columns[0].(surprisal.Values[float64]) {
		theirs += g.logProb(v) / float64(b.Len())
	}
	return defect{"sign turned", "nats", theirs, l.Nats, math.Log(2*math.Pi*math.E) / 2, 0.05}
}

// natsCalledBits: the mean of log p is divided by the dims and called bits.
func natsCalledBits(t *testing.T) defect {
	_, b, truth := pixels(t)
	v, _, _ := pixels(t)
	ours := bound(t, v, b)
	return defect{"nats called bits", "bits/dim", ours.Nats / 3, ours.BitsPerDim(), truth.BitsPerDim(), 0.005}
}

// crossEntropyCalledKL: −log q is averaged over events from p and called
// KL(p ‖ q). For q = p = N(0, 0.1²) it is the entropy, which is negative.
func crossEntropyCalledKL(t *testing.T) defect {
	b := normals(4000, 6)
	x := b.Columns[0].(surprisal.Values[float64])
	for i := range x {
		x[i] *= 0.1
	}
	s := score(t, gaussian{0, 0.1}, b, eval.Options{})
	g, err := eval.Excess(t.Context(), s, gaussian{0, 0.1}, b)
	if err != nil {
		t.Fatal(err)
	}
	return defect{"cross-entropy called KL", "nats", s.Likelihood("", "").Nats, g.Nats, 0, 1e-12}
}

// eightBitsAssumed: 8 is added to the bits/dim of values that were scaled to
// [0, 1), whatever their number of levels: here there are 32.
func eightBitsAssumed(t *testing.T) defect {
	fine, b, _ := pixels(t)
	x := b.Columns[0].(surprisal.Values[float64])
	v := make(vector, len(fine))
	for j, g := range fine {
		v[j] = gaussian{g.mean / 8, g.sd / 8}
	}
	for i := range x {
		x[i] = math.Floor(x[i] / 8)
	}
	b.Space.Fields[0].Levels = 32
	truth := score(t, cells{v}, b, eval.Options{}).Likelihood("", "").BitsPerDim()
	ours := bound(t, v, b).BitsPerDim()
	return defect{"8 bits assumed of 5", "bits/dim", ours - 5 + 8, ours, truth, 0.005}
}

// drawsNotCounted: the importance-weighted bound adds K weights and does not
// divide by K.
func drawsNotCounted(t *testing.T) defect {
	b := normals(2000, 8)
	const k = 64
	logW := make([]float64, 2000*k)
	if err := (latent{}).LogWeights(logW, b, k, surprisal.Key(3)); err != nil {
		t.Fatal(err)
	}
	theirs := 0.0
	for i := range 2000 {
		theirs -= fmath.LogSumExp(logW[i*k:(i+1)*k]) / 2000
	}
	exact := score(t, gaussian{0, math.Sqrt2}, b, eval.Options{}).Likelihood("", "").Nats
	ours := score(t, latent{}, b, eval.Options{Samples: k, Key: 3}).Likelihood("", "").Nats
	return defect{"weights added, not averaged", "nats", theirs, ours, exact, 0.02}
}

// rowsDropped: events whose log p is NaN are left out of the mean. Here the
// model overflows on the hard half of the events. We refuse.
func rowsDropped(t *testing.T) defect {
	b, g := normals(4000, 1), gaussian{0, 1}
	broken := each(func(x float64) float64 {
		if math.Abs(x) > 0.6745 {
			return math.NaN()
		}
		return g.logProb(x)
	})
	if _, err := eval.Score(t.Context(), broken, b, eval.Options{}); err == nil {
		t.Error("NaN is not refused")
	}
	sum, n := 0.0, 0
	for _, x := range b.Columns[0].(surprisal.Values[float64]) {
		if v := broken(x); v == v {
			sum -= v
			n++
		}
	}
	l := score(t, g, b, eval.Options{}).Likelihood("", "")
	return defect{"rows of NaN dropped", "nats", sum / float64(n), l.Nats, math.Log(2*math.Pi*math.E) / 2, 0.05}
}

// zeroClamped: log(p + 1e-8) in place of log p, for a model that gives a
// twentieth of the events probability zero.
func zeroClamped(t *testing.T) defect {
	b := normals(1000, 1)
	values := make(fixed, 1000)
	theirs := 0.0
	for i := range values {
		values[i] = -1
		if i%20 == 0 {
			values[i] = math.Inf(-1)
		}
		theirs -= math.Log(math.Exp(values[i])+1e-8) / 1000
	}
	l := score(t, values, b, eval.Options{}).Likelihood("", "")
	if l.Infinite != 50 || l.Nats != 1 {
		t.Errorf("%d infinite events beside %v nats, want 50 beside 1", l.Infinite, l.Nats)
	}
	return defect{"probability zero clamped", "nats", theirs, l.MeanNats(), math.Inf(1), 0}
}
