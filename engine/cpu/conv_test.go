package cpu

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/surprisal-go/surprisal/engine/ref"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
	"github.com/surprisal-go/surprisal/tensor"
)

// convGraph is a random convolution with its adjoints: y = conv(x, w), and the
// gradients of Σ y·v by x and by w.
type convGraph struct {
	g          *graph.Graph
	c          graph.Conv
	x, w, v, y *graph.Node
	dx, dw     *graph.Node
}

func newConvGraph(r *rand.Rand) *convGraph {
	pick := func(list ...int) int { return list[r.IntN(len(list))] }
	kh, kw, groups := 1+r.IntN(4), 1+r.IntN(4), pick(1, 1, 1, 2, 3)
	ci, co := pick(1, 2, 3, 7, 8, 9, 17), pick(1, 2, 5, 8, 16, 17, 40)
	if r.IntN(5) == 0 { // channels apart
		groups, ci, co = pick(2, 3, 8, 20, 65, 130), 1, 1
	}
	c := graph.Conv{
		Stride: [2]int{pick(1, 1, 2, 3), pick(1, 1, 2)}, Dilation: [2]int{pick(1, 1, 2), pick(1, 1, 3)}, Groups: groups,
		Padding: graph.Padding{Top: r.IntN(4), Bottom: r.IntN(3), Left: r.IntN(4), Right: r.IntN(3)},
	}
	if r.IntN(2) == 0 {
		m := &graph.Mask{In: make([]int, ci), Out: make([]int, co*groups), Strict: r.IntN(2) == 0}
		for i := range m.In {
			m.In[i] = r.IntN(3)
		}
		for j := range m.Out {
			m.Out[j] = r.IntN(3)
		}
		c.Taps = make([]graph.Tap, kh*kw)
		for i := range c.Taps {
			c.Taps[i] = []graph.Tap{{}, {}, {Closed: true}, {Mask: m}}[r.IntN(4)]
		}
	}
	h, w := (kh-1)*c.Dilation[0]+1+r.IntN(9), (kw-1)*c.Dilation[1]+1+r.IntN(9)
	g := graph.New()
	o := &convGraph{g: g, c: c, x: g.Input("x", graph.F32, graph.Batch, h, w, ci*groups), w: g.Param("w", kh, kw, ci, co*groups)}
	o.y = graph.Conv2D(o.x, o.w, c)
	o.v = g.Input("v", graph.F32, o.y.Shape()...)
	d := graph.Grad(o.y.Mul(o.v).Sum(), o.x, o.w)
	o.dx, o.dw = d[0], d[1]
	return o
}

func (o *convGraph) String() string {
	return fmt.Sprintf("images %s, weights %s, %+v", graph.ShapeString(o.x.Shape()), graph.ShapeString(o.w.Shape()), o.c)
}

// data draws images, cotangents and weights; the first images do not depend on
// the batch.
func (o *convGraph) data(batch int) (graph.Feeds, *tensor.Store) {
	draw := func(seed uint64, shape []int) tensor.Tensor {
		r := rand.New(rand.NewPCG(seed, 5))
		t := tensor.New[float32](graph.Concrete(shape, batch)...)
		for i := range t.F32() {
			t.F32()[i] = float32(r.Float64()*2 - 1)
			if r.IntN(10) == 0 {
				t.F32()[i] *= 0x1p-80 // products of two vanish
			}
		}
		return t
	}
	store := &tensor.Store{}
	store.Set("w", draw(1, o.w.Shape()))
	return graph.Feeds{"x": draw(2, o.x.Shape()), "v": draw(3, o.v.Shape())}, store
}

