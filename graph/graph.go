// Package graph is a computation graph in the manner of JAX and XLA: built
// once, differentiated symbolically, compiled by an [Executor], run many times.
//
// # Ideas
//
// A [Graph] is a list of nodes in order of creation, which is a topological
// order. A [Node] is an operation on earlier nodes; its shape and type are
// known when it is built. Axis 0 of a shape may be [Batch]: one plan runs any
// number of events. Nodes are combined by methods, left to right:
//
//	g := graph.New()
//	x := g.Input("x", graph.F32, graph.Batch, 2)
//	w := g.Param("w", 2, 3)
//	loss := graph.MatMul(x, w).Tanh().Square().Sum()
//	dw := graph.Grad(loss, w)[0]
//
// Elementwise operations broadcast as in numpy: shapes are aligned at their
// last axes, and an axis of 1 or an absent one is repeated. The repetition is
// a node of its own, so that gradient rules see equal shapes only.
//
// Operations are fine (add, exp, sum, matrix product) or coarse where structure
// pays (masked product, log-sum-exp, softmax, layer norm, attention). A coarse operation carries its
// decomposition into fine ones, see [Node.Decompose], which the float64 oracle
// evaluates in its place.
//
// Gradients are nodes. The table of gradient rules (rules.go) is closed under
// itself, so that [Grad] of a gradient works.
//
// Parameters are names; their values live in a [tensor.Store] outside graphs.
// There is no control flow: fixed loops unroll, adaptive ones are Go that runs
// plans. Randomness is Philox keyed by an input and by event ids, so that a
// row's noise does not depend on its batch.
//
// # Errors
//
// A graph is written by a programmer: misuse of shapes or types panics, with
// the operation and the shapes in the message. Running a plan on a user's
// tensors returns errors.
package graph

import (
	"fmt"
	"strings"
)

// DType is the type of a node's elements.
type DType uint8

// Element types. The float64 oracle computes F32 nodes in float64.
const (
	F32 DType = iota
	I32
	U32
	Bool
)

func (d DType) String() string { return [...]string{"f32", "i32", "u32", "bool"}[d] }

// Graph is a list of nodes in topological order. Graphs are built by one
// goroutine and read by any number.
type Graph struct {
	nodes  []*Node
	scope  []string
	inputs map[string]*Node
	params map[string]*Node
}

// New returns an empty graph.
func New() *Graph {
	return &Graph{inputs: map[string]*Node{}, params: map[string]*Node{}}
}

// Nodes returns all nodes in topological order. The slice is the graph's own.
func (g *Graph) Nodes() []*Node { return g.nodes }

// Scope names the part of the model that the nodes built from now on belong
// to; errors name it. Call the result to leave the scope:
//
//	defer g.Scope("coupling3")()
func (g *Graph) Scope(name string) (leave func()) {
	n := len(g.scope)
	g.scope = append(g.scope[:n:n], name)
	return func() { g.scope = g.scope[:n] }
}

// Node is the result of one operation.
type Node struct {
	graph *Graph
	id    int
	op    Op
	dtype DType
	shape []int
	in    []*Node
	attr  Attr
	scope string
}

// Attr holds what an operation has beside its inputs; which fields mean
// something is said at the operation.
type Attr struct {
	Name  string    // Input, Param
	Value []float64 // Const
	Axes  []int     // Sum, ReduceMax: reduced axes, ascending; Transpose: the permutation
	Axis  int       // Slice, Pad, Concat, Take, PutAdd
	Lo    int       // Slice: first index; Pad: zeros before
	Hi    int       // Slice: end; Pad: zeros after
	Index []int     // Take, PutAdd
	Trans bool      // MatMul, BatchMatMul: the second operand is transposed
	First bool      // BatchMatMul: the first operand is transposed
	Mask  *Mask     // MatMul, Outer
	Size  int       // OneHot: classes; ScatterRows: rows; PutAdd: length of the axis
	Conv  *Conv     // Conv, ConvInput, ConvWeight; its defaults filled in
	Draw  uint32    // Uniform, Normal: the stream of this draw
	Eps   float64   // LayerNorm and its gradients: added to the variance
	Scale float64   // Attention and its gradient: of the products of queries and keys

	Causal bool // Attention and its gradient: no position sees later ones
}

