package ref

import (
	"math"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
	"github.com/surprisal-go/surprisal/tensor"
)

var unary = map[graph.Op]func(float64) float64{
	graph.OpNeg:   func(x float64) float64 { return -x },
	graph.OpAbs:   math.Abs,
	graph.OpSign:  sign,
	graph.OpFloor: math.Floor,
	graph.OpSqrt:  math.Sqrt,
	graph.OpRecip: func(x float64) float64 { return 1 / x },
	graph.OpExp:   math.Exp, graph.OpExpm1: math.Expm1,
	graph.OpLog: math.Log, graph.OpLog1p: math.Log1p,
	graph.OpTanh:         math.Tanh,
	graph.OpSigmoid:      func(x float64) float64 { return 1 / (1 + math.Exp(-x)) },
	graph.OpSoftplus:     func(x float64) float64 { return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) },
	graph.OpErf:          math.Erf,
	graph.OpSin:          math.Sin,
	graph.OpCos:          math.Cos,
	graph.OpRelu:         func(x float64) float64 { return math.Max(x, 0) },
	graph.OpSquare:       func(x float64) float64 { return x * x },
	graph.OpNot:          func(x float64) float64 { return 1 - x },
	graph.OpToFloat:      func(x float64) float64 { return x },
	graph.OpStopGradient: func(x float64) float64 { return x },
}

var binary = map[graph.Op]func(x, y float64) float64{
	graph.OpAdd:      func(x, y float64) float64 { return x + y },
	graph.OpSub:      func(x, y float64) float64 { return x - y },
	graph.OpMul:      func(x, y float64) float64 { return x * y },
	graph.OpDiv:      func(x, y float64) float64 { return x / y },
	graph.OpMax:      math.Max,
	graph.OpMin:      math.Min,
	graph.OpLess:     func(x, y float64) float64 { return truth(x < y) },
	graph.OpLessEq:   func(x, y float64) float64 { return truth(x <= y) },
	graph.OpEqual:    func(x, y float64) float64 { return truth(x == y) },
	graph.OpNotEqual: func(x, y float64) float64 { return truth(x != y) },
	graph.OpAnd:      func(x, y float64) float64 { return x * y },
	graph.OpOr:       math.Max,
}

func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x // 0, −0 or NaN
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// eval computes one fine operation.
func (r *run) eval(n *graph.Node, in [][]float64) ([]float64, error) {
	shape := r.shape(n)
	out := make([]float64, tensor.Size(shape))
	if f := unary[n.Op()]; f != nil {
		for i, x := range in[0] {
			out[i] = f(x)
		}
		return out, nil
	}
	if f := binary[n.Op()]; f != nil {
		for i, x := range in[0] {
			out[i] = f(x, in[1][i])
		}
		return out, nil
	}
	a := n.Attr()
	switch n.Op() {
	case graph.OpInput:
		return r.feeds[a.Name].Float64s(), nil
	case graph.OpParam:
		return r.store.Must(a.Name).Float64s(), nil
	case graph.OpConst:
		return a.Value, nil
	case graph.OpBatchSize:
		out[0] = float64(r.batch)
	case graph.OpWhere:
		for i, c := range in[0] {
			if c != 0 {
				out[i] = in[1][i]
			} else {
				out[i] = in[2][i]
			}
		}
	case graph.OpReshape:
		return in[0], nil
	case graph.OpSum:
		reduce(out, in[0], r.shape(n.Inputs()[0]), a.Axes, 0, func(acc, x float64) float64 { return acc + x })
	case graph.OpReduceMax:
		reduce(out, in[0], r.shape(n.Inputs()[0]), a.Axes, math.Inf(-1), math.Max)
	case graph.OpMatMul:
		matMul(out, in[0], in[1], r.shape(n.Inputs()[1]), a.Trans)
	case graph.OpBatchMatMul:
		batchMatMul(out, in[0], in[1], shape, r.shape(n.Inputs()[0]), a.First, a.Trans)
	case graph.OpOuter:
		outer(out, in[0], in[1], shape[0], shape[1])
	case graph.OpUniform, graph.OpNormal:
		r.noise(out, n, in)
	default:
		return out, r.move(out, n, in, shape)
	}
	return out, nil
}

func reduce(out, x []float64, shape, axes []int, start float64, f func(acc, x float64) float64) {
	for i := range out {
		out[i] = start
	}
	gone := make([]bool, len(shape))
	for _, a := range axes {
		gone[a] = true
	}
	each(shape, func(i int, idx []int) {
		at := 0
		for a, d := range shape {
			if !gone[a] {
				at = at*d + idx[a]
			}
		}
		out[at] = f(out[at], x[i])
	})
}

func matMul(out, x, w []float64, shape []int, trans bool) {
	k, n, sk, sn := shape[0], shape[1], shape[1], 1
	if trans {
		k, n, sk, sn = n, k, 1, shape[1]
	}
	for r := range len(out) / max(n, 1) {
		for j := range n {
			s := 0.0
			for p := range k {
				s += x[r*k+p] * w[p*sk+j*sn]
			}
			out[r*n+j] = s
		}
	}
}

func outer(out, x, y []float64, k, n int) {
	for r := range len(x) / max(k, 1) {
		for i := range k {
			for j := range n {
				out[i*n+j] += x[r*k+i] * y[r*n+j]
			}
		}
	}
}

// batchMatMul multiplies the matrices at every index of the leading axes.
func batchMatMul(out, x, y []float64, shape, xs []int, transX, transY bool) {
	r := len(shape) - 2
	m, n, k := shape[r], shape[r+1], xs[r+1]
	xm, xk := k, 1
	if transX {
		k, xm, xk = xs[r], 1, m
	}
	yk, yn := n, 1
	if transY {
		yk, yn = 1, k
	}
	for i := range out {
		b, row, col := i/(m*n), i/n%m, i%n
		for p := range k {
			out[i] += x[b*m*k+row*xm+p*xk] * y[b*k*n+p*yk+col*yn]
		}
	}
}

// noise fills rows with the kernels' draws.
func (r *run) noise(out []float64, n *graph.Node, in [][]float64) {
	rows := r.shape(n)[0]
	size := len(out) / max(rows, 1)
	key := [2]uint32{uint32(in[0][0]), uint32(in[0][1])}
	row := make([]float32, size)
	draw := kern.Default.Uniform
	if n.Op() == graph.OpNormal {
		draw = kern.Default.Normal
	}
	for i := range rows {
		id := uint64(in[1][2*i]) | uint64(in[1][2*i+1])<<32
		draw(row, key, id, n.Attr().Draw)
		for j, v := range row {
			out[i*size+j] = float64(v)
		}
	}
}
