package eval_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
)

func TestScoreOfADensity(t *testing.T) {
	b := normals(4000, 1)
	s := score(t, gaussian{0, 1}, b, eval.Options{})
	if s.Kind != surprisal.Exact || s.Samples != 0 || s.Dims != 1 || s.Measure != surprisal.Lebesgue || s.Checksum != b.Checksum() {
		t.Errorf("scores say %+v", s)
	}
	l := s.Likelihood("normals", "test")
	near(t, "entropy of N(0,1)", l.Nats, 0.5*math.Log(2*math.Pi*math.E), 3*l.StdErr)
	// (x²)/2 has standard deviation 1/√2.
	near(t, "standard error", l.StdErr, math.Sqrt(0.5/4000), 0.001)
	if len(l.Warnings) > 0 || l.N != 4000 || l.Split != "test" || l.Data.Name != "normals" {
		t.Errorf("likelihood %+v", l)
	}
}

// The bounds are ordered, reach the exact value as K grows, and do not depend
// on chunks or the order of events.
func TestScoreOfABound(t *testing.T) {
	b := normals(500, 2)
	options := func(bound eval.Bound, k int) eval.Options {
		return eval.Options{Samples: k, Bound: bound, Key: 5}
	}
	exact := score(t, gaussian{0, math.Sqrt2}, b, eval.Options{}).Likelihood("", "").Nats
	nats := func(o eval.Options) float64 {
		s := score(t, latent{}, b, o)
		if s.Kind != surprisal.LowerBound || s.Samples != o.Samples {
			t.Errorf("scores are %s with %d samples", s.Kind, s.Samples)
		}
		return s.Likelihood("", "").Nats
	}
	elbo, iw10, iw1000 := nats(options(eval.ELBO, 200)), nats(options(eval.IW, 10)), nats(options(eval.IW, 1000))
	if !(elbo > iw10 && iw10 > iw1000) {
		t.Errorf("ELBO %v, IW-10 %v, IW-1000 %v are not in order", elbo, iw10, iw1000)
	}
	near(t, "IW-1000", iw1000, exact, 0.01)
	// E_z[log N(x; z, 1)] = −½ log 2π − (x² + 1)/2
	want := score(t, each(func(x float64) float64 { return -(math.Log(2*math.Pi) + x*x + 1) / 2 }), b, eval.Options{}).Likelihood("", "").Nats
	near(t, "ELBO", elbo, want, 0.02)
	near(t, "IW-1", nats(options(eval.IW, 1)), nats(options(eval.ELBO, 1)), 1e-12)
}

func TestChunksAndOrderChangeNothing(t *testing.T) {
	b := normals(300, 3)
	var rows []int
	for i := range b.Len() {
		rows = append(rows, (i*7)%b.Len())
	}
	for name, model := range map[string]any{"density": gaussian{0, 1}, "bound": latent{}} {
		want := score(t, model, b, eval.Options{Samples: 8, Key: 9}).Nats
		for _, chunk := range []int{1, 7, 64, 299, 10_000} {
			got := score(t, model, b, eval.Options{Samples: 8, Key: 9, Chunk: chunk}).Nats
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s in chunks of %d:\n%s", name, chunk, diff)
			}
		}
		shuffled := score(t, model, b.Take(rows), eval.Options{Samples: 8, Key: 9}).Nats
		for i, r := range rows {
			if shuffled[i] != want[r] {
				t.Fatalf("%s: event %d has %v nats in another order, want %v", name, r, shuffled[i], want[r])
			}
		}
	}
	if one, two := score(t, latent{}, b, eval.Options{Key: 1}).Nats, score(t, latent{}, b, eval.Options{Key: 2}).Nats; one[0] == two[0] {
		t.Error("the key does not matter")
	}
}

func TestImpossibleEventsAreCountedApart(t *testing.T) {
	b := &surprisal.Batch{Space: realLine(), Columns: []surprisal.Column{surprisal.Values[float64]{1, 2, 3, 4}}}
	inf := math.Inf(-1)
	l := score(t, fixed{-1, inf, -3, inf}, b, eval.Options{}).Likelihood("", "")
	if l.Infinite != 2 || l.Nats != 2 || l.N != 4 || !math.IsInf(l.MeanNats(), 1) {
		t.Errorf("likelihood %+v", l)
	}
	near(t, "error over the finite ones", l.StdErr, 1, 1e-15)
	if !strings.Contains(strings.Join(l.Warnings, "\n"), "2 of 4 events have probability zero") {
		t.Errorf("warnings %q", l.Warnings)
	}
	b.Weight = []float64{1, 0, 1, 1}
	if l := score(t, fixed{-1, inf, -3, -3}, b, eval.Options{}).Likelihood("", ""); l.Infinite != 0 || math.Abs(l.Nats-7.0/3) > 1e-15 {
		t.Errorf("an event of weight 0 counts: %+v", l)
	}
}

