package model_test

import (
	"context"
	"math"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/data"
	"github.com/surprisal-go/surprisal/engine/cpu"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/internal/fmath"
	"github.com/surprisal-go/surprisal/model"
	"github.com/surprisal-go/surprisal/train"
)

// student is a family with its default settings, trained for some epochs on a
// set of known truth, and the least and most nats that it may end above it. The
// least is for models too simple for the set: if one were close, the set would
// have nothing to learn.
type student struct {
	family      string
	epochs      int
	least, most float64
}

// TestAgainstTheTruth trains on sets whose distribution is known. No model may
// beat the truth; trained ones come close to it, untrained ones are far above.
func TestAgainstTheTruth(t *testing.T) {
	if testing.Short() {
		t.Skip("trains for about a minute")
	}
	for set, students := range map[string][]student{
		"tree64":           {{"marginals", 0, 10, 40}, {"made", 20, 0, 0.3}, {"vae", 10, 0, 4}},
		"gaussian-mixture": {{"gaussian", 0, 1, 3}, {"mixture", 0, 0, 0.03}, {"made", 10, 0, 0.2}, {"realnvp", 10, 0, 0.5}, {"nsf", 5, 0, 0.3}},
	} {
		s, err := data.Open(set, data.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, st := range students {
			t.Run(set+"/"+st.family, func(t *testing.T) {
				m, untrained := trained(t, st, s)
				gap := excess(t, m, s)
				t.Logf("%s: %s", st.family, gap)
				if gap.Impossible || gap.Infinite > 0 {
					t.Errorf("%s", gap)
				}
				if !(gap.Nats >= st.least && gap.Nats+2*gap.StdErr <= st.most) {
					t.Errorf("%s: want %g to %g", gap, st.least, st.most)
				}
				if untrained != nil && untrained.Nats < gap.Nats+1 {
					t.Errorf("untrained it is %s, trained %s: want it far above", untrained, gap)
				}
			})
		}
	}
}

// trained returns a trained model and, if it is trained by gradients, how far
// it was from the truth before.
func trained(t *testing.T, st student, s *data.Set) (model.Model, *eval.Gap) {
	t.Helper()
	fam, err := model.Lookup(st.family)
	if err != nil {
		t.Fatal(err)
	}
	exec := cpu.New(cpu.Options{})
	m, err := fam.New(s.Space, fam.Defaults(s.Space, s.Train.Len()), exec)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if f, ok := m.(model.Fitter); ok {
		if err := f.Fit(ctx, s.Train, s.Valid, 1, nil); err != nil {
			t.Fatal(err)
		}
		return m, nil
	}
	tr := m.(train.Trainable)
	if err := tr.Init(1, s.Train); err != nil {
		t.Fatal(err)
	}
	var before *eval.Gap
	if s.Entropy != nil {
		g := excess(t, m, s)
		before = &g
	}
	if _, err := train.Fit(ctx, tr, s.Train, s.Valid, exec, train.Options{Seed: 1, Epochs: st.epochs, MaxValid: 1000}, nil); err != nil {
		t.Fatal(err)
	}
	return m, before
}

func excess(t *testing.T, m model.Model, s *data.Set) eval.Gap {
	t.Helper()
	gap, err := eval.Excess(context.Background(), scores(t, m, s), s.Entropy.Truth, s.Test)
	if err != nil {
		t.Fatal(err)
	}
	return gap
}

func scores(t *testing.T, m model.Model, s *data.Set) eval.Scores {
	t.Helper()
	sc, err := eval.Score(context.Background(), m, s.Test, eval.Options{Samples: 16})
	if err != nil {
		t.Fatal(err)
	}
	return sc
}

// TestFlowBeatsGaussianOnMoons: after training the flow's density integrates to
// one, and it beats the Gaussian by a paired interval clear of zero.
func TestFlowBeatsGaussianOnMoons(t *testing.T) {
	if testing.Short() {
		t.Skip("trains for some seconds")
	}
	s, err := data.Open("two-moons", data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	gaussian, _ := trained(t, student{family: "gaussian"}, s)
	for _, family := range []string{"realnvp", "nsf"} {
		t.Run(family, func(t *testing.T) {
			flow, _ := trained(t, student{family: family, epochs: 15}, s)
			entry := func(name string, m model.Model) eval.Entry {
				sc := scores(t, m, s)
				return eval.Entry{Name: name, Likelihood: sc.Likelihood(s.Name, "test"), Nats: sc.Nats}
			}
			c, err := eval.Compare(entry("gaussian", gaussian), entry(family, flow), 1)
			if err != nil {
				t.Fatal(err)
			}
			t.Log(c.Verdict())
			if !(c.Low > 0) {
				t.Errorf("the interval of what the flow saves is [%g, %g]: want it above zero", c.Low, c.High)
			}
			if total := integral(t, flow.(surprisal.Density), s.Space); math.Abs(total-1) > 0.01 {
				t.Errorf("the density integrates to %.4f, want 1 ± 0.01", total)
			} else {
				t.Logf("the density integrates to %.4f", total)
			}
		})
	}
}

// integral adds up a density in two dims on a fine grid over (−8, 8)².
func integral(t *testing.T, m surprisal.Density, space *surprisal.Space) float64 {
	t.Helper()
	const n, side = 800, 16.0
	total := 0.0
	for i := range n {
		row := make(surprisal.Values[float64], 0, 2*n)
		for j := range n {
			row = append(row, side*((float64(i)+0.5)/n-0.5), side*((float64(j)+0.5)/n-0.5))
		}
		logp := make([]float64, n)
		if err := m.LogProb(logp, &surprisal.Batch{Space: space, Columns: []surprisal.Column{row}}); err != nil {
			t.Fatal(err)
		}
		for _, l := range logp {
			total += fmath.Exp(l)
		}
	}
	return total * side / n * side / n
}
