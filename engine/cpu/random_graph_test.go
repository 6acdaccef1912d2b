package cpu

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// grower builds a random graph over all operations.
type grower struct {
	*rand.Rand
	g      *graph.Graph
	floats []*graph.Node
	bools  []*graph.Node
	codes  *graph.Node // i32 (B), below 4
	key    *graph.Node
	ids    *graph.Node
	draws  uint32
	wild   bool // let infinities and NaN happen
}

const maxRow = 300 // elements of an event

func growGraph(seed uint64, ops int, wild bool) *grower {
	return growFrom(rand.NewPCG(seed, 1), ops, wild)
}

func growFrom(source rand.Source, ops int, wild bool) *grower {
	gr := &grower{Rand: rand.New(source), g: graph.New(), wild: wild}
	g := gr.g
	gr.codes = g.Input("codes", graph.I32, graph.Batch)
	gr.key, gr.ids = g.Input("key", graph.U32, 2), g.Input("ids", graph.U32, graph.Batch, 2)
	gr.floats = []*graph.Node{
		g.Input("x", graph.F32, graph.Batch, 6), g.Input("y", graph.F32, graph.Batch, 2, 3), g.Input("one", graph.F32, graph.Batch, 1),
		g.Param("b", 6), g.Param("c", 3), g.Param("w", 2, 3), g.Param("s"), g.Param("table", 4, 6),
		g.Scalar(0.5), g.Const([]float64{1, -1, 2}, 3),
	}
	for range ops {
		gr.grow()
	}
	return gr
}

func (gr *grower) float() *graph.Node { return gr.floats[gr.IntN(len(gr.floats))] }

// fixedAxis is an axis of n other than the batch, or −1.
func (gr *grower) fixedAxis(n *graph.Node) int {
	lo := 0
	if graph.Batched(n.Shape()) {
		lo = 1
	}
	if n.Rank() <= lo {
		return -1
	}
	return lo + gr.IntN(n.Rank()-lo)
}

func (gr *grower) keep(n *graph.Node) {
	switch {
	case graph.RowSize(n.Shape()) > maxRow:
	case n.DType() == graph.Bool:
		gr.bools = append(gr.bools, n)
	default:
		if !gr.wild { // results between -1 and 1, or -1, 0 and 1 exactly
			n = n.Tanh()
			if gr.IntN(4) == 0 {
				n = n.MulScalar(4).Floor().MulScalar(0.25)
			}
		}
		gr.floats = append(gr.floats, n)
	}
}

var growUnary = []func(n *graph.Node) *graph.Node{
	(*graph.Node).Neg, (*graph.Node).Abs, (*graph.Node).Sign, (*graph.Node).Floor, (*graph.Node).Expm1,
	(*graph.Node).Tanh, (*graph.Node).Sigmoid, (*graph.Node).Softplus, (*graph.Node).Erf, (*graph.Node).Sin, (*graph.Node).Cos,
	(*graph.Node).Relu, (*graph.Node).Square, (*graph.Node).StopGradient, (*graph.Node).Exp,
	func(n *graph.Node) *graph.Node { return n.Square().AddScalar(0.1).Sqrt() },
	func(n *graph.Node) *graph.Node { return n.Square().AddScalar(0.1).Log() },
	func(n *graph.Node) *graph.Node { return n.Square().AddScalar(0.1).Recip() },
	func(n *graph.Node) *graph.Node { return n.Square().Log1p() },
}

var growBinary = []func(x, y *graph.Node) *graph.Node{
	(*graph.Node).Add, (*graph.Node).Sub, (*graph.Node).Mul, (*graph.Node).Max, (*graph.Node).Min,
	func(x, y *graph.Node) *graph.Node { return x.Div(y.Square().AddScalar(0.1)) },
	(*graph.Node).Less, (*graph.Node).LessEq, (*graph.Node).Equal, (*graph.Node).NotEqual,
}

// partner is a node that broadcasts with n.
func (gr *grower) partner(shape []int) *graph.Node {
	for range 10 {
		if y := gr.float(); broadcasts(shape, y.Shape()) {
			return y
		}
	}
	return gr.g.Scalar(gr.Float64())
}

func broadcasts(x, y []int) bool {
	if len(x) < len(y) {
		x, y = y, x
	}
	off := len(x) - len(y)
	for i, d := range y {
		if e := x[off+i]; d != e && d != 1 && e != 1 || off+i > 0 && (d == graph.Batch) {
			return false
		}
	}
	return true
}

