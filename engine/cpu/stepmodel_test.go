package cpu

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
	"github.com/surprisal-go/surprisal/tensor"
)

// madeLogits is a MADE of two hidden layers with direct connections.
func madeLogits(d, h int) (logits, x *graph.Node, g *graph.Graph) {
	g = graph.New()
	in, hid := make([]int, d), make([]int, h)
	for i := range in {
		in[i] = i + 1
	}
	for i := range hid {
		hid[i] = 1 + i*(d-1)/h
	}
	x = g.Input("x", graph.F32, graph.Batch, d)
	a := graph.MaskedMatMul(x, g.Param("w1", d, h), &graph.Mask{In: in, Out: hid}).Add(g.Param("b1", h)).Relu()
	a = graph.MaskedMatMul(a, g.Param("w2", h, h), &graph.Mask{In: hid, Out: hid}).Add(g.Param("b2", h)).Tanh()
	out := &graph.Mask{In: hid, Out: in, Strict: true}
	direct := &graph.Mask{In: in, Out: in, Strict: true}
	logits = graph.MaskedMatMul(a, g.Param("w3", h, d), out).Add(g.Param("b3", d)).Add(graph.MaskedMatMul(x, g.Param("a", d, d), direct))
	return logits, x, g
}

// TestStepsOfMADE walks a MADE at batches around the lanes, and holds that
// output i is known as soon as the inputs before it are.
func TestStepsOfMADE(t *testing.T) {
	const d, h = 150, 70
	logits, x, g := madeLogits(d, h)
	store := madeParams(g)
	positions := make([]int, d)
	for i := range positions {
		positions[i] = i
	}
	for _, k := range kern.Impls() {
		for _, threads := range []int{1, 3} {
			e := New(Options{Threads: threads, Impl: k})
			sp, err := graph.CompileSteps(e, []*graph.Node{logits}, x, positions)
			if err != nil {
				t.Fatal(err)
			}
			if known := sp.Known(0); !slices.Equal(known, positions) {
				t.Fatalf("the outputs are known after %v steps", known)
			}
			p := compile(t, Options{Threads: threads, Impl: k}, []*graph.Node{logits})
			for _, batch := range []int{1, 2, 7, 8, 9, 33, 130, 1} {
				fed := graph.Feeds{"x": madeFeeds(batch, d)["x"]}
				for i := range fed["x"].F32() { // more than bits
					if i%3 == 0 {
						fed["x"].F32()[i] *= 0.37
					}
				}
				want, err := p.Run(context.Background(), fed, store)
				if err != nil {
					t.Fatal(err)
				}
				walk(t, sp, fed, store, want)
			}
			e.Close()
		}
	}
}

// transformer is a causal one of two blocks, whose position t sees symbols 0 … t.
func transformer(t, width, heads int) (out, in *graph.Node, g *graph.Graph) {
	g = graph.New()
	in = g.Input("x", graph.I32, graph.Batch, t)
	x := graph.Gather(g.Param("table", 5, width), in).Add(g.Param("places", t, width))
	norm := func(x *graph.Node, name string) *graph.Node {
		return graph.LayerNorm(x, g.Param("gain"+name, width), g.Param("bias"+name, width), 1e-5)
	}
	for i := range 2 {
		name := fmt.Sprint(i)
		qkv := graph.MatMul(norm(x, name), g.Param("qkv"+name, width, 3*width)).Reshape(graph.Batch, t, 3, heads, width/heads)
		x = x.Add(graph.MatMul(graph.Attention(qkv, 0.3, true).Reshape(graph.Batch, t, width), g.Param("out"+name, width, width)))
		h := graph.MatMul(norm(x, name+"h"), g.Param("up"+name, width, 2*width)).Relu()
		x = x.Add(graph.MatMul(h, g.Param("down"+name, 2*width, width)))
	}
	return graph.MatMulT(x, g.Param("table", 5, width)).LogSumExp(-1), in, g
}

