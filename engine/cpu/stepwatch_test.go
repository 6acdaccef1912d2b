package cpu

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// watchedSteps makes runs of a MADE of 6 dims and 4 units, and returns what a
// watch says of them, and the time they took.
func watchedSteps(t *testing.T, runs int, batches ...int) ([]PlanInfo, []*stepPlan, time.Duration) {
	t.Helper()
	g := graph.New()
	in, hid := []int{1, 2, 3, 4, 5, 6}, []int{1, 2, 3, 4}
	x := g.Input("x", graph.F32, graph.Batch, 6)
	a := graph.MaskedMatMul(x, g.Param("w1", 6, 4), &graph.Mask{In: in, Out: hid}).Add(g.Param("b1", 4)).Relu()
	logits := graph.MaskedMatMul(a, g.Param("w2", 4, 6), &graph.Mask{In: hid, Out: in, Strict: true}).Add(g.Param("b2", 6))
	store, watch := madeParams(g), &Watch{}
	e := New(Options{Threads: 1, Watch: watch})
	t.Cleanup(e.Close)
	begin := time.Now()
	var plans []*stepPlan
	sp, err := graph.CompileSteps(e, []*graph.Node{logits}, x, []int{0, 1, 2, 3, 4, 5})
	if err != nil {
		t.Fatal(err)
	}
	for _, batch := range batches {
		for range runs {
			if _, err := sp.Reset(context.Background(), batch, nil, store); err != nil {
				t.Fatal(err)
			}
			for range 6 {
				if err := sp.Step(context.Background(), tensor.New[float32](batch, 1)); err != nil {
					t.Fatal(err)
				}
			}
		}
		plans = append(plans, sp.(*stepPlan))
	}
	return watch.Plans(), plans, time.Since(begin)
}

// TestWatchSteps holds what the steps of several events say of themselves.
func TestWatchSteps(t *testing.T) {
	plans, steps, wall := watchedSteps(t, 3, 16)
	if len(plans) != 1 {
		t.Fatalf("%d plans, want 1", len(plans))
	}
	info := plans[0]
	if info.Runs != 3 || info.Events != 48 || info.Batch != 16 || info.Advances != "x" || info.Positions != 6 || info.Outputs != 1 {
		t.Errorf("%d runs of %d events, at most %d, of %d positions of %q; want 3, 48, 16, 6, x", info.Runs, info.Events, info.Batch, info.Positions, info.Advances)
	}
	var sum time.Duration
	for _, s := range info.Steps {
		if s.Time <= 0 {
			t.Errorf("%v took %v", s.Ops, s.Time)
		}
		sum += s.Time
	}
	if sum > info.Time || info.Time > wall {
		t.Errorf("operations took %v, runs %v, all %v", sum, info.Time, wall)
	}
	// As in TestWatch, 10 weights are open into the hidden units, of degrees 1 … 4,
	// and 14 out of them. The first position and each hidden unit are known from
	// a step on; the product into the hidden units has work in steps 1 … 4.
	for _, want := range []struct {
		ops          string
		calls        int // a run
		flops, bytes Amount
	}{
		{"matmul (B, 4)", 4, Amount{0, 2 * 10}, Amount{4 * 10, 4 * (6 + 4)}},
		{"add (B, 4)", 4, Amount{0, 2 * 4}, Amount{4 * 4, 4 * (4 + 4)}},
		{"matmul (B, 6)", 5, Amount{0, 2 * 14}, Amount{4 * 14, 4 * (4 + 6)}},
	} {
		i := slices.IndexFunc(info.Steps, func(s StepInfo) bool { return s.Ops[0]+" "+s.Shape == want.ops })
		if i < 0 {
			t.Errorf("no operation %s among %+v", want.ops, info.Steps)
			continue
		}
		if s := info.Steps[i]; s.Calls != 3*want.calls || s.Flops != want.flops || s.Bytes != want.bytes {
			t.Errorf("%s: %d calls, %+v flops, %+v bytes; want %d, %+v, %+v", want.ops, s.Calls, s.Flops, s.Bytes, 3*want.calls, want.flops, want.bytes)
		}
	}
	m, p := info.Memory, steps[0]
	params := 4.0 * (6*4 + 4 + 4*6 + 6)
	if m.Params != (Amount{Fixed: params}) || m.Inputs != (Amount{PerEvent: 4 * 6}) {
		t.Errorf("memory %+v; want %g of parameters, and 6 floats of inputs", m, params)
	}
	if got, want := m.Buffers.At(16), float64(4*(len(p.state)+len(p.out[0]))); got != want {
		t.Errorf("buffers of %g bytes for 16 events, but %g are held", got, want)
	}
}

// TestWatchOneEvent holds that a single event's instructions are one row, apart
// from the rows of several events.
func TestWatchOneEvent(t *testing.T) {
	plans, steps, _ := watchedSteps(t, 2, 1)
	if len(plans) != 1 || len(plans[0].Steps) != 1 {
		t.Fatalf("want one plan of one row, got %+v", plans)
	}
	info := plans[0]
	s := info.Steps[0]
	if info.Runs != 2 || info.Events != 2 || s.Calls != 2*5 || s.Time <= 0 || s.Time > info.Time {
		t.Errorf("%d runs of %d events in %v, %d calls in %v", info.Runs, info.Events, info.Time, s.Calls, s.Time)
	}
	slices.Sort(s.Ops)
	if !slices.Equal(s.Ops, []string{"add", "add", "matmul", "matmul", "relu"}) || s.Flops != (Amount{0, 2*24 + 2*4 + 6}) {
		t.Errorf("operations %v of %+v flops", s.Ops, s.Flops)
	}
	if got, want := info.Memory.Buffers.At(1), float64(4*len(steps[0].state)); got != want {
		t.Errorf("buffers of %g bytes, but %g are held", got, want)
	}

	plans, _, _ = watchedSteps(t, 2, 8, 1)
	if len(plans) != 2 || plans[0].Events != 16 || plans[1].Events != 2 || len(plans[0].Steps) < 3 {
		t.Errorf("of eight events and of one: %+v", plans)
	}
	if plans, _, _ = watchedSteps(t, 0); len(plans) != 1 || plans[0].Runs != 0 || len(plans[0].Steps) == 0 {
		t.Errorf("before a run: %+v", plans)
	}
}

// TestWatchMixedSteps has operations that instructions do for some positions
// only: their flops are shared between two rows.
func TestWatchMixedSteps(t *testing.T) {
	g := graph.New()
	x := g.Input("x", graph.F32, graph.Batch, 20)
	y := x.Sum(1)
	z := x.Add(g.Param("b1", 20)).Square()
	watch := &Watch{}
	e := New(Options{Threads: 1, Watch: watch})
	defer e.Close()
	positions := make([]int, 20) // 15 elements, and then 5
	for i := 15; i < 20; i++ {
		positions[i] = 1
	}
	sp, err := graph.CompileSteps(e, []*graph.Node{y, z}, x, positions)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sp.Reset(context.Background(), 1, nil, madeParams(g)); err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{15, 5} {
		if err := sp.Step(context.Background(), tensor.New[float32](1, n)); err != nil {
			t.Fatal(err)
		}
	}
	var got []float64
	for _, s := range watch.Plans()[0].Steps {
		if s.Calls == 0 {
			t.Errorf("%v was never called", s.Ops)
		}
		got = append(got, s.Flops.PerEvent)
	}
	slices.Sort(got)
	if want := []float64{10, 20, 30}; !slices.Equal(got, want) { // of five elements, of sums, of 15 elements
		t.Errorf("flops %v, want %v", got, want)
	}
}
