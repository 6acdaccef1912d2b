package cpu

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/surprisal-go/surprisal/graph"
)

// TestWatch holds what a watched training step of a MADE of 6 dims and 4 units
// says of itself: the flops and bytes of its products, which count open weights
// only, its memory, and its time.
func TestWatch(t *testing.T) {
	g := graph.New()
	loss, updates := madeStep(g, 6, 4, false)
	watch := &Watch{}
	p := compile(t, Options{Threads: 2, Watch: watch}, []*graph.Node{loss}, updates...)
	fed, store := madeFeeds(10, 6), madeParams(g)
	begin := time.Now()
	for range 3 {
		if _, err := p.Run(context.Background(), fed, store); err != nil {
			t.Fatal(err)
		}
	}
	wall := time.Since(begin)

	plans := watch.Plans()
	if len(plans) != 1 {
		t.Fatalf("%d plans, want 1", len(plans))
	}
	info := plans[0]
	if info.Runs != 3 || info.Events != 30 || info.Batch != 10 {
		t.Errorf("%d runs of %d events, at most %d; want 3, 30 and 10", info.Runs, info.Events, info.Batch)
	}
	if len(info.Updates) != 12 || info.Outputs != 1 || len(info.Nodes) >= len(g.Nodes()) {
		t.Errorf("%d updates, %d outputs, %d nodes; want 12, 1, and fewer than the graph's %d", len(info.Updates), info.Outputs, len(info.Nodes), len(g.Nodes()))
	}
	var steps time.Duration
	for _, s := range info.Steps {
		if s.Time <= 0 {
			t.Errorf("step %v took %v", s.Ops, s.Time)
		}
		steps += s.Time
	}
	if steps > info.Time || info.Time > wall {
		t.Errorf("steps took %v, runs %v, all %v", steps, info.Time, wall)
	}

	// Degrees 1…6 and 1, 2, 3, 4 leave 1+2+3+4 weights open into the hidden
	// units, and 5+4+3+2 out of them.
	const in, out = 10, 14
	for _, c := range []struct {
		ops          string
		flops, bytes Amount // bytes of x and the result, each event, and of w
	}{
		{"matmul (B, 4)", Amount{0, 2 * in}, Amount{4 * in, 4 * (6 + 4)}},
		{"matmul (B, 6)", Amount{0, 2 * out}, Amount{4 * out, 4 * (4 + 6)}},
		{"matmulT (B, 4)", Amount{0, 2 * out}, Amount{4 * out, 4 * (6 + 4)}},
		// and 20 operations of Adam, which read and write a weight and two
		// moments, and read ten numbers
		{"outer (6, 4)", Amount{20 * 24, 2 * in}, Amount{4 * (6*24 + 10), 4 * (6 + 4)}},
	} {
		i := slices.IndexFunc(info.Steps, func(s StepInfo) bool { return s.Ops[0]+" "+s.Shape == c.ops })
		if i < 0 {
			t.Errorf("no step %s", c.ops)
			continue
		}
		if s := info.Steps[i]; s.Flops != c.flops || s.Bytes != c.bytes || s.Kind != "product" {
			t.Errorf("%s: %+v flops, %+v bytes; want %+v, %+v", c.ops, s.Flops, s.Bytes, c.flops, c.bytes)
		}
	}

	// The optimiser's steps are named after what they write, in place.
	for _, name := range []string{"w1", "b1", "w2", "b2"} {
		i := slices.IndexFunc(info.Steps, func(s StepInfo) bool { return s.Scope == "update/"+name })
		if i < 0 || !slices.Contains(info.Steps[i].InPlace, "adam.m/"+name) {
			t.Errorf("no step updates %s in place", name)
		}
	}

	params := 4.0 * (6*4 + 4 + 4*6 + 6)
	m := info.Memory
	if m.Params != (Amount{Fixed: params}) || m.Optimizer != (Amount{Fixed: 2 * params}) || m.Inputs != (Amount{4 * 3, 4 * 6}) {
		t.Errorf("memory %+v; want %g of parameters, twice that of moments, and 6 and 3 floats of inputs", m, params)
	}
	held := 0
	for _, s := range p.slots {
		if s.leaf == nil {
			held += 4 * len(s.held)
		}
	}
	if got := m.Buffers.At(10); got != float64(held) {
		t.Errorf("buffers of %g bytes for 10 events, but %d are held", got, held)
	}
	scratch := 0
	for _, w := range p.exec.pool.workers {
		scratch += 4*cap(w.floats) + w.scratch.Bytes()
	}
	if p.exec.kern.Name == "portable" { // whose products take a row as they go
		scratch = 2 * 4 * p.scratch
	}
	if m.Scratch.Fixed != float64(scratch) {
		t.Errorf("scratch of %g bytes, but workers hold %d", m.Scratch.Fixed, scratch)
	}
	for _, b := range info.Buffers {
		if len(b.Lives) == 0 {
			t.Errorf("buffer %s is never used", b.Name)
		}
		for i, l := range b.Lives {
			if l.First > l.Last || i > 0 && l.First < b.Lives[i-1].Last {
				t.Errorf("buffer %s is used twice at a time: %v", b.Name, b.Lives)
			}
		}
	}
}

// TestCosts holds the flops of coarse operations, an event.
func TestCosts(t *testing.T) {
	g := graph.New()
	qkv := g.Input("qkv", graph.F32, graph.Batch, 4, 3, 2, 8)
	x := g.Input("x", graph.F32, graph.Batch, 4, 5)
	y := g.Input("y", graph.F32, graph.Batch, 6, 5)
	image, window, across := g.Input("image", graph.F32, graph.Batch, 6, 6, 2), g.Param("window", 3, 3, 2, 5), g.Param("across", 3, 3, 3, 2)
	pad := graph.Padding{Top: 1, Bottom: 1, Left: 1, Right: 1}
	gain, bias := g.Param("gain", 5), g.Param("bias", 5)
	l := newLowering(New(Options{Threads: 1}))
	for _, c := range []struct {
		node *graph.Node
		want float64
	}{
		{graph.Attention(qkv, 1, false), 2 * 16 * (2*2*8 + 5)},
		{graph.Attention(qkv, 1, true), 2 * 10 * (2*2*8 + 5)},
		{graph.BatchMatMul(x, y, false, true), 2 * 4 * 5 * 6},
		{graph.BatchMatMul(y, x, false, true), 2 * 4 * 5 * 6},
		{graph.LayerNorm(x, gain, bias, 1e-5), 7 * 20},
		{graph.Conv2D(image, window, graph.Conv{}), 2 * 4 * 4 * 9 * 2 * 5},
		{graph.Conv2D(image, window, graph.Conv{Padding: pad, Taps: graph.CausalTaps(3, 3, nil)}), 2 * 6 * 6 * 5 * 2 * 5},
		{graph.ConvTranspose2D(image, across, 8, 8, graph.Conv{}), 2 * 6 * 6 * 9 * 3 * 2},
		{x.Transpose(0, 2, 1), 0},
	} {
		v := l.lower(graph.Reachable(c.node))[c.node]
		if got := flops(v); got != (Amount{PerEvent: c.want}) {
			t.Errorf("%s: %+v flops, want %g an event", c.node, got, c.want)
		}
	}
}
