package graph

import (
	"fmt"
	"slices"
)

// Input declares a tensor fed by name when the plan runs. Declaring it again
// with the same type and shape returns the same node.
func (g *Graph) Input(name string, dtype DType, shape ...int) *Node {
	if n := g.inputs[name]; n != nil {
		return sameLeaf("Input", n, dtype, shape)
	}
	n := g.add(OpInput, dtype, checkShape("Input", shape), Attr{Name: name})
	g.inputs[name] = n
	return n
}

// Param declares a float32 tensor of the store. Declaring it again with the
// same shape returns the same node.
func (g *Graph) Param(name string, shape ...int) *Node {
	if Batched(shape) {
		panic(fmt.Sprintf("graph: Param %q: shape %s has a batch axis", name, ShapeString(shape)))
	}
	if n := g.params[name]; n != nil {
		return sameLeaf("Param", n, F32, shape)
	}
	n := g.add(OpParam, F32, checkShape("Param", shape), Attr{Name: name})
	g.params[name] = n
	return n
}

func sameLeaf(fn string, n *Node, dtype DType, shape []int) *Node {
	if n.dtype != dtype || !slices.Equal(n.shape, shape) {
		panic(fmt.Sprintf("graph: %s %q: declared as %s%s and as %s%s", fn, n.attr.Name, n.dtype, ShapeString(n.shape), dtype, ShapeString(shape)))
	}
	return n
}

// Const is an array known when the graph is built, row-major.
func (g *Graph) Const(values []float64, shape ...int) *Node {
	if Batched(shape) || len(values) != RowSize(shape) {
		panic(fmt.Sprintf("graph: Const: %d values for shape %s", len(values), ShapeString(shape)))
	}
	return g.add(OpConst, F32, checkShape("Const", shape), Attr{Value: slices.Clone(values)})
}

// Scalar is a constant without axes.
func (g *Graph) Scalar(v float64) *Node { return g.Const([]float64{v}) }

// BatchSize is the number of events as a float.
func (g *Graph) BatchSize() *Node { return g.add(OpBatchSize, F32, nil, Attr{}) }

// Uniform draws floats in (0, 1) of shape ids' batch axis × shape. Row r
// depends on key (u32, shape (2)), on its event id, ids[r] (u32, shape (B, 2):
// low word, high word), and on draw, which tells the draws of one graph apart.
func Uniform(key, ids *Node, draw uint32, shape ...int) *Node {
	return random(OpUniform, key, ids, draw, shape)
}

// Normal draws standard normal floats; see [Uniform].
func Normal(key, ids *Node, draw uint32, shape ...int) *Node {
	return random(OpNormal, key, ids, draw, shape)
}

func random(op Op, key, ids *Node, draw uint32, shape []int) *Node {
	key.want(op.String(), U32)
	ids.want(op.String(), U32)
	if !slices.Equal(key.shape, []int{2}) || len(ids.shape) != 2 || ids.shape[1] != 2 {
		panic(fmt.Sprintf("graph: %s: key %s and ids %s, want (2) and (B, 2)", op, ShapeString(key.shape), ShapeString(ids.shape)))
	}
	full := append([]int{ids.shape[0]}, shape...)
	return key.graph.add(op, F32, checkShape(op.String(), full), Attr{Draw: draw}, key, ids)
}
