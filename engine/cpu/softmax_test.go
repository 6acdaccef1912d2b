package cpu

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
	"github.com/surprisal-go/surprisal/tensor"
)

// TestBitsOfSoftmax compares rows of every length up to 20, taken together and
// one by one, infinities and NaN included, with the formulas of the package
// comment.
func TestBitsOfSoftmax(t *testing.T) {
	for d := 1; d <= 20; d++ {
		g := graph.New()
		x := g.Input("x", graph.F32, graph.Batch, d)
		outs := []*graph.Node{x.Softmax(1), x.LogSumExp(1)}
		for _, batch := range []int{1, 7, 8, 9, 300} {
			in := sequences(uint64(d), batch, d)
			v := in.F32()
			for i, special := range []float64{math.Inf(1), math.Inf(-1), math.NaN(), math.MaxFloat32} {
				v[(7*i+3)%len(v)] = float32(special)
			}
			for i := range v[:d] {
				v[i] = float32(math.Inf(-1))
			}
			for _, k := range kern.Impls() {
				got := runPlan(t, compile(t, Options{Threads: 2, Impl: k}, outs), graph.Feeds{"x": in})
				for r := range batch {
					e, l := softmaxByHand(k, v[r*d:(r+1)*d])
					what := fmt.Sprintf("%s, row %d of %d by %d", k.Name, r, batch, d)
					sameBits(t, what, tensor.Of(got[0].F32()[r*d:(r+1)*d], d), tensor.Of(e, d))
					sameBits(t, what, tensor.Of(got[1].F32()[r:r+1], 1), tensor.Of([]float32{l}, 1))
				}
			}
		}
	}
}

func softmaxByHand(k *kern.Impl, x []float32) (p []float32, logSum float32) {
	m := k.MaxReduce(x)
	if math.IsInf(float64(m), 0) || m != m {
		m = 0
	}
	p = make([]float32, len(x))
	k.BinaryScalar(kern.Sub, p, x, m, false)
	k.Unary(kern.Exp, p, p)
	sum := []float32{k.Sum(p)}
	k.BinaryScalar(kern.Div, p, p, sum[0], false)
	k.Unary(kern.Log, sum, sum)
	return p, sum[0] + m
}

// BenchmarkSoftmax times a million elements in rows of several lengths.
func BenchmarkSoftmax(b *testing.B) {
	for _, d := range []int{4, 8, 16, 32, 256} {
		g := graph.New()
		x := g.Input("x", graph.F32, graph.Batch, d)
		for name, n := range map[string]*graph.Node{"softmax": x.Softmax(1), "logsumexp": x.LogSumExp(1)} {
			b.Run(fmt.Sprintf("%s/D=%d", name, d), func(b *testing.B) {
				e := New(Options{Threads: 1})
				defer e.Close()
				p, err := e.Compile([]*graph.Node{n})
				if err != nil {
					b.Fatal(err)
				}
				fed, store := graph.Feeds{"x": sequences(1, 1<<20/d, d)}, &tensor.Store{}
				b.SetBytes(4 << 20)
				for b.Loop() {
					if _, err := p.Run(context.Background(), fed, store); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
