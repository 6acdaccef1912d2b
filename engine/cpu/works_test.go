package cpu_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

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
	for _, w := range bench.Works() {
		if testing.Short() && w.Name() != "made-100" && w.Name() != "vae-100" {
			continue
		}
		s := open(t, w, cpu.Options{Threads: 2})
		if n := testing.AllocsPerRun(3, func() { s.run(t) }); n != 0 {
			t.Errorf("%s: %g allocations a run", w.Name(), n)
		}
	}
}

// BenchmarkPasses times plans of whole training steps with all passes, with
// each left out, and with none. Turns alternate, so that what else runs on the
// machine falls on all of them; best-ms is the fastest run, gain what the pass
// takes off it, and MB what buffers need.
//
//	go test -run - -bench Passes -benchtime 1x ./engine/cpu
func BenchmarkPasses(b *testing.B) {
	works, err := bench.Select([]string{"made-100", "vae-100", "realnvp-100"})
	if err != nil {
		b.Fatal(err)
	}
	for _, w := range works {
		variants := append([]string{"all"}, cpu.PassNames()...)
		variants = append(variants, "none")
		spies := make([]*spy, len(variants))
		buffers := make([]float64, len(variants))
		for i, v := range variants {
			opts := cpu.Options{Threads: 1, Watch: &cpu.Watch{}}
			switch v {
			case "all":
			case "none":
				opts.NoFuse = true
			default:
				opts = opts.Without(v)
			}
			spies[i] = open(b, w, opts)
			buffers[i] = opts.Watch.Plans()[0].Memory.Buffers.At(w.Batch)
		}
		best := slices.Repeat([]time.Duration{time.Hour}, len(variants))
		for range 60 {
			for i, s := range spies {
				begin := time.Now()
				s.run(b)
				best[i] = min(best[i], time.Since(begin))
			}
		}
		for i, v := range variants {
			b.Run(fmt.Sprintf("work=%s/without=%s", w.Name(), strings.ReplaceAll(v, " ", "-")), func(b *testing.B) {
				for b.Loop() {
					spies[i].run(b)
				}
				b.ReportMetric(best[i].Seconds()*1e3, "best-ms")
				b.ReportMetric(best[i].Seconds()/best[0].Seconds(), "times")
				b.ReportMetric(buffers[i]/1e6, "MB")
			})
		}
	}
}
