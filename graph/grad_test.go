package graph_test

import (
	"fmt"
	"testing"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/lawtest"
	"github.com/surprisal-go/surprisal/tensor"
)

const B = graph.Batch

// TestGrad checks every operation's gradient and Hessian-vector product, every
// broadcast case included. TestEveryOpHasACase sees to it that none is missed.
func TestGrad(t *testing.T) {
	for _, c := range gradCases() {
		lawtest.TestGrad(t, c)
	}
}

type node = *graph.Node

func unary(name string, lo, hi float64, f func(x node) node) lawtest.GradCase {
	return lawtest.GradCase{Name: name, Shapes: [][]int{{B, 4}}, Lo: lo, Hi: hi,
		Build: func(g *graph.Graph, x []node) node { return f(x[0]) }}
}

func binary(name string, x, y []int, f func(x, y node) node) lawtest.GradCase {
	return lawtest.GradCase{Name: name, Shapes: [][]int{x, y}, Lo: 0.5, Hi: 2.5,
		Build: func(g *graph.Graph, in []node) node { return f(in[0], in[1]) }}
}

func attention(name string, shape []int, causal bool) lawtest.GradCase {
	return lawtest.GradCase{Name: name, Shapes: [][]int{shape}, Build: func(g *graph.Graph, x []node) node {
		return graph.Attention(x[0].Add(x[0].Square().MulScalar(0.1)), 0.7, causal).Square()
	}}
}