// TestStepsOfTransformer walks a causal transformer, whose positions must
// become known one by one.
func TestStepsOfTransformer(t *testing.T) {
	const length = 37
	out, in, g := transformer(length, 24, 3)
	store := params(g)
	positions := make([]int, length)
	for i := range positions {
		positions[i] = i
	}
	for _, k := range kern.Impls() {
		e := New(Options{Threads: 2, Impl: k})
		sp, err := graph.CompileSteps(e, []*graph.Node{out}, in, positions)
		if err != nil {
			t.Fatal(err)
		}
		for i, known := range sp.Known(0) {
			if known != i+1 {
				t.Fatalf("position %d is known after %d steps", i, known)
			}
		}
		p := compile(t, Options{Threads: 2, Impl: k}, []*graph.Node{out})
		for _, batch := range []int{1, 3, 9, 2} {
			r := rand.New(rand.NewPCG(uint64(batch), 5))
			codes := tensor.New[int32](batch, length)
			for i := range codes.Data.([]int32) {
				codes.Data.([]int32)[i] = r.Int32N(5)
			}
			fed := graph.Feeds{"x": codes}
			want, err := p.Run(context.Background(), fed, store)
			if err != nil {
				t.Fatal(err)
			}
			walk(t, sp, fed, store, want)
		}
		codes := tensor.Of([]int32{5}, 1, 1)
		if _, err := sp.Reset(context.Background(), 1, nil, store); err != nil {
			t.Fatal(err)
		}
		if err := sp.Step(context.Background(), codes); err == nil || !strings.Contains(err.Error(), "code 5 is outside the table of 5 rows") {
			t.Errorf("a code outside the table gives error %v", err)
		}
		e.Close()
	}
}

// TestStepsOfPixelCNN walks masked convolutions over images of two colours. An
// element must be known as soon as the colours before it are.
func TestStepsOfPixelCNN(t *testing.T) {
	const rows, cols, colours, hidden = 5, 6, 2, 12
	g := graph.New()
	x := g.Input("x", graph.F32, graph.Batch, rows, cols, colours)
	channels := func(n int) []int {
		degrees := make([]int, n)
		for i := range degrees {
			degrees[i] = i * colours / n
		}
		return degrees
	}
	layer := func(y *graph.Node, name string, in, out, groups int, strict bool) *graph.Node {
		c := graph.Conv{Padding: graph.Padding{Top: 1, Bottom: 1, Left: 1, Right: 1}, Groups: groups}
		if groups == 1 {
			c.Taps = graph.CausalTaps(3, 3, &graph.Mask{In: channels(in), Out: channels(out), Strict: strict})
		} else { // a colour each
			c.Taps = graph.CausalTaps(3, 3, &graph.Mask{In: make([]int, in/groups), Out: make([]int, out)})
		}
		return graph.Conv2D(y, g.Param("w"+name, 3, 3, in/groups, out), c).Add(g.Param("b"+name, out))
	}
	y := layer(x, "1", colours, hidden, 1, true).Relu()
	y = y.Add(layer(y, "2", hidden, hidden, 1, false).Tanh())
	y = layer(y, "3", hidden, hidden, 2, false).Relu()
	y = layer(y, "4", hidden, colours, 1, false)
	store := params(g)
	positions := make([]int, rows*cols*colours)
	for i := range positions {
		positions[i] = i
	}
	for _, k := range kern.Impls() {
		e := New(Options{Threads: 2, Impl: k})
		sp, err := graph.CompileSteps(e, []*graph.Node{y}, x, positions)
		if err != nil {
			t.Fatal(err)
		}
		for i, known := range sp.Known(0) { // sooner, where no window reaches the pixel before
			if known > i {
				t.Fatalf("element %d is known after %d steps", i, known)
			}
		}
		p := compile(t, Options{Threads: 2, Impl: k}, []*graph.Node{y})
		for _, batch := range []int{1, 4, 17} {
			fed := graph.Feeds{"x": tensor.New[float32](batch, rows, cols, colours)}
			for i := range fed["x"].F32() {
				fed["x"].F32()[i] = float32(i*i%11)/4 - 1
			}
			want, err := p.Run(context.Background(), fed, store)
			if err != nil {
				t.Fatal(err)
			}
			walk(t, sp, fed, store, want)
		}
		e.Close()
	}
}
