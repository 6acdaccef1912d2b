package nn

import (
	"fmt"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// Conv2D is a convolution over images (…, H, W, I) → (…, H′, W′, O), see
// [graph.Conv2D], with w (KH, KW, I/Groups, O) at Name/w and b (O), which
// begins at zero, at Name/b.
type Conv2D struct {
	Name    string
	In, Out int
	// Window is the height and width of the window.
	Window [2]int
	// Conv says how it moves; the zero value keeps it within the image. See
	// [SamePadding].
	Conv graph.Conv
	// NoBias leaves b out.
	NoBias bool
	// Weights draws w; nil is [He]. The fan-in of an output is the mean number
	// of open weights into one that has any, and so for the fan-out.
	Weights Initializer
}

// SamePadding keeps the size of images under a window of odd size and stride 1.
func SamePadding(height, width int) graph.Padding {
	if height%2 == 0 || width%2 == 0 {
		panic(fmt.Sprintf("nn: SamePadding: window %d×%d is even", height, width))
	}
	return graph.Padding{Top: height / 2, Bottom: height / 2, Left: width / 2, Right: width / 2}
}

// MaskedConv2D is the convolution of an autoregressive model of images (van den
// Oord, Kalchbrenner and Kavukcuoglu 2016): an output sees the pixels before its
// own in row-major order and, of its own, the channels that middle opens. It
// keeps the size of images; the window is odd. See [ColourMask].
func MaskedConv2D(name string, height, width int, middle *graph.Mask) Conv2D {
	return Conv2D{
		Name: name, In: len(middle.In), Out: len(middle.Out), Window: [2]int{height, width},
		Conv: graph.Conv{Padding: SamePadding(height, width), Taps: graph.CausalTaps(height, width, middle)},
	}
}

// ColourMask lets channels, dealt out to colours in equal runs, see channels of
// the colours before theirs, and of their own unless strict: masks of type A,
// for first layers, are strict, and those of type B are not. With one colour an
// A mask is closed and a B mask is open.
func ColourMask(in, out, colours int, strict bool) *graph.Mask {
	if colours < 1 || in%colours != 0 || out%colours != 0 {
		panic(fmt.Sprintf("nn: ColourMask: %d and %d channels for %d colours", in, out, colours))
	}
	degrees := func(n int) []int {
		d := make([]int, n)
		for i := range d {
			d[i] = i * colours / n
		}
		return d
	}
	return &graph.Mask{In: degrees(in), Out: degrees(out), Strict: strict}
}

func (l Conv2D) shape() []int {
	return []int{l.Window[0], l.Window[1], l.In / max(l.Conv.Groups, 1), l.Out}
}

// Apply implements [Layer].
func (l Conv2D) Apply(x *graph.Node) *graph.Node {
	g := x.Graph()
	defer g.Scope(l.Name)()
	y := graph.Conv2D(x, g.Param(l.Name+"/w", l.shape()...), l.Conv)
	if !l.NoBias {
		y = y.Add(g.Param(l.Name+"/b", l.Out))
	}
	return y
}

// Params implements [Layer].
func (l Conv2D) Params(g *graph.Graph) []*graph.Node {
	out := []*graph.Node{g.Param(l.Name+"/w", l.shape()...)}
	if !l.NoBias {
		out = append(out, g.Param(l.Name+"/b", l.Out))
	}
	return out
}

// Init implements [Layer]. Closed weights are zero.
func (l Conv2D) Init(store *tensor.Store, key surprisal.Key) {
	w := param(store, l.Name+"/w", l.shape()...)
	open := l.open()
	fanIn, fanOut := l.fans(open)
	l.Weights.draw(w, fanIn, fanOut, key.Named(l.Name+"/w"))
	for i := range w {
		if !open[i] {
			w[i] = 0
		}
	}
	if !l.NoBias {
		clear(param(store, l.Name+"/b", l.Out))
	}
}

// open says of every weight whether it is open.
func (l Conv2D) open() []bool {
	shape := l.shape()
	out := make([]bool, shape[0]*shape[1]*shape[2]*shape[3])
	for i := range out {
		tap, c, o := i/l.Out/shape[2], i/l.Out%shape[2], i%l.Out
		out[i] = l.Conv.Open(tap) && (l.Conv.Mask(tap) == nil || l.Conv.Mask(tap).Open(c, o))
	}
	return out
}

// fans are the mean numbers of open weights of the outputs, and of the inputs,
// that have any.
func (l Conv2D) fans(open []bool) (fanIn, fanOut int) {
	groups := max(l.Conv.Groups, 1)
	n, ins, outs := 0, map[int]bool{}, map[int]bool{}
	for i, o := range open {
		if !o {
			continue
		}
		c, o := i/l.Out%(l.In/groups), i%l.Out
		n++
		outs[o] = true
		ins[o/(l.Out/groups)*(l.In/groups)+c] = true
	}
	return n / max(len(outs), 1), n / max(len(ins), 1)
}

// Open is the number of weights that are open, and of biases.
func (l Conv2D) Open() int {
	n := l.Out
	if l.NoBias {
		n = 0
	}
	for _, open := range l.open() {
		if open {
			n++
		}
	}
	return n
}
