package cpu

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/surprisal-go/surprisal/engine/ref"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
	"github.com/surprisal-go/surprisal/tensor"
)

// sequences draws an array of normal floats; row i of the batch does not depend
// on how many there are.
func sequences(seed uint64, shape ...int) tensor.Tensor {
	x := tensor.New[float32](shape...)
	r := rand.New(rand.NewPCG(seed, 3))
	for i := range x.F32() {
		x.F32()[i] = float32(r.NormFloat64())
	}
	return x
}

// attend builds attention and its gradient.
func attend(t, heads, d int, causal bool) (g *graph.Graph, outs []*graph.Node) {
	g = graph.New()
	qkv, dy := g.Input("qkv", graph.F32, graph.Batch, t, 3, heads, d), g.Input("dy", graph.F32, graph.Batch, t, heads, d)
	y := graph.Attention(qkv, 0.6, causal)
	return g, append([]*graph.Node{y}, graph.VJP(y, dy, qkv)...)
}

func attendFeeds(batch, t, heads, d int) graph.Feeds {
	return graph.Feeds{"qkv": sequences(1, batch, t, 3, heads, d), "dy": sequences(2, batch, t, heads, d)}
}

func runPlan(t *testing.T, p graph.Plan, fed graph.Feeds) []tensor.Tensor {
	t.Helper()
	out, err := p.Run(context.Background(), fed, &tensor.Store{})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestAttention compares attention and its gradient with the oracle, at lengths
// around the size of a block of rows.
func TestAttention(t *testing.T) {
	for _, s := range [][3]int{{1, 1, 1}, {0, 2, 3}, {3, 2, 0}, {7, 2, 3}, {31, 1, 8}, {32, 3, 5}, {33, 1, 16}, {70, 2, 32}, {100, 1, 20}} {
		for _, causal := range []bool{true, false} {
			_, outs := attend(s[0], s[1], s[2], causal)
			fed := attendFeeds(2, s[0], s[1], s[2])
			oracle, err := ref.New().Compile(outs)
			if err != nil {
				t.Fatal(err)
			}
			got, want := runPlan(t, compile(t, Options{Threads: 2}, outs), fed), runPlan(t, oracle, fed)
			for i := range outs {
				near(t, fmt.Sprintf("%v, causal %v: %s", s, causal, outs[i]), got[i], want[i], 1e-5)
			}
		}
	}
}

// TestBitsOfAttention compares threads, kernels and batches.
func TestBitsOfAttention(t *testing.T) {
	const length, heads, d = 75, 2, 9
	for _, causal := range []bool{true, false} {
		_, outs := attend(length, heads, d, causal)
		fed := attendFeeds(9, length, heads, d)
		want := runPlan(t, compile(t, Options{Threads: 1, Impl: kern.Impls()[0], NoFuse: true}, outs), fed)
		all := []Options{{Threads: 1}, {Threads: 2}, {Threads: 3}}
		for _, k := range kern.Impls() {
			all = append(all, Options{Threads: 2, Impl: k})
		}
		for _, opts := range all {
			p := compile(t, opts, outs)
			for _, batch := range []int{9, 1, 4} {
				got := runPlan(t, p, attendFeeds(batch, length, heads, d))
				for i, o := range got {
					head := tensor.Of(want[i].F32()[:o.Size()], o.Shape...)
					sameBits(t, fmt.Sprintf("causal %v, %d threads, batch %d: %s", causal, opts.Threads, batch, outs[i]), o, head)
				}
			}
		}
	}
}

// TestInfiniteAttention holds that where infinite keys and values meet rows that
// do not see them depends on the positions alone.
func TestInfiniteAttention(t *testing.T) {
	const length, heads, d = 90, 1, 5
	inf := float32(math.Inf(1))
	for _, causal := range []bool{true, false} {
		_, outs := attend(length, heads, d, causal)
		for _, at := range []int{3, 16, 37, 63, 64, 89} {
			for which := range 3 {
				fed := attendFeeds(2, length, heads, d)
				fed["qkv"].F32()[(at*3+which)*d+2] = inf
				fed["qkv"].F32()[(length*3+at*3+which)*d+4] = -inf
				want := runPlan(t, compile(t, Options{Threads: 1, Impl: kern.Impls()[0]}, outs), fed)
				for _, k := range kern.Impls() {
					got := runPlan(t, compile(t, Options{Threads: 3, Impl: k}, outs), fed)
					for i := range outs {
						sameBits(t, fmt.Sprintf("%s: causal %v, infinity in part %d of position %d: %s", k.Name, causal, which, at, outs[i]), got[i], want[i])
					}
				}
				if first := want[0].F32()[:at*d]; causal && at >= 16 && slices.ContainsFunc(first[:16*d], func(v float32) bool { return v != v }) {
					t.Errorf("infinity in part %d of position %d shows in a panel before", which, at)
				}
			}
		}
	}
}

// TestAttentionPrefix holds that a position under a causal mask does not see
// how long the sequence is, bit for bit.
func TestAttentionPrefix(t *testing.T) {
	const longest, heads, d = 131, 2, 24
	fed := attendFeeds(1, longest, heads, d)
	_, outs := attend(longest, heads, d, true)
	want := runPlan(t, compile(t, Options{Threads: 2}, outs[:1]), fed)[0].F32()
	for n := 1; n < longest; n++ {
		_, outs := attend(n, heads, d, true)
		head := graph.Feeds{"qkv": tensor.Of(fed["qkv"].F32()[:n*3*heads*d], 1, n, 3, heads, d), "dy": sequences(2, 1, n, heads, d)}
		got := runPlan(t, compile(t, Options{Threads: 1}, outs[:1]), head)[0]
		sameBits(t, fmt.Sprintf("the first %d positions", n), got, tensor.Of(want[:n*heads*d], got.Shape...))
	}
}

// TestZeroOfAttention lets a gradient underflow from below: the chain ends in
// −0, to which +0 is added.
func TestZeroOfAttention(t *testing.T) {
	const tiny = math.SmallestNonzeroFloat32
	_, outs := attend(2, 1, 1, false)
	fed := graph.Feeds{"qkv": tensor.Of([]float32{1, 0, 1, 1, 1.5, 1}, 1, 2, 3, 1, 1), "dy": tensor.Of([]float32{-2 * tiny, -2 * tiny}, 1, 2, 1, 1)}
	for _, k := range kern.Impls() {
		got := runPlan(t, compile(t, Options{Impl: k}, outs), fed)[1].F32()
		if first, second := math.Float32bits(got[2]), got[5]; first != 0 || second != -2*tiny {
			t.Errorf("%s: gradients of the values are %#x and %g, want +0 and %g", k.Name, first, second, float32(-2*tiny))
		}
	}
}

// TestBitsOfNormParams holds the order of the sums over rows.
func TestBitsOfNormParams(t *testing.T) {
	const d = 21
	g := graph.New()
	x, dy := g.Input("x", graph.F32, graph.Batch, d), g.Input("dy", graph.F32, graph.Batch, d)
	gain, bias := g.Scalar(1).BroadcastTo(d), g.Scalar(0).BroadcastTo(d)
	unit := graph.LayerNorm(x, gain, bias, 0.1)
	outs := append([]*graph.Node{unit}, graph.VJP(unit, dy, gain, bias)...)
	for _, batch := range []int{1, 64, 65, 300} {
		fed := graph.Feeds{"x": sequences(1, batch, d), "dy": sequences(2, batch, d)}
		for _, opts := range []Options{{Threads: 1, Impl: kern.Impls()[0]}, {Threads: 3}} {
			got := runPlan(t, compile(t, opts, outs), fed)
			products, k := make([]float32, batch*d), kern.Default
			k.Binary(kern.Mul, products, got[0].F32(), fed["dy"].F32())
			for i, terms := range [][]float32{products, fed["dy"].F32()} {
				chunks := make([]float32, ceil(batch, normRows)*d)
				for c := range ceil(batch, normRows) {
					k.SumRows(chunks[c*d:(c+1)*d], terms[c*normRows*d:], min(normRows, batch-c*normRows), d, d)
				}
				want := make([]float32, d)
				k.SumRows(want, chunks, len(chunks)/d, d, d)
				sameBits(t, fmt.Sprintf("batch %d, %d threads: %s", batch, opts.Threads, outs[i+1]), got[i+1], tensor.Of(want, d))
			}
		}
	}
}

// BenchmarkAttention times causal attention of 8 sequences, 4 heads of 32 dims;
// flops count the open half of the products alone.
func BenchmarkAttention(b *testing.B) {
	for _, length := range []int{64, 256, 1024} {
		_, outs := attend(length, 4, 32, true)
		for i, name := range []string{"forward", "backward"} {
			b.Run(fmt.Sprintf("%s/T=%d", name, length), func(b *testing.B) {
				e := New(Options{Threads: 1})
				defer e.Close()
				p, err := e.Compile(outs[i : i+1])
				if err != nil {
					b.Fatal(err)
				}
				fed, store, products := attendFeeds(8, length, 4, 32), &tensor.Store{}, 2+3*i
				for b.Loop() {
					if _, err := p.Run(context.Background(), fed, store); err != nil {
						b.Fatal(err)
					}
				}
				flops := float64(products*8*4*32) * float64(length*(length+1))
				b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}
