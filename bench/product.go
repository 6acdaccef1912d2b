package bench

import (
	"context"
	"fmt"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
	"github.com/surprisal-go/surprisal/tensor"
)

// product is C = X·W for X (M, K) and W (K, N), either of which may be stored
// transposed.
type product struct {
	m, k, n int
	xT, wT  bool
}

// products are those of layers, and squares.
var products = []product{
	{m: 1024, k: 1024, n: 1024},
	{m: 512, k: 512, n: 512},
	{m: 512, k: 512, n: 512, wT: true},
	{m: 512, k: 512, n: 512, xT: true},
	{m: 512, k: 512, n: 512, xT: true, wT: true},
	{m: 1024, k: 64, n: 64},
	{m: 1000, k: 784, n: 500},
	{m: 128, k: 784, n: 500},
	{m: 100, k: 784, n: 500},
	{m: 8, k: 784, n: 500},
	{m: 1, k: 784, n: 500},
	{m: 128, k: 256, n: 10},
}

// Products lists works that are one product each. Those of the gemm models run
// through the executor, as a graph's do; those of gemm1 are the kernel alone,
// on one thread on either side. As gemm-nt-784x500-128 is named after BLAS, W is
// stored transposed, K is 784, N is 500 and M, the batch, 128. The operands are
// streams 3 and 4 of the integer hash, W is what counts as parameters, and the
// last element of C stands for the nats.
func Products() []Work {
	var through, alone []Work
	for _, p := range products {
		if !p.xT || !p.wT { // which no operation of graphs is
			through = append(through, Work{"gemm" + p.model(), p.m, p.throughGraph})
		}
		alone = append(alone, Work{"gemm1" + p.model(), p.m, p.alone})
	}
	return append(through, alone...)
}

func (p product) model() string {
	letter := map[bool]string{false: "n", true: "t"}
	return fmt.Sprintf("-%s%s-%dx%d", letter[p.xT], letter[p.wT], p.k, p.n)
}

func (p product) flops() float64 { return 2 * float64(p.m) * float64(p.k) * float64(p.n) }

// operands are X and W as they are stored.
func (p product) operands() (x, w tensor.Tensor) {
	return stored(3, p.m, p.k, p.xT), stored(4, p.k, p.n, p.wT)
}

func stored(stream, rows, cols int, transposed bool) tensor.Tensor {
	if transposed {
		rows, cols = cols, rows
	}
	t := tensor.New[float32](rows, cols)
	for i := range t.F32() {
		t.F32()[i] = float32(uniform(stream, i))
	}
	return t
}

// throughGraph runs a graph of nothing but the product: that of a layer, of its
// gradient by the input, or of its gradient by the weights.
func (p product) throughGraph(exec graph.Executor, _ int) (*Run, error) {
	g := graph.New()
	x, w := p.operands()
	feeds, store := graph.Feeds{"x": x}, &tensor.Store{}
	var out *graph.Node
	if p.xT {
		feeds["w"] = w
		out = graph.Outer(g.Input("x", graph.F32, graph.Batch, p.m), g.Input("w", graph.F32, graph.Batch, p.n))
	} else {
		store.Set("w", w)
		product := graph.MatMul
		if p.wT {
			product = graph.MatMulT
		}
		out = product(g.Input("x", graph.F32, graph.Batch, p.k), g.Param("w", w.Shape...))
	}
	plan, err := exec.Compile([]*graph.Node{out})
	if err != nil {
		return nil, err
	}
	return &Run{Params: p.k * p.n, Flops: p.flops(), Step: func() (float64, error) {
		c, err := plan.Run(context.Background(), feeds, store)
		if err != nil {
			return 0, err
		}
		return float64(c[0].F32()[p.m*p.n-1]), nil
	}}, nil
}

// alone calls the kernel.
func (p product) alone(graph.Executor, int) (*Run, error) {
	x, w := p.operands()
	rsx, csx, rsw, csw := p.k, 1, p.n, 1
	if p.xT {
		rsx, csx = 1, p.m
	}
	if p.wT {
		rsw, csw = 1, p.k
	}
	c, scratch := make([]float32, p.m*p.n), new(kern.Scratch)
	return &Run{Params: p.k * p.n, Flops: p.flops(), Step: func() (float64, error) {
		kern.Default.Gemm(p.m, p.n, p.k, x.F32(), rsx, csx, w.F32(), rsw, csw, c, p.n, kern.GemmSet, scratch)
		return float64(c[len(c)-1]), nil
	}}, nil
}
