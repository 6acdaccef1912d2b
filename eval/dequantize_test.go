package eval_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/internal/fmath"
	"github.com/surprisal-go/surprisal/prep"
)

// vector is a density of D independent normal values over any space of D real
// dims, in whatever units those have.
type vector []gaussian

func (v vector) LogProb(dst []float64, x *surprisal.Batch) error {
	row := make([]float64, len(v))
	for i := range dst {
		x.Float64s(row, i)
		dst[i] = v.logProb(row)
	}
	return nil
}

func (v vector) logProb(row []float64) float64 {
	sum := 0.0
	for j, x := range row {
		sum += v[j].logProb(x)
	}
	return sum
}

func (v vector) Sample(n int, key surprisal.Key, _ *surprisal.Batch) (*surprisal.Batch, error) {
	r, x := key.Rand(), make(surprisal.Values[float64], n*len(v))
	for i := range x {
		g := v[i%len(v)]
		x[i] = g.mean + g.sd*fmath.Normal(r)
	}
	return &surprisal.Batch{Space: reals(len(v)), Columns: []surprisal.Column{x}}, nil
}

func reals(d int) *surprisal.Space {
	return &surprisal.Space{Fields: []surprisal.Field{{Name: "x", Kind: surprisal.Real, Shape: []int{d}}}}
}

// cells are the masses that a vector gives to the cells [v, v+1) of integers.
type cells struct{ vector }

func (c cells) LogProb(dst []float64, x *surprisal.Batch) error {
	row := make([]float64, len(c.vector))
	for i := range dst {
		x.Float64s(row, i)
		dst[i] = 0
		for j, v := range row {
			g := c.vector[j]
			a, b := (v-g.mean)/g.sd, (v+1-g.mean)/g.sd
			dst[i] += math.Log(math.Erfc(a/math.Sqrt2)-math.Erfc(b/math.Sqrt2)) - math.Ln2
		}
	}
	return nil
}

// integers are n draws of a vector, rounded down: their probabilities are those
// of cells.
func integers(t *testing.T, v vector, n int, key surprisal.Key) *surprisal.Batch {
	t.Helper()
	b, err := v.Sample(n, key, nil)
	if err != nil {
		t.Fatal(err)
	}
	rows := make(surprisal.Values[float64], n*len(v))
	b.Float64s(rows, 0)
	for i, x := range rows {
		rows[i] = math.Floor(x)
	}
	field := surprisal.Field{Name: "x", Kind: surprisal.Grid, Low: -1000, Step: 1, Shape: []int{len(v)}}
	return &surprisal.Batch{Space: &surprisal.Space{Fields: []surprisal.Field{field}}, Columns: []surprisal.Column{rows}}
}

// With dequantisation the density of a known discrete distribution is bounded
// from above by the nats of every K, ever closer, and never passed.
func TestImportanceWeightedDequantisation(t *testing.T) {
	v := vector{{0.3, 0.4}, {2, 0.7}, {-5.5, 1.5}, {0.9, 0.3}}
	b := integers(t, v, 2000, 1)
	model, err := prep.NewDequantized(b.Space, v)
	if err != nil {
		t.Fatal(err)
	}
	truth := entry(t, "truth", cells{v}, b)
	bound := func(o eval.Options) eval.Entry {
		o.Key = 7
		s := score(t, model, b, o)
		if s.Kind != surprisal.LowerBound || s.Measure != surprisal.Mass {
			t.Fatalf("the bound is %s under a %s", s.Kind, s.Measure)
		}
		return eval.Entry{Name: fmt.Sprintf("K = %d", s.Samples), Likelihood: s.Likelihood("normals", "test"), Nats: s.Nats}
	}
	compare := func(a, b eval.Entry) eval.Comparison {
		c, err := eval.Compare(a, b, 1)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	entries := []eval.Entry{bound(eval.Options{Samples: 1, Bound: eval.ELBO})}
	for _, k := range []int{1, 4, 16, 64, 256, 1024} {
		entries = append(entries, bound(eval.Options{Samples: k}))
	}
	near(t, "IW-1", entries[1].Likelihood.Nats, entries[0].Likelihood.Nats, 1e-12)
	for i, e := range entries {
		over := compare(e, truth)
		t.Logf("%-8s %.4f ± %.4f nats above the truth", e.Name, over.Nats, over.StdErr)
		if over.Nats < -3*over.StdErr {
			t.Errorf("%s is %v ± %v nats below the truth", e.Name, -over.Nats, over.StdErr)
		}
		if i < 2 {
			continue
		}
		least := 3.0 // standard errors; what many draws gain is lost in noise
		if e.Likelihood.Samples > 64 {
			least = 0
		}
		if gain := compare(entries[i-1], e); gain.Nats < least*gain.StdErr {
			t.Errorf("%s saves %v ± %v nats over %s, want at least %g standard errors", e.Name, gain.Nats, gain.StdErr, entries[i-1].Name, least)
		}
	}
	if over := compare(entries[len(entries)-1], truth); over.Nats > 0.01 {
		t.Errorf("IW-1024 is %v nats above the truth, want at most 0.01", over.Nats)
	}
	if over := compare(entries[0], truth); over.Nats < 0.5 {
		t.Errorf("one draw is %v nats above the truth: too near to show anything", over.Nats)
	}
}
