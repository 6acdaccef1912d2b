package graph

// This file builds convolutions from fine operations, a matrix product a tap,
// for the oracle and for executors that have no better.

// window takes a convolution apart. Positions i of the result see rows
// reach(0, u)[i] of the padded image through tap row u, and so for columns.
type window struct {
	conv           *Conv
	x, w, y        []int // shapes
	kh, kw, ci, co int   // channels of one group
	h, v           int   // the axes of rows and of columns
}

func newWindow(c *Conv, x, w, y []int) *window {
	return &window{conv: c, x: x, w: w, y: y, kh: w[0], kw: w[1], ci: w[2], co: w[3] / c.Groups, h: len(x) - 3, v: len(x) - 2}
}

func (o *window) reach(a, tap int) []int {
	out := make([]int, o.y[o.h+a])
	for i := range out {
		out[i] = i*o.conv.Stride[a] + tap*o.conv.Dilation[a]
	}
	return out
}

// each calls f for the open taps.
func (o *window) each(f func(u, v int)) {
	for u := range o.kh {
		for v := range o.kw {
			if o.conv.Open(u*o.kw + v) {
				f(u, v)
			}
		}
	}
}

// pad puts the zeros around images.
func (o *window) pad(x *Node) *Node {
	p := o.conv.Padding
	return x.Pad(o.h, p.Top, p.Bottom).Pad(o.v, p.Left, p.Right)
}

// seen is what tap u, v sees of a group of padded images: (…, H′, W′, C).
func (o *window) seen(padded *Node, group, u, v int) *Node {
	x := padded.Slice(-1, group*o.ci, (group+1)*o.ci)
	return x.Take(o.h, o.reach(0, u)).Take(o.v, o.reach(1, v))
}

// weights is the matrix of a tap and a group.
func (o *window) weights(w *Node, group, u, v int) *Node {
	tap := w.Slice(0, u, u+1).Slice(1, v, v+1).Reshape(o.ci, o.w[3])
	if m := o.conv.Mask(u*o.kw + v); m != nil {
		tap = tap.Mul(m.Node(w.graph))
	}
	return tap.Slice(1, group*o.co, (group+1)*o.co)
}

// groups concatenates what f gives for each group, or zeros of the shape where
// all taps are closed.
func (o *window) groups(g *Graph, shape []int, f func(group int) *Node) *Node {
	parts := make([]*Node, o.conv.Groups)
	for i := range parts {
		if parts[i] = f(i); parts[i] == nil {
			return g.Scalar(0).BroadcastTo(shape...)
		}
	}
	return Concat(-1, parts...)
}

func (o *window) forward(x, w *Node) *Node {
	padded := o.pad(x)
	return o.groups(x.graph, o.y, func(group int) (sum *Node) {
		o.each(func(u, v int) {
			sum = plus(sum, MatMul(o.seen(padded, group, u, v), o.weights(w, group, u, v)))
		})
		return sum
	})
}

func (o *window) backward(y, w *Node) *Node {
	p := o.conv.Padding
	height, width := o.x[o.h]+p.Top+p.Bottom, o.x[o.v]+p.Left+p.Right
	return o.groups(y.graph, o.x, func(group int) (sum *Node) {
		part := y.Slice(-1, group*o.co, (group+1)*o.co)
		o.each(func(u, v int) {
			back := MatMulT(part, o.weights(w, group, u, v))
			sum = plus(sum, back.PutAdd(o.h, o.reach(0, u), height).PutAdd(o.v, o.reach(1, v), width))
		})
		if sum == nil {
			return nil
		}
		return sum.Slice(o.h, p.Top, height-p.Bottom).Slice(o.v, p.Left, width-p.Right)
	})
}

func (o *window) weightGradient(x, y *Node) *Node {
	padded := o.pad(x)
	g := x.graph
	rows := make([]*Node, o.kh)
	for u := range rows {
		taps := make([]*Node, o.kw)
		for v := range taps {
			taps[v] = o.tapGradient(g, padded, y, u, v)
		}
		rows[u] = Concat(1, taps...)
	}
	return Concat(0, rows...)
}

func (o *window) tapGradient(g *Graph, padded, y *Node, u, v int) *Node {
	shape := []int{1, 1, o.ci, o.w[3]}
	if !o.conv.Open(u*o.kw + v) {
		return g.Scalar(0).BroadcastTo(shape...)
	}
	d := o.groups(g, shape, func(group int) *Node {
		return Outer(o.seen(padded, group, u, v), y.Slice(-1, group*o.co, (group+1)*o.co))
	})
	if m := o.conv.Mask(u*o.kw + v); m != nil {
		d = d.Mul(m.Node(g))
	}
	return d.Reshape(shape...)
}

func plus(sum, x *Node) *Node {
	if sum == nil {
		return x
	}
	return sum.Add(x)
}

// decomposeConv returns one of the three operations in fine ones.
func decomposeConv(n *Node) *Node {
	a, b := n.in[0], n.in[1]
	switch n.op {
	case OpConv:
		return newWindow(n.attr.Conv, a.shape, b.shape, n.shape).forward(a, b)
	case OpConvInput:
		return newWindow(n.attr.Conv, n.shape, b.shape, a.shape).backward(a, b)
	default:
		return newWindow(n.attr.Conv, a.shape, n.shape, b.shape).weightGradient(a, b)
	}
}
