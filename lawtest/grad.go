package lawtest

import (
	"context"
	"maps"
	"math"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/engine/ref"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// GradCase is a function of float inputs whose gradient is checked.
type GradCase struct {
	Name string
	// Shapes of the inputs x0, x1, …; axis 0 may be graph.Batch.
	Shapes [][]int
	// Lo and Hi bound the inputs drawn (both zero: −2 … 2).
	Lo, Hi float64
	// Feeds are further inputs, such as codes, for a batch of GradBatch.
	Feeds graph.Feeds
	// Build returns the function's value, of any shape.
	Build func(g *graph.Graph, x []*graph.Node) *graph.Node
}

// GradBatch is the number of events in TestGrad.
const GradBatch = 3

// TestGrad checks, in float64 on the oracle, that the gradient of a weighted
// sum of the function's values equals central differences, and that the
// Hessian-vector product (the gradient of the gradient's product with a fixed
// vector) equals central differences of the gradient.
func TestGrad(t *testing.T, c GradCase) {
	t.Helper()
	t.Run(c.Name, func(t *testing.T) {
		if c.Lo == 0 && c.Hi == 0 {
			c.Lo, c.Hi = -2, 2
		}
		g := graph.New()
		r := surprisal.Key(1).Named(c.Name).Rand()
		draw := func(n int, lo, hi float64) []float64 {
			v := make([]float64, n)
			for i := range v {
				v[i] = lo + (hi-lo)*r.Float64()
			}
			return v
		}
		feeds := graph.Feeds{}
		maps.Copy(feeds, c.Feeds)
		var xs []*graph.Node
		feed := func(name string, shape []int, lo, hi float64) *graph.Node {
			conc := graph.Concrete(shape, GradBatch)
			feeds[name] = tensor.Of(draw(tensor.Size(conc), lo, hi), conc...)
			return g.Input(name, graph.F32, shape...)
		}
		for i, s := range c.Shapes {
			xs = append(xs, feed(inputName(i), s, c.Lo, c.Hi))
		}
		y := c.Build(g, xs)
		loss := y.Mul(feed("weight", y.Shape(), 0.5, 1.5)).Sum()
		grads := graph.Grad(loss, xs...)
		along := g.Scalar(0)
		for i, d := range grads {
			along = along.Add(d.Mul(feed("along"+inputName(i), c.Shapes[i], -1, 1)).Sum())
		}
		hvps := graph.Grad(along, xs...)

		checkDerivative(t, "gradient", feeds, loss, xs, grads)
		checkDerivative(t, "Hessian-vector product", feeds, along, xs, hvps)
	})
}

func inputName(i int) string { return string(rune('a' + i)) }

// checkDerivative compares the nodes grads with central differences of f.
func checkDerivative(t *testing.T, what string, feeds graph.Feeds, f *graph.Node, xs, grads []*graph.Node) {
	t.Helper()
	got := evaluate(t, feeds, grads...)
	value := compile(t, f)
	for i, x := range xs {
		v := feeds[x.Attr().Name].F64()
		for j := range v {
			const h = 1e-5
			at := v[j]
			v[j] = at + h
			up := value(feeds)
			v[j] = at - h
			down := value(feeds)
			v[j] = at
			want := (up - down) / (2 * h)
			if g := got[i].F64()[j]; !(math.Abs(g-want) <= 2e-6*(1+math.Abs(want)+math.Abs(up)*1e-2)) {
				t.Errorf("%s by operand %d, element %d at %g: got %.10g, central difference %.10g", what, i, j, at, g, want)
			}
		}
	}
}

func evaluate(t *testing.T, feeds graph.Feeds, nodes ...*graph.Node) []tensor.Tensor {
	t.Helper()
	plan, err := ref.New().Compile(nodes)
	if err != nil {
		t.Fatal(err)
	}
	out, err := plan.Run(context.Background(), feeds, &tensor.Store{})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func compile(t *testing.T, f *graph.Node) func(graph.Feeds) float64 {
	t.Helper()
	plan, err := ref.New().Compile([]*graph.Node{f})
	if err != nil {
		t.Fatal(err)
	}
	return func(feeds graph.Feeds) float64 {
		out, err := plan.Run(context.Background(), feeds, &tensor.Store{})
		if err != nil {
			t.Fatal(err)
		}
		return out[0].F64()[0]
	}
}
