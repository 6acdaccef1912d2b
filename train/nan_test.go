package train_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/engine/cpu"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/optim"
	"github.com/surprisal-go/surprisal/train"
)

// least is the least value of column 0 of the events, and its row.
func least(b *surprisal.Batch) (row int, value float64) {
	v := make([]float64, b.Len())
	b.Columns[0].Float64s(v, 0)
	for i := range v {
		if v[i] < v[row] {
			row = i
		}
	}
	return row, v[row]
}

func TestNaNIsLocated(t *testing.T) {
	tr := events(40, 1, 8, 500)
	row, low := least(tr)
	origin := make([]float64, 1)
	tr.Float64s(origin, 0)

	// The loss takes a root that exists for every event but the least one, so
	// that the first epoch meets a NaN at the step of that event.
	broken := func() *gaussian {
		g := newGaussian(1, optim.Adam{LearningRate: 0.01})
		g.root, g.least = true, low-origin[0]+1e-4
		return g
	}
	exec := cpu.New(cpu.Options{Threads: 1})
	opts := train.Options{Seed: 2, Epochs: 3, Batch: 8}
	_, err := train.Fit(context.Background(), broken(), tr, nil, exec, opts, nil)
	if err == nil || !strings.Contains(err.Error(), "the loss is NaN") {
		t.Fatalf("without a checking executor: got error %v", err)
	}
	opts.CheckExec = cpu.New(cpu.Options{Threads: 1, Check: true})
	_, err = train.Fit(context.Background(), broken(), tr, nil, exec, opts, nil)
	var nan *graph.NaNError
	if !errors.As(err, &nan) {
		t.Fatalf("got error %v, want a NaNError", err)
	}
	if nan.Node.Op() != graph.OpSqrt || nan.Node.ScopeName() != "body" {
		t.Errorf("located at %s, want the root in body", nan.Node)
	}
	step := 0
	for ; step < 5; step++ {
		if contains(seenAt(step), row) {
			break
		}
	}
	for _, want := range []string{fmt.Sprintf("step %d, epoch 1 of 3", step+1), fmt.Sprintf("training event %d (id %d)", row, 500+row), "sqrt"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q does not say %q", err, want)
		}
	}
}

// seenAt are the rows of a step of the first epoch with seed 2 and batch 8 of
// 40: the documented order.
func seenAt(step int) []int {
	order := surprisal.Key(2).Named("shuffle").Fold(0).Rand().Perm(40)
	return order[step*8 : step*8+8]
}

func contains(rows []int, row int) bool {
	for _, r := range rows {
		if r == row {
			return true
		}
	}
	return false
}

// TestNaNInAGradientIsLocated: the loss of the step is finite and only its
// gradient is NaN, which the next loss shows, or the validation after the last
// step.
func TestNaNInAGradientIsLocated(t *testing.T) {
	tr, va := events(40, 1, 8, 500), events(10, 1, 9, 900)
	for _, steps := range []int{1, 5} {
		g := newGaussian(1, optim.SGD{LearningRate: 0.1})
		g.cusp = true
		opts := train.Options{Seed: 2, Steps: steps, Batch: 8, CheckExec: cpu.New(cpu.Options{Threads: 1, Check: true})}
		_, err := train.Fit(context.Background(), g, tr, va, cpu.New(cpu.Options{Threads: 1}), opts, nil)
		var nan *graph.NaNError
		if !errors.As(err, &nan) || nan.Node.ScopeName() != "body" || !strings.HasPrefix(err.Error(), "step 1, epoch 1: NaN appears in body") {
			t.Errorf("%d steps: got error %v, want a NaNError in step 1", steps, err)
		}
	}
}

func TestInfiniteLossStops(t *testing.T) {
	g := newGaussian(1, optim.SGD{LearningRate: 1e6})
	opts := train.Options{Seed: 2, Epochs: 50, Batch: 8}
	_, err := train.Fit(context.Background(), g, events(40, 1, 8, 500), nil, cpu.New(cpu.Options{Threads: 1}), opts, nil)
	if err == nil || !strings.Contains(err.Error(), "+Inf") || !strings.Contains(err.Error(), "learning rate") {
		t.Errorf("got error %v, want one of an infinite loss", err)
	}
}

func TestThreadsDoNotChangeWeights(t *testing.T) {
	tr, va := events(1000, 3, 2, 0), events(200, 3, 3, 5000)
	opts := train.Options{Seed: 5, Epochs: 3, Batch: 300}
	var want *gaussian
	for _, threads := range []int{1, 2, 4} {
		g := noisy()
		if _, err := train.Fit(context.Background(), g, tr, va, cpu.New(cpu.Options{Threads: threads}), opts, nil); err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = g
			continue
		}
		sameState(t, fmt.Sprintf("%d threads", threads), g.State(), want.State())
	}
	mean, _ := want.moments()
	if math.IsNaN(mean[0]) {
		t.Error("weights are NaN")
	}
}
