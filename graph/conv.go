package graph

import (
	"fmt"
	"slices"
)

// Conv says how a window moves over an image. The zero value is the plain
// convolution: every position where the window fits, one step at a time.
type Conv struct {
	// Stride is the step of the window, down and across; 0 means 1.
	Stride [2]int
	// Dilation is the distance between neighbouring taps; 0 means 1.
	Dilation [2]int
	// Padding is how far the window may leave the image, where it reads zeros.
	Padding Padding
	// Groups cuts the channels: group i of the outputs sees group i of the
	// inputs only. 0 means 1.
	Groups int
	// Taps are the taps of the window in row-major order; nil means that all
	// are open. A closed tap costs nothing.
	Taps []Tap
}

// Padding is a number of zeros on each side of an image.
type Padding struct{ Top, Bottom, Left, Right int }

// Tap is the structure of one tap's weights. The zero value is open.
type Tap struct {
	// Closed taps are read as zero whatever their weights hold.
	Closed bool
	// Mask, if not nil, closes some of the weights from an input channel of a
	// group (In) to an output channel (Out).
	Mask *Mask
}

// CausalTaps are the taps of an autoregressive convolution with a window of
// odd size whose middle lies on the pixel itself (van den Oord, Kalchbrenner
// and Kavukcuoglu 2016): taps before the middle in row-major order are open,
// those after it are closed, and the middle one is under the mask. Masks of type A
// and B are Strict and not, with the colours as degrees.
func CausalTaps(height, width int, middle *Mask) []Tap {
	if height < 1 || width < 1 || height%2 == 0 || width%2 == 0 {
		panic(fmt.Sprintf("graph: CausalTaps: window %d×%d has no middle", height, width))
	}
	taps := make([]Tap, height*width)
	m := len(taps) / 2
	taps[m].Mask = middle
	for i := range taps[m+1:] {
		taps[m+1+i].Closed = true
	}
	return taps
}

// Conv2D moves a window of weights w (KH, KW, C/Groups, N) over images x
// (…, H, W, C); N counts the outputs of all groups. The result (…, H′, W′, N)
// has
//
//	y[i, j, n] = Σ x[i·sh + u·dh − top, j·sw + v·dw − left, c] · w[u, v, c, n]
//
// summed over taps u, v and the channels c of n's group, with stride s,
// dilation d and zeros outside the image, and
//
//	H′ = (H + top + bottom − (KH−1)·dh − 1)/sh + 1, W′ likewise.
func Conv2D(x, w *Node, c Conv) *Node {
	s := newConvShapes("Conv2D", x.shape, w, &c)
	x.want("Conv2D", F32)
	if s.product() {
		return matMul(x, s.matrix(w), false, c.mask())
	}
	return x.graph.add(OpConv, F32, s.out, Attr{Conv: &c}, x, w)
}

// ConvTranspose2D is the adjoint of [Conv2D] by its images, as decoders use it
// to enlarge: y (…, H′, W′, N) and the weights (KH, KW, C/Groups, N) of a
// convolution that makes y's shape from images (…, height, width, C), which are
// the result's shape.
func ConvTranspose2D(y, w *Node, height, width int, c Conv) *Node {
	shape := slices.Clone(y.shape)
	n := len(shape)
	if n < 3 || len(w.shape) != 4 {
		panic(fmt.Sprintf("graph: ConvTranspose2D: shapes %s and %s, want (…, H, W, N) and (KH, KW, C, N)", ShapeString(y.shape), ShapeString(w.shape)))
	}
	shape[n-3], shape[n-2], shape[n-1] = height, width, w.shape[2]*max(c.Groups, 1)
	s := newConvShapes("ConvTranspose2D", shape, w, &c)
	y.want("ConvTranspose2D", F32)
	if !slices.Equal(s.out, y.shape) {
		panic(fmt.Sprintf("graph: ConvTranspose2D: images %s convolved with %s give %s, not %s", ShapeString(shape), ShapeString(w.shape), ShapeString(s.out), ShapeString(y.shape)))
	}
	if s.product() {
		return matMul(y, s.matrix(w), true, c.mask())
	}
	return convInput(y, w, shape, &c)
}

// convInput is the gradient of Conv2D by images of the given shape.
func convInput(y, w *Node, shape []int, c *Conv) *Node {
	return y.graph.add(OpConvInput, F32, slices.Clone(shape), Attr{Conv: c}, y, w)
}

// convWeight is the gradient of Conv2D by weights of the given shape.
func convWeight(x, y *Node, shape []int, c *Conv) *Node {
	return x.graph.add(OpConvWeight, F32, slices.Clone(shape), Attr{Conv: c}, x, y)
}

