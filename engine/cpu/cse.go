package cpu

import (
	"encoding/binary"
	"math"

	"github.com/surprisal-go/surprisal/graph"
)

// key is equal for two vals if and only if they are the same operation with the
// same attributes on the same operands, and so have the same bits.
func (l *lowering) key(v val) string {
	b := []byte{byte(v.op), byte(v.dtype)}
	ints := func(list ...int) {
		b = binary.AppendVarint(b, int64(len(list)))
		for _, i := range list {
			b = binary.AppendVarint(b, int64(i))
		}
	}
	ints(v.shape...)
	for _, in := range v.in {
		ints(in.id)
	}
	a := v.attr
	ints(len(a.Name), a.Axis, a.Lo, a.Hi, a.Size, int(a.Draw), l.maskNumber(a.Mask))
	b = append(b, a.Name...)
	ints(a.Axes...)
	ints(a.Index...)
	for _, on := range []bool{a.Trans, a.First, a.Causal} {
		if on {
			b = append(b, 1)
		} else {
			b = append(b, 0)
		}
	}
	if c := a.Conv; c != nil {
		p := c.Padding
		ints(c.Stride[0], c.Stride[1], c.Dilation[0], c.Dilation[1], p.Top, p.Bottom, p.Left, p.Right, c.Groups)
		for i, t := range c.Taps {
			if !t.Closed {
				ints(i, l.maskNumber(t.Mask))
			}
		}
	}
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(a.Eps))
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(a.Scale))
	for _, x := range v.data {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return string(b)
}

func (l *lowering) maskNumber(m *graph.Mask) int {
	if m == nil {
		return 0
	}
	if l.mask[m] == 0 {
		l.mask[m] = len(l.mask) + 1
	}
	return l.mask[m]
}
