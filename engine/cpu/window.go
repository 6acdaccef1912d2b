package cpu

import (
	"fmt"
	"math"

	"github.com/surprisal-go/surprisal/graph"
)

// window is the geometry of a convolution on one image.
type window struct {
	conv     *graph.Conv
	kh, kw   int
	image, y plane // its two sides
	lead     [2]int
}

func newWindow(c *graph.Conv, x, w, y []int) *window {
	side := func(s []int) plane {
		n := len(s)
		return plane{rows: s[n-3], cols: s[n-2], channels: s[n-1] / c.Groups, groups: c.Groups}
	}
	o := &window{conv: c, kh: w[0], kw: w[1], image: side(x), y: side(y), lead: [2]int{c.Padding.Top, c.Padding.Left}}
	if size := max(o.image.size(), o.y.size(), graph.RowSize(w)); size > math.MaxInt32 {
		panic(fmt.Sprintf("cpu: convolution of %s by %s: %d elements of an image, more than %d", graph.ShapeString(x), graph.ShapeString(w), size, math.MaxInt32))
	}
	return o
}

// reach is the row (axis 0) or column (axis 1) of the image that position i of
// the result sees through a tap, or −1 outside.
func (o *window) reach(axis, i, tap int) int {
	at := i*o.conv.Stride[axis] + tap*o.conv.Dilation[axis] - o.lead[axis]
	if at >= [2]int{o.image.rows, o.image.cols}[axis] {
		return -1
	}
	return max(at, -1)
}

// back is the position of the result that sees row or column i of the image
// through a tap, or −1.
func (o *window) back(axis, i, tap int) int {
	at := i + o.lead[axis] - tap*o.conv.Dilation[axis]
	if at < 0 || at%o.conv.Stride[axis] != 0 || at/o.conv.Stride[axis] >= [2]int{o.y.rows, o.y.cols}[axis] {
		return -1
	}
	return at / o.conv.Stride[axis]
}
