package graph

import (
	"fmt"
	"slices"
)

// Mask is the structure of an autoregressive layer: a weight from unit i to
// unit j is open if In[i] ≤ Out[j], or In[i] < Out[j] if Strict. Degrees in
// ascending order make the open weights a staircase that executors skip along.
type Mask struct {
	In, Out []int
	Strict  bool
}

// Open reports whether the weight from unit i to unit j is open.
func (m *Mask) Open(i, j int) bool {
	return m.In[i] < m.Out[j] || !m.Strict && m.In[i] == m.Out[j]
}

// Dense writes the mask as zeros and ones, len(In) × len(Out).
func (m *Mask) Dense() []float64 {
	v := make([]float64, len(m.In)*len(m.Out))
	for i := range m.In {
		for j := range m.Out {
			if m.Open(i, j) {
				v[i*len(m.Out)+j] = 1
			}
		}
	}
	return v
}

// Node returns the mask as a constant of the graph.
func (m *Mask) Node(g *Graph) *Node { return g.Const(m.Dense(), len(m.In), len(m.Out)) }

// MatMul is x·w: x (…, K), w (K, N), result (…, N).
func MatMul(x, w *Node) *Node { return matMul(x, w, false, nil) }

// MatMulT is x·wᵀ: x (…, N), w (K, N), result (…, K).
func MatMulT(x, w *Node) *Node { return matMul(x, w, true, nil) }

// MaskedMatMul is x·(w∘mask): x (…, K), w (K, N), result (…, N). Closed
// weights are read as zero whatever they hold.
func MaskedMatMul(x, w *Node, mask *Mask) *Node { return matMul(x, w, false, mask) }

func matMul(x, w *Node, trans bool, mask *Mask) *Node {
	x.want("MatMul", F32)
	w.want("MatMul", F32)
	if len(w.shape) != 2 || Batched(w.shape) {
		panic(fmt.Sprintf("graph: MatMul: second operand has shape %s, want two fixed axes", ShapeString(w.shape)))
	}
	k, n := w.shape[0], w.shape[1]
	if mask != nil && (len(mask.In) != k || len(mask.Out) != n) {
		panic(fmt.Sprintf("graph: MatMul: mask %d×%d for weights %s", len(mask.In), len(mask.Out), ShapeString(w.shape)))
	}
	if trans {
		k, n = n, k
	}
	if len(x.shape) == 0 || x.shape[len(x.shape)-1] != k {
		panic(fmt.Sprintf("graph: MatMul: shapes %s and %s (transposed: %v) do not fit", ShapeString(x.shape), ShapeString(w.shape), trans))
	}
	shape := slices.Clone(x.shape)
	shape[len(shape)-1] = n
	return x.graph.add(OpMatMul, F32, checkShape("MatMul", shape), Attr{Trans: trans, Mask: mask}, x, w)
}

// Outer is xᵀ·y summed over all leading axes: x (…, K), y (…, N), result
// (K, N). It is the gradient of MatMul by its weights.
func Outer(x, y *Node) *Node { return outer(x, y, nil) }

func outer(x, y *Node, mask *Mask) *Node {
	x.want("Outer", F32)
	y.want("Outer", F32)
	if len(x.shape) != len(y.shape) || len(x.shape) == 0 || !slices.Equal(x.shape[:len(x.shape)-1], y.shape[:len(y.shape)-1]) {
		panic(fmt.Sprintf("graph: Outer: shapes %s and %s", ShapeString(x.shape), ShapeString(y.shape)))
	}
	shape := []int{x.shape[len(x.shape)-1], y.shape[len(y.shape)-1]}
	return x.graph.add(OpOuter, F32, checkShape("Outer", shape), Attr{Mask: mask}, x, y)
}

// BatchMatMul is A·B for every index of the leading axes, which are equal: A is
// x (…, M, K), or xᵀ with x (…, K, M) if transX; B is y (…, K, N), or yᵀ with
// y (…, N, K) if transY; the result is (…, M, N). None of the last two axes is
// the batch.
func BatchMatMul(x, y *Node, transX, transY bool) *Node {
	x.want("BatchMatMul", F32)
	y.want("BatchMatMul", F32)
	r := len(x.shape) - 2
	if r < 0 || r == 0 && (Batched(x.shape) || Batched(y.shape)) || len(y.shape) != r+2 || !slices.Equal(x.shape[:r], y.shape[:r]) {
		panic(fmt.Sprintf("graph: BatchMatMul: shapes %s and %s", ShapeString(x.shape), ShapeString(y.shape)))
	}
	m, k, l, n := x.shape[r], x.shape[r+1], y.shape[r], y.shape[r+1]
	if transX {
		m, k = k, m
	}
	if transY {
		l, n = n, l
	}
	if k != l {
		panic(fmt.Sprintf("graph: BatchMatMul: shapes %s (transposed: %v) and %s (transposed: %v) do not fit",
			ShapeString(x.shape), transX, ShapeString(y.shape), transY))
	}
	return x.graph.add(OpBatchMatMul, F32, append(slices.Clone(x.shape[:r]), m, n), Attr{First: transX, Trans: transY}, x, y)
}

// OneHot turns codes (i32) into rows of zeros with a one: shape (…, classes).
// Codes outside 0 … classes−1 give a row of zeros.
func (n *Node) OneHot(classes int) *Node {
	n.want("OneHot", I32)
	return n.graph.add(OpOneHot, F32, append(slices.Clone(n.shape), classes), Attr{Size: classes}, n)
}

// Gather picks rows of a table by code: table (V, …), ids i32 (…), result
// ids' shape × a row's. Codes outside the table are an error when run.
func Gather(table, ids *Node) *Node {
	table.want("Gather", F32)
	ids.want("Gather", I32)
	if len(table.shape) == 0 || Batched(table.shape) {
		panic(fmt.Sprintf("graph: Gather: table has shape %s", ShapeString(table.shape)))
	}
	shape := append(slices.Clone(ids.shape), table.shape[1:]...)
	return table.graph.add(OpGather, F32, checkShape("Gather", shape), Attr{}, table, ids)
}

// ScatterRows is the adjoint of Gather: it adds the rows of x to the rows of a
// table of zeros that ids name, in row order.
func ScatterRows(x, ids *Node, rows int) *Node {
	x.want("ScatterRows", F32)
	ids.want("ScatterRows", I32)
	k := len(ids.shape)
	if len(x.shape) < k || !slices.Equal(x.shape[:k], ids.shape) {
		panic(fmt.Sprintf("graph: ScatterRows: shapes %s and ids %s", ShapeString(x.shape), ShapeString(ids.shape)))
	}
	shape := append([]int{rows}, x.shape[k:]...)
	return x.graph.add(OpScatterRows, F32, checkShape("ScatterRows", shape), Attr{Size: rows}, x, ids)
}