func TestFaultsOfTheModelAreErrors(t *testing.T) {
	real := normals(10, 4)
	real.IDs = []uint64{100, 101, 102, 103, 104, 105, 106, 107, 108, 109}
	values := func(v float64) fixed {
		f := make(fixed, 110)
		f[107] = v
		return f
	}
	for _, v := range []float64{math.NaN(), math.Inf(1)} {
		_, err := eval.Score(t.Context(), values(v), real, eval.Options{Chunk: 3})
		wantError(t, err, "event 7 (id 107)", "fault of the model")
	}
	bits := &surprisal.Batch{
		Space:   &surprisal.Space{Fields: []surprisal.Field{{Name: "x", Kind: surprisal.Binary, Levels: 2}}},
		Columns: []surprisal.Column{surprisal.Values[uint8]{0, 1}},
	}
	_, err := eval.Score(t.Context(), fixed{0, 0.01}, bits, eval.Options{})
	wantError(t, err, "event 1", "mass")
	if _, err := eval.Score(t.Context(), fixed{0, 1e-7}, bits, eval.Options{}); err != nil {
		t.Errorf("rounding above a mass of 1: %v", err)
	}
	nan := bad{math.NaN()}
	_, err = eval.Score(t.Context(), nan, real, eval.Options{})
	wantError(t, err, "NaN")
	_, err = eval.Score(t.Context(), nan, real, eval.Options{Bound: eval.ELBO})
	wantError(t, err, "NaN")
}

// bad gives every weight one value.
type bad struct{ v float64 }

func (m bad) LogWeights(dst []float64, _ *surprisal.Batch, _ int, _ surprisal.Key) error {
	for i := range dst {
		dst[i] = m.v
	}
	return nil
}

type spaced struct {
	gaussian
	space *surprisal.Space
}

func (s spaced) Space() *surprisal.Space { return s.space }

type failing struct{}

func (failing) LogProb([]float64, *surprisal.Batch) error { return errors.New("no power") }

func TestScoreRefuses(t *testing.T) {
	b := normals(10, 5)
	for name, c := range map[string]struct {
		model any
		batch *surprisal.Batch
		o     eval.Options
		want  string
	}{
		"no capability":   {struct{}{}, b, eval.Options{}, "no likelihood"},
		"no events":       {gaussian{0, 1}, b.Slice(0, 0), eval.Options{}, "no events"},
		"bound":           {latent{}, b, eval.Options{Bound: "best"}, `"best"`},
		"samples":         {latent{}, b, eval.Options{Samples: -1}, "-1 samples"},
		"chunk":           {latent{}, b, eval.Options{Chunk: -1}, "chunks"},
		"other space":     {spaced{space: &surprisal.Space{}}, b, eval.Options{}, "space"},
		"model's error":   {failing{}, b, eval.Options{Chunk: 4}, "events 0 to 3: no power"},
		"negative weight": {gaussian{0, 1}, weighted(b, -1), eval.Options{}, "weight -1"},
		"NaN weight":      {gaussian{0, 1}, weighted(b, math.NaN()), eval.Options{}, "weight NaN"},
		"no weight":       {gaussian{0, 1}, weighted(b, 0), eval.Options{}, "weight 0"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := eval.Score(t.Context(), c.model, c.batch, c.o)
			wantError(t, err, c.want)
		})
	}
	if _, err := eval.Score(t.Context(), spaced{gaussian{0, 1}, realLine()}, b, eval.Options{}); err != nil {
		t.Errorf("the model's own space: %v", err)
	}
}

func weighted(b *surprisal.Batch, w float64) *surprisal.Batch {
	out := *b
	out.Weight = make([]float64, b.Len())
	out.Weight[0] = w
	return &out
}

func TestScoreStopsAndReports(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var seen []int
	o := eval.Options{Chunk: 4, Progress: func(done, total int) {
		if seen = append(seen, done); done == 8 && total == 10 {
			cancel()
		}
	}}
	if _, err := eval.Score(ctx, gaussian{0, 1}, normals(10, 6), o); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
	if diff := cmp.Diff([]int{4, 8}, seen); diff != "" {
		t.Error(diff)
	}
}

func TestWarnings(t *testing.T) {
	warned := func(b *surprisal.Batch, model any, want string) {
		t.Helper()
		all := strings.Join(score(t, model, b, eval.Options{}).Likelihood("", "").Warnings, "\n")
		if want == "" && all != "" || !strings.Contains(all, want) {
			t.Errorf("warnings %q, want %q", all, want)
		}
	}
	b := normals(400, 7)
	warned(b, gaussian{0, 1}, "")
	warned(b.Slice(0, 29), gaussian{0, 1}, "only 29 events")
	warned(b.Slice(0, 30), gaussian{0, 1}, "")
	warned(b, each(func(x float64) float64 { return -math.Exp(6 * x) }), "heavy tails")
	b.Group = make([]int32, 400)
	for i := range b.Group {
		b.Group[i] = int32(i % 19)
	}
	warned(b, gaussian{0, 1}, "only 19 groups")
	for i := range b.Group {
		b.Group[i] = int32(i % 20)
	}
	warned(b, gaussian{0, 1}, "")
}

func TestRaggedAndConditionalEvents(t *testing.T) {
	space := &surprisal.Space{Ragged: true, Fields: []surprisal.Field{{Name: "text", Kind: surprisal.Categorical, Levels: 4, Shape: []int{6}}}}
	b := &surprisal.Batch{
		Space: space, Columns: []surprisal.Column{make(surprisal.Values[uint8], 12)}, Lengths: []int32{2, 5},
		Context: normals(2, 8),
	}
	s := score(t, fixed{-7, -7 * math.Ln2}, b, eval.Options{})
	if s.Dims != 3.5 || s.Given != "x" || s.Measure != surprisal.Mass {
		t.Errorf("scores say dims %v, given %q, measure %s", s.Dims, s.Given, s.Measure)
	}
	// bits/dim is total nats over total symbols
	l := s.Likelihood("", "")
	near(t, "bits per dim", l.BitsPerDim(), (7/math.Ln2+7)/7, 1e-12)
}