func (gr *grower) grow() {
	x := gr.float()
	switch gr.IntN(26 + btoi(gr.wild)) {
	case 0, 1, 2, 3:
		gr.keep(growUnary[gr.IntN(len(growUnary))](x))
	case 4, 5, 6, 7:
		gr.keep(growBinary[gr.IntN(len(growBinary))](x, gr.partner(x.Shape())))
	case 8:
		gr.growLogic(x)
	case 9:
		if x.Rank() > 0 {
			gr.keep(x.Sum(gr.axes(x)...))
		}
	case 10:
		if x.Rank() > 0 {
			gr.keep(x.ReduceMax(gr.axes(x)...))
		}
	case 11:
		shape := []int{1, graph.RowSize(x.Shape())}
		if graph.Batched(x.Shape()) {
			shape[0] = graph.Batch
		}
		if gr.IntN(2) == 0 {
			shape = append(shape, 1)
		}
		gr.keep(x.Reshape(shape...))
	case 12:
		perm := gr.Perm(x.Rank())
		if graph.Batched(x.Shape()) {
			perm = append([]int{0}, slices.DeleteFunc(perm, func(a int) bool { return a == 0 })...)
		}
		gr.keep(x.Transpose(perm...))
	case 13, 14, 15:
		if a := gr.fixedAxis(x); a >= 0 {
			gr.growAxis(x, a)
		}
	case 16:
		gr.growProduct(x)
	case 17:
		gr.growMasked(x)
	case 18:
		gr.keep(graph.Gather(gr.g.Param("table", 4, 6), gr.codes))
		gr.keep(gr.codes.OneHot(3))
		gr.keep(gr.codes.ToFloat())
	case 19:
		if graph.Batched(x.Shape()) {
			gr.keep(graph.ScatterRows(x, gr.codes, 4))
			if x.Rank() > 1 {
				gr.keep(graph.Outer(x, x.Tanh()))
			}
		}
	case 20:
		gr.draws++
		gr.keep(graph.Uniform(gr.key, gr.ids, gr.draws, 6))
		gr.keep(graph.Normal(gr.key, gr.ids, gr.draws, 3))
	case 21:
		gr.keep(gr.g.BatchSize())
	case 22:
		gr.growNorm(x)
	case 23:
		gr.growSequence(x)
	case 24:
		gr.growConv(x)
	case 26:
		gr.keep(x.Log())
		gr.keep(x.Recip())
		gr.keep(x.Div(gr.partner(x.Shape())))
	default:
		gr.keep(x.Mul(x.Sigmoid()).AddScalar(0.25))
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (gr *grower) growLogic(x *graph.Node) {
	c := x.Less(gr.partner(x.Shape()))
	if n := len(gr.bools); n > 0 {
		if d := gr.bools[gr.IntN(n)]; broadcasts(c.Shape(), d.Shape()) {
			gr.keep(c.And(d.Not()))
			c = c.Or(d)
		}
	}
	gr.keep(c)
	gr.keep(c.ToFloat())
	gr.keep(graph.Where(c, gr.partner(c.Shape()), gr.g.Scalar(-0.5)))
}

func (gr *grower) axes(x *graph.Node) []int {
	var axes []int
	for a := range x.Rank() {
		if gr.IntN(2) == 0 {
			axes = append(axes, a)
		}
	}
	return axes
}

func (gr *grower) growAxis(x *graph.Node, a int) {
	d := x.Dim(a)
	index := make([]int, 1+gr.IntN(5))
	for i := range index {
		index[i] = gr.IntN(d)
	}
	switch gr.IntN(7) {
	case 0:
		gr.keep(x.Slice(a, d/3, d))
	case 1:
		gr.keep(x.Pad(a, gr.IntN(3), gr.IntN(3)))
	case 2:
		gr.keep(graph.Concat(a, x, x.Neg(), x.Slice(a, 0, (d+1)/2)))
	case 3:
		gr.keep(x.Take(a, index))
	case 4:
		gr.keep(x.Take(a, index).PutAdd(a, index, d))
	case 5:
		gr.keep(x.LogSumExp(a))
	default:
		gr.keep(x.Softmax(a))
	}
}

// weights declares a parameter; its values follow from its shape.
func (gr *grower) weights(k, n int) *graph.Node {
	return gr.g.Param("w"+graph.ShapeString([]int{k, n}), k, n)
}

func (gr *grower) growProduct(x *graph.Node) {
	if x.Rank() == 0 || x.Dim(-1) == graph.Batch {
		return
	}
	k, n := x.Dim(-1), 1+gr.IntN(20)
	if gr.IntN(2) == 0 {
		gr.keep(graph.MatMul(x, gr.weights(k, n)))
	} else {
		gr.keep(graph.MatMulT(x, gr.weights(n, k)))
	}
	gr.keep(graph.Outer(x, x.Tanh()))
}

// growNorm adds a layer norm and its gradients.
func (gr *grower) growNorm(x *graph.Node) {
	if x.Rank() == 0 || x.Dim(-1) == graph.Batch {
		return
	}
	gain := gr.g.Param("gain"+graph.ShapeString(x.Shape()[x.Rank()-1:]), x.Dim(-1))
	y := graph.LayerNorm(x, gain, gain.Square(), 0.1)
	gr.keep(y)
	for _, d := range graph.VJP(y, x, x, gain) {
		gr.keep(d)
	}
}

// growSequence reads an event's first elements as a sequence of up to 4
// positions.
func (gr *grower) growSequence(x *graph.Node) {
	if !graph.Batched(x.Shape()) || graph.RowSize(x.Shape()) < 6 {
		return
	}
	n := min(graph.RowSize(x.Shape())/6, 4)
	flat := x.Reshape(graph.Batch, graph.RowSize(x.Shape()))
	heads := 1 + gr.IntN(2)
	qkv := flat.Slice(1, 0, n*6).Reshape(graph.Batch, n, 3, heads, 2/heads)
	y := graph.Attention(qkv, gr.Float64(), gr.IntN(2) == 0)
	gr.keep(y)
	gr.keep(graph.VJP(y, y.Tanh(), qkv)[0])
	z := flat.Slice(1, 0, n*6).Reshape(graph.Batch, n, 6)
	gr.keep(graph.BatchMatMul(z, z, false, true))
	gr.keep(graph.BatchMatMul(z.Reshape(graph.Batch, 6, n), z, true, true))
	gr.keep(graph.BatchMatMul(z, z.Reshape(graph.Batch, 6, n), false, false))
	gr.keep(graph.BatchMatMul(z, z.Tanh(), true, false))
}

// growConv reads the elements of an event as an image three pixels wide.
func (gr *grower) growConv(x *graph.Node) {
	size := graph.RowSize(x.Shape())
	if !graph.Batched(x.Shape()) || size%3 != 0 || size == 0 {
		return
	}
	image := x.Reshape(graph.Batch, size/3, 3, 1)
	n := 1 + gr.IntN(8)
	w := gr.g.Param("w"+graph.ShapeString([]int{1, 2, 1, n}), 1, 2, 1, n)
	c := graph.Conv{Padding: graph.Padding{Left: gr.IntN(2)}, Stride: [2]int{1 + gr.IntN(2), 1}}
	if gr.IntN(2) == 0 {
		c.Taps = []graph.Tap{{}, {Closed: true}}
	}
	y := graph.Conv2D(image, w, c)
	gr.keep(y)
	gr.keep(graph.ConvTranspose2D(y.Tanh(), w, size/3, 3, c))
}

func (gr *grower) growMasked(x *graph.Node) {
	if x.Rank() == 0 || x.Dim(-1) == graph.Batch {
		return
	}
	k, n := x.Dim(-1), 1+gr.IntN(150)
	m := &graph.Mask{In: make([]int, k), Out: make([]int, n), Strict: gr.IntN(2) == 0}
	for i := range m.In {
		m.In[i] = gr.IntN(6)
	}
	for i := range m.Out {
		m.Out[i] = gr.IntN(6)
	}
	if gr.IntN(4) > 0 {
		slices.Sort(m.In)
		slices.Sort(m.Out)
	}
	gr.keep(graph.MaskedMatMul(x, gr.weights(k, n), m))
}

// feeds draws inputs for batch events; the first rows do not depend on batch.
func feeds(batch int, wild bool) graph.Feeds {
	r := rand.New(rand.NewPCG(7, 7))
	x, y, one := tensor.New[float32](batch, 6), tensor.New[float32](batch, 2, 3), tensor.New[float32](batch, 1)
	codes, ids := make([]int32, batch), make([]uint32, 2*batch)
	for i := range batch {
		for j := range 6 {
			x.F32()[i*6+j] = float32(r.Float64()*4 - 2)
			y.F32()[i*6+j] = float32(r.IntN(4) - 1)
		}
		one.F32()[i] = float32(r.Float64()*4 - 2)
		codes[i] = int32(r.IntN(4))
		ids[2*i], ids[2*i+1] = r.Uint32(), r.Uint32()
	}
	if wild && batch > 5 {
		x.F32()[20] = float32(math.Inf(1))
		x.F32()[21] = float32(math.Copysign(0, -1))
	}
	wide := tensor.New[float32](batch, 1500)
	for i := range wide.F32() {
		wide.F32()[i] = float32(r.Float64()*4 - 2)
	}
	return graph.Feeds{"wide": wide, "x": x, "y": y, "one": one, "codes": tensor.Of(codes, batch),
		"ids": tensor.Of(ids, batch, 2), "key": tensor.Of([]uint32{3, 4}, 2)}
}

// params draws a store for the graph.
func params(g *graph.Graph) *tensor.Store {
	s := &tensor.Store{}
	r := rand.New(rand.NewPCG(8, 8))
	for _, n := range g.Nodes() {
		if n.Op() != graph.OpParam {
			continue
		}
		t := tensor.New[float32](n.Shape()...)
		for i := range t.F32() {
			t.F32()[i] = float32(r.Float64()*2 - 1)
		}
		s.Set(n.Attr().Name, t)
	}
	return s
}