func gradCases() []lawtest.GradCase {
	cases := []lawtest.GradCase{
		unary("neg", -2, 2, node.Neg),
		unary("abs", -2, 2, node.Abs),
		unary("sign", -2, 2, func(x node) node { return x.Sign().Mul(x) }),
		unary("floor", -2, 2, func(x node) node { return x.Floor().Mul(x) }),
		unary("sqrt", 0.5, 3, node.Sqrt),
		unary("recip", 0.5, 3, node.Recip),
		unary("exp", -2, 2, node.Exp),
		unary("expm1", -2, 2, node.Expm1),
		unary("log", 0.5, 3, node.Log),
		unary("log1p", -0.5, 3, node.Log1p),
		unary("tanh", -2, 2, node.Tanh),
		unary("sigmoid", -3, 3, node.Sigmoid),
		unary("softplus", -3, 3, node.Softplus),
		unary("erf", -2, 2, node.Erf),
		unary("sin", -3, 3, node.Sin),
		unary("cos", -3, 3, node.Cos),
		unary("relu", -2, 2, func(x node) node { return x.Relu().Mul(x) }),
		unary("square", -2, 2, node.Square),
		unary("stopgradient", -2, 2, func(x node) node { return x.StopGradient().Sub(x.StopGradient()).Add(x.Square()) }),
		unary("where", -2, 2, func(x node) node {
			zero := x.Graph().Scalar(0)
			c := x.Less(zero).Or(x.LessEq(zero.AddScalar(1)).Not()).And(x.NotEqual(zero))
			return graph.Where(c, x.Square(), x.Exp())
		}),
		unary("tofloat", -2, 2, func(x node) node { return x.Less(x.Graph().Scalar(0.3)).ToFloat().Mul(x) }),
		unary("sum all", -2, 2, func(x node) node { return x.Square().Sum() }),
		unary("sum batch", -2, 2, func(x node) node { return x.Square().Sum(0) }),
		unary("sum last", -2, 2, func(x node) node { return x.Square().Sum(-1) }),
		unary("mean", -2, 2, func(x node) node { return x.Exp().Mean().Add(x.Square().Mean(0).Mean()) }),
		unary("batchsize", -2, 2, func(x node) node { return x.Square().Mul(x.Graph().BatchSize()) }),
		unary("reducemax", -2, 2, func(x node) node { return x.Square().ReduceMax(1).Add(x.ReduceMax()) }),
		unary("logsumexp", -2, 2, func(x node) node { return x.LogSumExp(1) }),
		unary("softmax", -2, 2, func(x node) node { return x.Softmax(1) }),
		unary("logsoftmax", -2, 2, func(x node) node { return x.LogSoftmax(-1) }),
		unary("reshape", -2, 2, func(x node) node { return x.Reshape(B, 2, 2).Square() }),
		unary("transpose", -2, 2, func(x node) node { return x.Reshape(B, 2, 2).Transpose(0, 2, 1).Square().Mul(x.Reshape(B, 2, 2)) }),
		unary("slice", -2, 2, func(x node) node { return x.Slice(1, 1, 3).Square() }),
		unary("pad", -2, 2, func(x node) node { return x.Pad(1, 2, 1).Exp() }),
		unary("concat", -2, 2, func(x node) node { return graph.Concat(1, x.Exp(), x.Slice(1, 0, 2), x).Square() }),
		unary("take", -2, 2, func(x node) node { return x.Take(1, []int{3, 0, 0, 2, 3}).Square() }),
		unary("putadd", -2, 2, func(x node) node { return x.PutAdd(1, []int{3, 0, 0, 5}, 6).Square() }),
		{Name: "matmul", Shapes: [][]int{{B, 3}, {3, 4}}, Build: func(g *graph.Graph, x []node) node { return graph.MatMul(x[0], x[1]).Square() }},
		{Name: "matmul rank 3", Shapes: [][]int{{B, 2, 3}, {3, 4}}, Build: func(g *graph.Graph, x []node) node { return graph.MatMul(x[0], x[1]).Square() }},
		{Name: "matmul transposed", Shapes: [][]int{{B, 4}, {3, 4}}, Build: func(g *graph.Graph, x []node) node { return graph.MatMulT(x[0], x[1]).Square() }},
		{Name: "outer", Shapes: [][]int{{B, 2, 3}, {B, 2, 4}}, Build: func(g *graph.Graph, x []node) node { return graph.Outer(x[0], x[1]).Square() }},
		{Name: "matmul masked", Shapes: [][]int{{B, 3}, {3, 4}}, Build: func(g *graph.Graph, x []node) node {
			m := &graph.Mask{In: []int{1, 2, 3}, Out: []int{1, 1, 2, 3}, Strict: true}
			return graph.MaskedMatMul(x[0], x[1], m).Square()
		}},
		{Name: "matmul masked loose", Shapes: [][]int{{B, 3}, {3, 4}}, Build: func(g *graph.Graph, x []node) node {
			m := &graph.Mask{In: []int{1, 2, 3}, Out: []int{0, 1, 2, 3}}
			return graph.MaskedMatMul(x[0], x[1].Tanh(), m).Tanh()
		}},
		attention("attention causal", []int{B, 4, 3, 2, 3}, true),
		attention("attention full", []int{2, 3, 3, 1, 2}, false),
		attention("attention of one sequence", []int{3, 3, 2, 1}, true),
		{Name: "layernorm", Shapes: [][]int{{B, 2, 5}, {5}, {5}}, Build: func(g *graph.Graph, x []node) node {
			return graph.LayerNorm(x[0], x[1], x[2], 0.1).Tanh()
		}},
		{Name: "layernorm of itself", Shapes: [][]int{{4}}, Build: func(g *graph.Graph, x []node) node {
			y := graph.LayerNorm(x[0], x[0].Square(), x[0].Tanh(), 0.1)
			return graph.LayerNorm(y, y, x[0], 0.2)
		}},
		{Name: "onehot", Shapes: [][]int{{B, 2, 4}}, Feeds: codes(), Build: func(g *graph.Graph, x []node) node {
			return x[0].Mul(g.Input("codes", graph.I32, B, 2).OneHot(4)).Sum(-1).Exp()
		}},
		{Name: "gather", Shapes: [][]int{{4, 3}}, Feeds: codes(), Build: func(g *graph.Graph, x []node) node {
			return graph.Gather(x[0], g.Input("codes", graph.I32, B, 2)).Square()
		}},
		{Name: "scatterrows", Shapes: [][]int{{B, 2, 3}}, Feeds: codes(), Build: func(g *graph.Graph, x []node) node {
			return graph.ScatterRows(x[0], g.Input("codes", graph.I32, B, 2), 4).Square()
		}},
		{Name: "uniform normal", Shapes: [][]int{{B, 3}}, Feeds: codes(), Build: func(g *graph.Graph, x []node) node {
			key, ids := g.Input("key", graph.U32, 2), g.Input("events", graph.U32, B, 2)
			return x[0].Square().Mul(graph.Normal(key, ids, 1, 3)).Add(x[0].Mul(graph.Uniform(key, ids, 2, 3)))
		}},
	}
	for i := range 4 {
		transX, transY := i&1 > 0, i&2 > 0
		x, y := []int{B, 2, 3, 4}, []int{B, 2, 4, 2}
		if transX {
			x = []int{B, 2, 4, 3}
		}
		if transY {
			y = []int{B, 2, 2, 4}
		}
		cases = append(cases, lawtest.GradCase{Name: fmt.Sprint("batchmatmul ", transX, transY), Shapes: [][]int{x, y},
			Build: func(g *graph.Graph, in []node) node { return graph.BatchMatMul(in[0], in[1], transX, transY).Square() }})
	}
	cases = append(cases, convCases()...)
	for _, s := range [][2][]int{
		{{B, 4}, {B, 4}}, {{B, 4}, {4}}, {{4}, {B, 4}}, {{B, 4}, {}}, {{}, {B, 4}}, {{B, 1}, {B, 4}}, {{B, 4}, {1, 4}}, {{1, 4}, {B, 1}},
		{{B, 2, 3}, {2, 1}}, {{B, 1, 3}, {B, 2, 1}}, {{2, 3}, {3}}, {{}, {}},
	} {
		tag := " " + graph.ShapeString(s[0]) + graph.ShapeString(s[1])
		cases = append(cases,
			binary("add"+tag, s[0], s[1], func(x, y node) node { return x.Add(y).Square() }),
			binary("sub"+tag, s[0], s[1], func(x, y node) node { return x.Sub(y).Square() }),
			binary("mul"+tag, s[0], s[1], node.Mul),
			binary("div"+tag, s[0], s[1], node.Div),
			binary("max"+tag, s[0], s[1], func(x, y node) node { return x.Max(y).Mul(y) }),
			binary("min"+tag, s[0], s[1], func(x, y node) node { return x.Min(y).Mul(y) }),
		)
	}
	return cases
}

// codes feeds repeated and missing rows, and the key and ids of random draws.
func codes() graph.Feeds {
	return graph.Feeds{
		"codes":  tensor.Of([]int32{0, 3, 3, 1, 0, 0}, lawtest.GradBatch, 2),
		"key":    tensor.Of([]uint32{1, 2}, 2),
		"events": tensor.Of([]uint32{0, 0, 1, 0, 5, 7}, lawtest.GradBatch, 2),
	}
}

// TestEveryOpHasACase fails when an operation is added without a gradient case.
func TestEveryOpHasACase(t *testing.T) {
	seen := map[graph.Op]bool{graph.OpParam: true} // parameters are inputs to a gradient as inputs are
	for _, c := range gradCases() {
		g := graph.New()
		var xs []node
		for i, s := range c.Shapes {
			xs = append(xs, g.Input(string(rune('a'+i)), graph.F32, s...))
		}
		graph.Grad(c.Build(g, xs).Sum(), xs...)
		for _, n := range g.Nodes() {
			seen[n.Op()] = true
		}
	}
	for op := graph.Op(0); op < graph.NumOps; op++ {
		if !seen[op] {
			t.Errorf("no gradient case builds %s", op)
		}
	}
}
