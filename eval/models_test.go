package eval_test

import (
	"math"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/internal/fmath"
)

// gaussian is N(mean, sd²) on the line.
type gaussian struct{ mean, sd float64 }

func (g gaussian) logProb(x float64) float64 {
	z := (x - g.mean) / g.sd
	return -z*z/2 - math.Log(g.sd) - math.Log(2*math.Pi)/2
}

func (g gaussian) LogProb(dst []float64, x *surprisal.Batch) error {
	x.Float64s(dst, 0)
	for i, v := range dst {
		dst[i] = g.logProb(v)
	}
	return nil
}

// latent is x ~ N(z, 1) with z ~ N(0, 1), so that x ~ N(0, 2); the posterior is
// taken to be the prior.
type latent struct{}

func (latent) LogWeights(dst []float64, x *surprisal.Batch, k int, key surprisal.Key) error {
	n := x.Len()
	v := make([]float64, n)
	x.Float64s(v, 0)
	for i := range n {
		r := key.Fold(x.ID(i)).Rand()
		for j := range k {
			dst[i*k+j] = gaussian{fmath.Normal(r), 1}.logProb(v[i])
		}
	}
	return nil
}

// fixed gives every event the value of log p that stands at its id.
type fixed []float64

func (f fixed) LogProb(dst []float64, x *surprisal.Batch) error {
	for i := range dst {
		dst[i] = f[x.ID(i)]
	}
	return nil
}

// each gives every event log p = f(x).
type each func(x float64) float64

func (f each) LogProb(dst []float64, x *surprisal.Batch) error {
	x.Float64s(dst, 0)
	for i, v := range dst {
		dst[i] = f(v)
	}
	return nil
}

func realLine() *surprisal.Space {
	return &surprisal.Space{Fields: []surprisal.Field{{Name: "x", Kind: surprisal.Real}}}
}

// normals are n events from N(0, 1).
func normals(n int, key surprisal.Key) *surprisal.Batch {
	r := key.Rand()
	v := make(surprisal.Values[float64], n)
	for i := range v {
		v[i] = fmath.Normal(r)
	}
	return &surprisal.Batch{Space: realLine(), Columns: []surprisal.Column{v}}
}

func score(t *testing.T, model any, b *surprisal.Batch, o eval.Options) eval.Scores {
	t.Helper()
	s, err := eval.Score(t.Context(), model, b, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func entry(t *testing.T, name string, model any, b *surprisal.Batch) eval.Entry {
	t.Helper()
	s := score(t, model, b, eval.Options{})
	return eval.Entry{Name: name, Likelihood: s.Likelihood("normals", "test"), Nats: s.Nats, Weight: s.Weight, Group: s.Group}
}

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol) {
		t.Errorf("%s is %v, want %v ± %g", what, got, want, tol)
	}
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("error %q, want %q in it", err, p)
		}
	}
}
