package ar_test

import (
	"math"
	"slices"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/engine/cpu"
	"github.com/surprisal-go/surprisal/engine/ref"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/model/ar"
)

// with returns a model of the weights of another on another executor.
func with(t *testing.T, exec graph.Executor, m *ar.MADE, cfg *ar.Config) *ar.MADE {
	t.Helper()
	out, err := ar.New(m.Space(), cfg, exec)
	if err != nil {
		t.Fatal(err)
	}
	for name, from := range m.State().All() {
		switch to := out.State().Must(name).Data.(type) {
		case []float32:
			copy(to, from.F32())
		case []float64:
			copy(to, from.F64())
		}
	}
	return out
}

// TestStateRestores also compares the float32 executor with the oracle, which
// have nothing but the weights in common.
func TestStateRestores(t *testing.T) {
	for _, s := range []*surprisal.Space{mixed, space(binary, surprisal.Field{Name: "more", Kind: surprisal.Binary, Shape: []int{40}})} {
		cfg := small(s)
		cfg.Order, cfg.Dropout = 5, 0.2
		m := made(t, cpu.New(cpu.Options{}), s, cfg, 40)
		b := draw(s, 150, 12)
		want := conditionals(t, with(t, ref.New(), m, cfg), b)
		for i, v := range conditionals(t, m, b) {
			if !(math.Abs(v-want[i]) <= 2e-5*(1+math.Abs(want[i]))) {
				t.Fatalf("term %d is %.8g, the oracle says %.8g", i, v, want[i])
			}
		}
	}
}

// TestBitsDoNotDependOnTheBatch compares log p of events scored together, in
// small batches, singly, and on several threads.
func TestBitsDoNotDependOnTheBatch(t *testing.T) {
	cfg := small(mixed)
	m := made(t, cpu.New(cpu.Options{Threads: 2}), mixed, cfg, 20)
	b := draw(mixed, 100, 12)
	want := logProb(t, m, b)
	for _, threads := range []int{1, 2, 4} {
		m := with(t, cpu.New(cpu.Options{Threads: threads}), m, cfg)
		for _, size := range []int{1, 7, 64} {
			for lo := 0; lo < 100; lo += size {
				hi := min(lo+size, 100)
				if !slices.Equal(logProb(t, m, b.Slice(lo, hi)), want[lo:hi]) {
					t.Fatalf("%d threads: events %d to %d scored alone have other bits", threads, lo, hi-1)
				}
			}
		}
	}
}

// TestTrainingDoesNotDependOnThreads compares weights after 40 steps.
func TestTrainingDoesNotDependOnThreads(t *testing.T) {
	cfg := small(mixed)
	cfg.Hidden, cfg.Dropout, cfg.WeightDecay = []int{40}, 0.3, 0.1
	want := made(t, cpu.New(cpu.Options{Threads: 1}), mixed, cfg, 40).State()
	got := made(t, cpu.New(cpu.Options{Threads: 4}), mixed, cfg, 40).State()
	for name, w := range want.All() {
		if w, ok := w.Data.([]float32); ok && !slices.Equal(w, got.Must(name).F32()) {
			t.Errorf("%s differs between 1 and 4 threads", name)
		}
	}
}

// TestSamplesDoNotDependOnThreads also draws more than one chunk.
func TestSamplesDoNotDependOnThreads(t *testing.T) {
	cfg := small(mixed)
	m := made(t, cpu.New(cpu.Options{Threads: 1}), mixed, cfg, 20)
	a, err := m.Sample(300, 4, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := with(t, cpu.New(cpu.Options{Threads: 3}), m, cfg).Sample(300, 4, nil)
	if err != nil {
		t.Fatal(err)
	}
	if a.Checksum() != b.Checksum() {
		t.Error("draws depend on threads")
	}
	if err := a.Validate(); err != nil {
		t.Error(err)
	}
}
