package flow_test

import (
	"context"
	"math"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/engine/ref"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/fmath"
	"github.com/surprisal-go/surprisal/model/flow"
	"github.com/surprisal-go/surprisal/optim"
)

func reals(d int) *surprisal.Space {
	return &surprisal.Space{Fields: []surprisal.Field{{Name: "x", Shape: []int{d}}}}
}

// moons draws two half circles with noise, in raw units far from standard.
func moons(n int, key surprisal.Key) *surprisal.Batch {
	r := key.Rand()
	rows := make(surprisal.Values[float64], 0, 2*n)
	for range n {
		a := math.Pi * r.Float64()
		x, y := math.Cos(a), math.Sin(a)
		if r.Uint64()&1 == 1 {
			x, y = 1-x, 0.5-y
		}
		rows = append(rows, 100+10*(x+0.1*fmath.Normal(r)), 3*(y+0.1*fmath.Normal(r)))
	}
	return &surprisal.Batch{Space: reals(2), Columns: []surprisal.Column{rows}}
}

// fit makes steps of the model's objective on minibatches in order and leaves
// the averaged weights. It returns the losses.
func fit(t *testing.T, m flow.Model, train *surprisal.Batch, exec graph.Executor, key surprisal.Key, steps int) []float64 {
	t.Helper()
	if err := m.Init(key, train); err != nil {
		t.Fatal(err)
	}
	o, err := m.Objective()
	if err != nil {
		t.Fatal(err)
	}
	plan, err := o.Compile(0, exec)
	if err != nil {
		t.Fatal(err)
	}
	var losses []float64
	for step := range steps {
		lo := step * o.Batch % (train.Len() - o.Batch + 1)
		feeds := graph.Feeds{}
		if err := o.Phases[0].Feed(feeds, train.Slice(lo, lo+o.Batch), key.Fold(uint64(step))); err != nil {
			t.Fatal(err)
		}
		o.Phases[0].Optimizer.Feed(feeds, step)
		out, err := plan.Run(context.Background(), feeds, o.Store)
		if err != nil {
			t.Fatal(err)
		}
		losses = append(losses, out[0].Float64s()[0])
	}
	optim.SwapAverages(o.Store)
	return losses
}

func logProb(t *testing.T, m flow.Model, x *surprisal.Batch) []float64 {
	t.Helper()
	out := make([]float64, x.Len())
	if err := m.(surprisal.Density).LogProb(out, x); err != nil {
		t.Fatal(err)
	}
	return out
}

func mean(v []float64) float64 {
	var s float64
	for _, x := range v {
		s += x
	}
	return s / float64(len(v))
}

func small(space *surprisal.Space, n int) *flow.Config {
	c := flow.Defaults(space, n)
	c.Couplings, c.Hidden, c.Batch = 4, []int{16}, min(64, n)
	c.LearningRate = 5e-3
	return c
}

func build(t *testing.T, space *surprisal.Space, c *flow.Config, exec graph.Executor) flow.Model {
	t.Helper()
	m, err := flow.New(space, c, exec)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Before training the flow is the identity on standardised events: its density
// is that of the independent Gaussian with the moments of the training events.
func TestUntrainedIsGaussian(t *testing.T) {
	train := moons(200, 1)
	m := build(t, train.Space, small(train.Space, 200), ref.New())
	if err := m.Init(1, train); err != nil {
		t.Fatal(err)
	}
	rows := make([]float64, 400)
	train.Float64s(rows, 0)
	var mu, sd [2]float64
	for j := range 2 {
		for i := range 200 {
			mu[j] += rows[2*i+j] / 200
		}
		for i := range 200 {
			sd[j] += (rows[2*i+j] - mu[j]) * (rows[2*i+j] - mu[j]) / 200
		}
		sd[j] = math.Sqrt(sd[j])
	}
	for i, got := range logProb(t, m, train) {
		want := -math.Log(2 * math.Pi)
		for j := range 2 {
			e := (rows[2*i+j] - mu[j]) / sd[j]
			want -= e*e/2 + math.Log(sd[j])
		}
		if math.Abs(got-want) > 1e-6 {
			t.Fatalf("event %d: log p is %v, want %v", i, got, want)
		}
	}
}

func TestFitsTwoMoons(t *testing.T) {
	train, test := moons(2000, 1), moons(500, 2)
	for _, transform := range []string{flow.Affine, flow.Spline} {
		t.Run(transform, func(t *testing.T) {
			c := small(train.Space, train.Len())
			c.Transform = transform
			m := build(t, train.Space, c, ref.New())
			losses := fit(t, m, train, ref.New(), 1, 150)
			before, after := mean(losses[:3]), -mean(logProb(t, m, test))
			t.Logf("before %.3f, after %.3f", before, after)
			if after > before-0.3 {
				t.Errorf("test nats %v after training, %v before", after, before)
			}
		})
	}
}