// convRules are the gradients of Σ g·Conv2D(x, w), which is linear in each of
// x, w and g, so that the three operations are closed under each other.
func convRules() {
	rules[OpConv] = func(n, g *Node) []*Node {
		x, w, c := n.in[0], n.in[1], n.attr.Conv
		return []*Node{convInput(g, w, x.shape, c), convWeight(x, g, w.shape, c)}
	}
	rules[OpConvInput] = func(n, g *Node) []*Node {
		y, w, c := n.in[0], n.in[1], n.attr.Conv
		return []*Node{n.graph.add(OpConv, F32, y.shape, Attr{Conv: c}, g, w), convWeight(g, y, w.shape, c)}
	}
	rules[OpConvWeight] = func(n, g *Node) []*Node {
		x, y, c := n.in[0], n.in[1], n.attr.Conv
		return []*Node{convInput(y, g, x.shape, c), n.graph.add(OpConv, F32, y.shape, Attr{Conv: c}, x, g)}
	}
}

// convShapes are the shapes that a convolution fits together.
type convShapes struct {
	x, w, out []int
	conv      *Conv
}

// newConvShapes checks a convolution of images x and fills in c's defaults.
func newConvShapes(fn string, x []int, w *Node, c *Conv) *convShapes {
	w.want(fn, F32)
	fail := func(format string, args ...any) {
		panic(fmt.Sprintf("graph: %s: images %s and weights %s: %s", fn, ShapeString(x), ShapeString(w.shape), fmt.Sprintf(format, args...)))
	}
	n := len(x)
	if n < 3 || n == 3 && Batched(x) || len(w.shape) != 4 || Batched(w.shape) {
		fail("want (…, H, W, C) and (KH, KW, C, N), fixed")
	}
	c.Groups = max(c.Groups, 1)
	kh, kw, in, outs := w.shape[0], w.shape[1], w.shape[2], w.shape[3]
	if min(kh, kw) < 1 || x[n-1] != in*c.Groups || outs%c.Groups != 0 {
		fail("channels do not fit in %d groups", c.Groups)
	}
	p := c.Padding
	if min(p.Top, p.Bottom, p.Left, p.Right) < 0 {
		fail("negative padding %+v", p)
	}
	s := &convShapes{x: x, w: w.shape, out: slices.Clone(x), conv: c}
	s.out[n-1] = outs
	for a, room := range [2]int{x[n-3] + p.Top + p.Bottom, x[n-2] + p.Left + p.Right} {
		c.Stride[a], c.Dilation[a] = max(c.Stride[a], 1), max(c.Dilation[a], 1)
		room -= (w.shape[a]-1)*c.Dilation[a] + 1
		if room < 0 {
			fail("the window is larger than the padded image")
		}
		s.out[n-3+a] = room/c.Stride[a] + 1
	}
	if c.Taps != nil && len(c.Taps) != kh*kw {
		fail("%d taps", len(c.Taps))
	}
	for i, t := range c.Taps {
		if t.Mask != nil && (len(t.Mask.In) != in || len(t.Mask.Out) != outs) {
			fail("mask %d×%d of tap %d", len(t.Mask.In), len(t.Mask.Out), i)
		}
	}
	c.Taps = plainTaps(c.Taps)
	return s
}

// plainTaps closes the taps whose mask opens nothing, drops masks that close
// nothing, and returns nil if all is open.
func plainTaps(taps []Tap) []Tap {
	if taps == nil {
		return nil
	}
	out := slices.Clone(taps)
	closed := false
	for i, t := range out {
		if t.Mask == nil {
			closed = closed || t.Closed
			continue
		}
		all := t.Mask.Dense()
		if t.Closed || !slices.Contains(all, 1) {
			out[i] = Tap{Closed: true}
		} else if !slices.Contains(all, 0) {
			out[i] = Tap{}
		}
		closed = closed || out[i] != Tap{}
	}
	if !closed {
		return nil
	}
	return out
}

// product reports whether the convolution is a product of every pixel with one
// open matrix.
func (s *convShapes) product() bool {
	c := s.conv
	return s.w[0] == 1 && s.w[1] == 1 && c.Stride == [2]int{1, 1} && c.Padding == Padding{} && c.Groups == 1 && !(c.Taps != nil && c.Taps[0].Closed)
}

func (s *convShapes) matrix(w *Node) *Node { return w.Reshape(s.w[2], s.w[3]) }

// mask is that of the only tap.
func (c *Conv) mask() *Mask {
	if c.Taps == nil {
		return nil
	}
	return c.Taps[0].Mask
}

// Open reports whether a tap, counted in row-major order, has open weights.
func (c *Conv) Open(tap int) bool { return c.Taps == nil || !c.Taps[tap].Closed }

// Mask returns the mask of a tap, or nil.
func (c *Conv) Mask(tap int) *Mask {
	if c.Taps == nil {
		return nil
	}
	return c.Taps[tap].Mask
}
