package cpu_test

import (
	"context"
	"testing"

	"github.com/surprisal-go/surprisal/bench"
	"github.com/surprisal-go/surprisal/engine/cpu"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// spy is an executor that keeps the last run of its last plan, to repeat it
// without the host code around it.
type spy struct {
	*cpu.Executor
	plan  graph.Plan
	feeds graph.Feeds
	store *tensor.Store
}

func (s *spy) Compile(outputs []*graph.Node, updates ...graph.Update) (graph.Plan, error) {
	p, err := s.Executor.Compile(outputs, updates...)
	return spied{p, s}, err
}

type spied struct {
	graph.Plan
	spy *spy
}

func (p spied) Run(ctx context.Context, feeds graph.Feeds, store *tensor.Store) ([]tensor.Tensor, error) {
	p.spy.plan, p.spy.feeds, p.spy.store = p.Plan, feeds, store
	return p.Plan.Run(ctx, feeds, store)
}

func (s *spy) run(tb testing.TB) {
	if _, err := s.plan.Run(context.Background(), s.feeds, s.store); err != nil {
		tb.Fatal(err)
	}
}

// open makes a few steps of a work.
func open(tb testing.TB, w bench.Work, opts cpu.Options) *spy {
	s := &spy{Executor: cpu.New(opts)}
	tb.Cleanup(s.Close)
	r, err := w.Open(s)
	for range 3 {
		if err != nil {
			tb.Fatal(err)
		}
		_, err = r.Step()
	}
	return s
}

// TestWorksAllocateNothing holds that a run of a real model's plan allocates
// nothing in the steady state.
func TestWorksAllocateNothing(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes pools of memory forget")
	}
	for _, w := range bench.Works() {
		if testing.Short() && w.Name() != "made-100" && w.Name() != "vae-100" {
			continue
		}
		s := open(t, w, cpu.Options{Threads: 2})
		if n := cpu.SteadyAllocs(func() { s.run(t) }); n != 0 {
			t.Errorf("%s: %g allocations a run", w.Name(), n)
		}
	}
}