// Graph returns the graph that n belongs to.
func (n *Node) Graph() *Graph { return n.graph }

// ID is the node's position in Graph.Nodes.
func (n *Node) ID() int { return n.id }

// Op is the operation.
func (n *Node) Op() Op { return n.op }

// DType is the type of the elements.
func (n *Node) DType() DType { return n.dtype }

// Shape is the node's shape; the slice must not be changed.
func (n *Node) Shape() []int { return n.shape }

// Rank is the number of axes.
func (n *Node) Rank() int { return len(n.shape) }

// Dim is the size of an axis; negative axes count from the end. It is Batch
// for the symbolic axis.
func (n *Node) Dim(axis int) int { return n.shape[n.axis("Dim", axis)] }

// Inputs are the operands; the slice must not be changed.
func (n *Node) Inputs() []*Node { return n.in }

// Attr returns what the operation has beside its inputs.
func (n *Node) Attr() *Attr { return &n.attr }

// ScopeName is the part of the model that the node belongs to, as in
// "flow/coupling3".
func (n *Node) ScopeName() string { return n.scope }

// String describes the node in one line, as in "%7 = add f32(B, 3) %5 %6".
func (n *Node) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%%%d = %s %s%s", n.id, n.op, n.dtype, ShapeString(n.shape))
	for _, in := range n.in {
		fmt.Fprintf(&b, " %%%d", in.id)
	}
	a := n.attr
	switch {
	case a.Name != "":
		fmt.Fprintf(&b, " %q", a.Name)
	case n.op == OpConst && len(a.Value) == 1:
		fmt.Fprintf(&b, " %g", a.Value[0])
	case n.op == OpSum || n.op == OpReduceMax || n.op == OpTranspose:
		fmt.Fprintf(&b, " axes=%v", a.Axes)
	case n.op == OpSlice || n.op == OpPad:
		fmt.Fprintf(&b, " axis=%d %d:%d", a.Axis, a.Lo, a.Hi)
	case n.op == OpConcat || n.op == OpTake || n.op == OpPutAdd:
		fmt.Fprintf(&b, " axis=%d", a.Axis)
	}
	if a.First {
		b.WriteString(" first transposed")
	}
	if a.Trans {
		b.WriteString(" transposed")
	}
	if a.Causal {
		b.WriteString(" causal")
	}
	if a.Mask != nil {
		b.WriteString(" masked")
	}
	if n.scope != "" {
		fmt.Fprintf(&b, "  # %s", n.scope)
	}
	return b.String()
}

// String lists the graph, one node a line.
func (g *Graph) String() string {
	var b strings.Builder
	for _, n := range g.nodes {
		b.WriteString(n.String())
		b.WriteByte('\n')
	}
	return b.String()
}

// add appends a node.
func (g *Graph) add(op Op, dtype DType, shape []int, attr Attr, in ...*Node) *Node {
	for _, x := range in {
		if x.graph != g {
			panic(fmt.Sprintf("graph: %s: operands belong to different graphs", op))
		}
	}
	checkSize(op, shape)
	n := &Node{graph: g, id: len(g.nodes), op: op, dtype: dtype, shape: shape, in: in, attr: attr, scope: strings.Join(g.scope, "/")}
	g.nodes = append(g.nodes, n)
	return n
}

func (n *Node) want(fn string, dtype DType) {
	if n.dtype != dtype {
		panic(fmt.Sprintf("graph: %s: operand %s is %s, want %s", fn, ShapeString(n.shape), n.dtype, dtype))
	}
}
