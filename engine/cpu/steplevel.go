package cpu

import (
	"fmt"
	"slices"

	"github.com/surprisal-go/surprisal/graph"
)

// levels returns for every element of an event's row of v the number of steps
// after which it is known: the greatest level of the elements that it depends
// on.
func (b *stepBuilder) levels(v *val) ([]int32, error) {
	if !graph.Batched(v.shape) {
		return nil, fmt.Errorf("%s: a step cannot reduce over events", v.node)
	}
	n := v.size().n
	switch {
	case v.op.Elementwise():
		out := make([]int32, n)
		for _, in := range v.in {
			for i, l := range b.level[strip(in)] {
				out[i] = max(out[i], l)
			}
		}
		return out, nil
	case v.op == graph.OpMatMul || v.op == graph.OpConv:
		if b.level[strip(v.in[1])] != nil {
			return nil, fmt.Errorf("%s: the second operand depends on the input that advances", v.node)
		}
		if v.op == graph.OpConv {
			return b.convLevels(v), nil
		}
		return b.productLevels(v), nil
	case v.op == graph.OpSum || v.op == graph.OpReduceMax:
		if v.attr.Axes[0] == 0 {
			return nil, fmt.Errorf("%s: a step cannot reduce over events", v.node)
		}
		_, reduced, inner := reducedAxes(v)
		out := make([]int32, n)
		for i, l := range b.level[strip(v.in[0])] {
			at := i/(reduced*inner)*inner + i%inner
			out[at] = max(out[at], l)
		}
		return out, nil
	case v.op == graph.OpLogSumExp || v.op == graph.OpSoftmax:
		return rowLevels(b.level[strip(v.in[0])], v), nil
	case v.op == graph.OpLayerNorm:
		if b.level[strip(v.in[1])] != nil || b.level[strip(v.in[2])] != nil {
			return nil, fmt.Errorf("%s: gain or bias depend on the input that advances", v.node)
		}
		return rowLevels(b.level[strip(v.in[0])], v), nil
	case v.op == graph.OpAttention:
		return b.attentionLevels(v), nil
	case v.op == graph.OpOneHot || v.op == graph.OpGather:
		ids := b.level[strip(v.in[len(v.in)-1])]
		if v.op == graph.OpGather && b.level[strip(v.in[0])] != nil {
			return nil, fmt.Errorf("%s: the table depends on the input that advances", v.node)
		}
		each := n / max(1, len(ids))
		out := make([]int32, n)
		for i := range out {
			out[i] = ids[i/each]
		}
		return out, nil
	}
	parts, ok := moveParts(v)
	if !ok {
		return nil, fmt.Errorf("%s: this operation cannot run in steps", v.node)
	}
	out := make([]int32, n)
	for _, part := range parts {
		in := b.level[strip(v.in[part.operand])]
		if in == nil {
			continue
		}
		for i, at := range part.index {
			if at >= 0 {
				out[i] = in[at]
			}
		}
	}
	return out, nil
}

// reducedAxes cuts an event's row of the operand of a reduction in outer ×
// reduced × inner elements.
func reducedAxes(v *val) (outer, reduced, inner int) {
	x, lo, hi := v.in[0].shape, v.attr.Axes[0], v.attr.Axes[len(v.attr.Axes)-1]+1
	return graph.RowSize(x[:lo]), graph.RowSize(x[lo:hi]), graph.RowSize(x[hi:])
}

// rowLevels is for operations on whole rows of the last axis.
func rowLevels(in []int32, v *val) []int32 {
	d := v.in[0].shape[len(v.in[0].shape)-1]
	out := make([]int32, v.size().n)
	each := d
	if v.op == graph.OpLogSumExp {
		each = 1
	}
	for t := 0; t*d < len(in); t++ {
		most := slices.Max(in[t*d : (t+1)*d])
		for i := range each {
			out[t*each+i] = most
		}
	}
	return out
}

// span is a range of elements of a row.
type span struct{ lo, hi int32 }

// spans are ranges of elements by level.
type spans struct {
	start []int32 // of each level in list, and the end of the last
	list  []span
}

// spansOf cuts the elements in ranges of one level, of levels 0 … top.
func spansOf(level []int32, top int) spans {
	byLevel := make([][]span, top+1)
	for lo := 0; lo < len(level); {
		hi := lo + 1
		for hi < len(level) && level[hi] == level[lo] {
			hi++
		}
		byLevel[level[lo]] = append(byLevel[level[lo]], span{int32(lo), int32(hi)})
		lo = hi
	}
	s := spans{start: []int32{0}}
	for _, list := range byLevel {
		s.list = append(s.list, list...)
		s.start = append(s.start, int32(len(s.list)))
	}
	return s
}

// at returns the ranges of a level.
func (s *spans) at(level int) []span { return s.list[s.start[level]:s.start[level+1]] }