func (o *convGraph) run(t *testing.T, exec graph.Executor, batch int, nodes ...*graph.Node) []tensor.Tensor {
	t.Helper()
	p, err := exec.Compile(nodes)
	if err != nil {
		t.Fatal(err)
	}
	feeds, store := o.data(batch)
	var out []tensor.Tensor
	for range 2 { // the second run finds what the first has left
		out, err = p.Run(context.Background(), feeds, store)
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func convSeeds() int {
	if testing.Short() {
		return 60
	}
	return 400
}

// TestConvOracle compares convolutions of all kinds with the oracle.
func TestConvOracle(t *testing.T) {
	e := New(Options{Threads: 2})
	defer e.Close()
	for seed := range convSeeds() {
		o := newConvGraph(rand.New(rand.NewPCG(uint64(seed), 40)))
		nodes := []*graph.Node{o.y, o.dx, o.dw}
		want := o.run(t, ref.New(), 3, nodes...)
		for i, got := range o.run(t, e, 3, nodes...) {
			near(t, fmt.Sprintf("seed %d: %s of %s", seed, nodes[i].Op(), o), got, want[i], 2e-5)
		}
	}
}

// TestConvBits holds that the results do not depend on threads, kernels or
// passes, and an event's not on the batch.
func TestConvBits(t *testing.T) {
	plain, fast := New(Options{Threads: 1, NoFuse: true, Impl: kern.Impls()[0]}), New(Options{Threads: 3})
	defer plain.Close()
	defer fast.Close()
	for seed := range convSeeds() {
		o := newConvGraph(rand.New(rand.NewPCG(uint64(seed), 41)))
		nodes := []*graph.Node{o.y, o.dx, o.dw}
		want := o.run(t, plain, 5, nodes...)
		got := o.run(t, fast, 5, nodes...)
		for i := range nodes {
			sameBits(t, fmt.Sprintf("seed %d: %s of %s", seed, nodes[i].Op(), o), got[i], want[i])
		}
		for i, single := range o.run(t, fast, 1, o.y, o.dx) {
			first := tensor.Of(want[i].F32()[:single.Size()], single.Shape...)
			sameBits(t, fmt.Sprintf("seed %d, one image: %s of %s", seed, nodes[i].Op(), o), single, first)
		}
	}
}

// TestConvChains holds the order that the package comment defines.
func TestConvChains(t *testing.T) {
	e := New(Options{Threads: 2})
	defer e.Close()
	for seed := range convSeeds() / 2 {
		o := newConvGraph(rand.New(rand.NewPCG(uint64(seed), 42)))
		if o.y.Op() != graph.OpConv {
			continue
		}
		const batch = 2
		feeds, store := o.data(batch)
		got := o.run(t, e, batch, o.y, o.dx, o.dw)
		y, dx, dw := o.byDefinition(batch, feeds["x"].F32(), store.Must("w").F32(), feeds["v"].F32())
		for i, want := range [][]float32{y, dx, dw} {
			sameBits(t, fmt.Sprintf("seed %d: result %d of %s", seed, i, o), got[i], tensor.Of(want, got[i].Shape...))
		}
	}
}

// TestConvWeightChunks: sums over more rows than a chunk, which ends within the
// second image.
func TestConvWeightChunks(t *testing.T) {
	e := New(Options{Threads: 2})
	defer e.Close()
	for _, c := range []struct{ groups, in, out int }{{1, 2, 1}, {1, 2, 3}, {2, 1, 2}} {
		g := graph.New()
		o := &convGraph{g: g, c: graph.Conv{Padding: graph.Padding{Left: 1}, Groups: c.groups}, x: g.Input("x", graph.F32, graph.Batch, 45, 70, 2), w: g.Param("w", 1, 2, c.in, c.out)}
		o.y = graph.Conv2D(o.x, o.w, o.c)
		o.v = g.Input("v", graph.F32, o.y.Shape()...)
		o.dw = graph.Grad(o.y.Mul(o.v).Sum(), o.w)[0]
		const batch = 2
		feeds, store := o.data(batch)
		_, _, want := o.byDefinition(batch, feeds["x"].F32(), store.Must("w").F32(), feeds["v"].F32())
		sameBits(t, fmt.Sprintf("%+v", c), o.run(t, e, batch, o.dw)[0], tensor.Of(want, o.w.Shape()...))
	}
}

// byDefinition computes y, dx and dw by loops over everything.
func (o *convGraph) byDefinition(batch int, x, w, v []float32) (y, dx, dw []float32) {
	xs, ws, ys := o.x.Shape(), o.w.Shape(), o.y.Shape()
	c := o.y.Attr().Conv
	kw, ci, all := ws[1], ws[2], ws[3]
	co := all / c.Groups
	rowsOf := ys[1]
	// each calls f for every output pixel and tap that meet inside an image.
	each := func(f func(image, out, in, tap, row int)) {
		for image := range batch {
			for i := range ys[1] {
				for j := range ys[2] {
					for tap := range ws[0] * kw {
						r := i*c.Stride[0] + tap/kw*c.Dilation[0] - c.Padding.Top
						q := j*c.Stride[1] + tap%kw*c.Dilation[1] - c.Padding.Left
						if r >= 0 && r < xs[1] && q >= 0 && q < xs[2] && c.Open(tap) {
							f(image, ((image*ys[1]+i)*ys[2]+j)*all, ((image*xs[1]+r)*xs[2]+q)*xs[3], tap, image*rowsOf+i)
						}
					}
				}
			}
		}
	}
	open := func(tap, k, n int) bool { m := c.Mask(tap); return m == nil || m.Open(k, n) }
	weight := func(tap, k, n int) float32 {
		if !open(tap, k, n) {
			return 0
		}
		return w[(tap*ci+k)*all+n]
	}
	y, dx = make([]float32, len(v)), make([]float32, len(x))
	each(func(_, out, in, tap, _ int) {
		for n := range all {
			for k := range ci {
				y[out+n] = kern.FMA(x[in+n/co*ci+k], weight(tap, k, n), y[out+n])
			}
		}
	})
	// The taps of one image pixel in row-major order, whichever pixels they
	// come from.
	for want := range ws[0] * kw {
		each(func(_, out, in, tap, _ int) {
			for n := range all {
				for k := 0; k < ci && tap == want; k++ {
					p := in + n/co*ci + k
					dx[p] = kern.FMA(v[out+n], weight(tap, k, n), dx[p])
				}
			}
		})
	}
	dw = make([]float32, len(w))
	chunk := max(1, kern.ChunkRows/ys[2])
	for lo := 0; lo < batch*rowsOf; lo += chunk {
		part := make([]float32, len(w))
		each(func(_, out, in, tap, row int) {
			for n := range all {
				for k := 0; k < ci && row >= lo && row < lo+chunk; k++ {
					p := (tap*ci+k)*all + n
					if open(tap, k, n) {
						part[p] = kern.FMA(x[in+n/co*ci+k], v[out+n], part[p])
					}
				}
			}
		})
		for i, v := range part {
			if lo == 0 {
				dw[i] = v
			} else {
				dw[i] += v
			}
		}
	}
	for _, list := range [][]float32{y, dx} {
		for i := range list {
			if list[i] == 0 {
				list[i] = 0 // not −0
			}
		}
	}
	return y, dx, dw
}
