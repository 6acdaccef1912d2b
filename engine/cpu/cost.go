package cpu

import "github.com/surprisal-go/surprisal/graph"

// flops of a val: a multiply-add counts two, any other operation on an element
// one, and closed weights nothing.
func flops(v *val) Amount {
	switch kind(v.op) {
	case "move":
		if v.op == graph.OpPutAdd || v.op == graph.OpScatterRows {
			return v.in[0].size().amount(1)
		}
		return Amount{}
	case "reduction":
		each := 1.0
		switch v.op {
		case graph.OpLogSumExp: // maximum, difference, exponential, sum
			each = 4
		case graph.OpSoftmax: // and division
			each = 5
		case graph.OpLayerNorm: // mean, difference, variance, three for the result
			each = 7
		case graph.OpLayerNormGrad:
			each = 14
		case graph.OpLayerNormParams:
			each = 8
		}
		return v.in[0].size().amount(each)
	case "product":
		x := v.in[0]
		if isConv(v.op) {
			return convFlops(v)
		}
		if v.op == graph.OpBatchMatMul {
			k := x.shape[len(x.shape)-1]
			if v.attr.First {
				k = x.shape[len(x.shape)-2]
			}
			return v.size().amount(2 * float64(k))
		}
		return extentOf(x.shape[:len(x.shape)-1]).amount(2 * weights(v))
	}
	if v.op == graph.OpAttention || v.op == graph.OpAttentionGrad {
		return attentionFlops(v)
	}
	return v.size().amount(1)
}

// attentionFlops counts the pairs of positions that see each other: two
// products of a head's d dims forward, five backward, and the softmax.
func attentionFlops(v *val) Amount {
	s := v.in[0].shape
	r := len(s) - 4
	t, heads, d := s[r], s[r+2], s[r+3]
	pairs := float64(t) * float64(t)
	if v.attr.Causal {
		pairs = float64(t) * float64(t+1) / 2
	}
	products, softmax := 2.0, 5.0
	if v.op == graph.OpAttentionGrad {
		products, softmax = 5, 8
	}
	return extentOf(s[:r]).amount(float64(heads) * pairs * (2*products*float64(d) + softmax))
}

func isConv(op graph.Op) bool {
	return op == graph.OpConv || op == graph.OpConvInput || op == graph.OpConvWeight
}

// convFlops counts the open weights at every position of the result, those too
// that read zeros beyond the image.
func convFlops(v *val) Amount {
	out, w := v.shape, v.in[1].shape
	switch v.op {
	case graph.OpConvInput:
		out = v.in[0].shape
	case graph.OpConvWeight:
		out, w = v.in[1].shape, v.shape
	}
	return extentOf(out[:len(out)-1]).amount(2 * float64(graph.RowSize(w)) * openTaps(v))
}

// openTaps is the fraction of the weights of a convolution that is open.
func openTaps(v *val) float64 {
	taps := v.attr.Conv.Taps
	if taps == nil {
		return 1
	}
	sum := 0.0
	for _, t := range taps {
		if !t.Closed {
			sum += open(t.Mask)
		}
	}
	return sum / float64(len(taps))
}

// weights is the number of open weights of a product.
func weights(v *val) float64 {
	shape := v.shape // of Outer
	if v.op == graph.OpMatMul {
		shape = v.in[1].shape
	}
	return float64(graph.RowSize(shape)) * open(v.attr.Mask)
}

// open is the fraction of weights that a mask leaves open.
func open(m *graph.Mask) float64 {
	if m == nil {
		return 1
	}
	n := 0
	for i := range m.In {
		for j := range m.Out {
			if m.Open(i, j) {
				n++
			}
		}
	}
	return float64(n) / float64(max(1, len(m.In)*len(m.Out)))
}

// bytes that a group reads, each operand once, and that it writes for others.
func (a *assembly) bytes(g *group) Amount {
	const each = 4
	total := Amount{}
	for _, o := range a.outside(g) {
		total = total.Plus(o.src.size().amount(each))
	}
	for _, v := range g.vals {
		if a.lastUse[v.id] != unused {
			total = total.Plus(v.size().amount(each))
		}
		switch v.op {
		case graph.OpMatMul: // closed weights are not read
			total.Fixed -= each * (float64(v.in[1].size().n) - weights(v))
		case graph.OpGather: // nor the rows that no code names
			total = total.Plus(v.size().amount(each))
			total.Fixed -= each * float64(v.in[0].size().n)
		}
	}
	return total
}

// outside lists what a group reads that it does not compute, once each.
func (a *assembly) outside(g *group) []operand {
	var out []operand
	seen := map[*val]bool{}
	for _, v := range g.vals {
		for _, o := range a.operands(v) {
			if a.group[o.src] != g && !seen[o.src] {
				seen[o.src] = true
				out = append(out, o)
			}
		}
	}
	return out
}
