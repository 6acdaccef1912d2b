package bijector_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/bijector"
	"github.com/surprisal-go/surprisal/engine/ref"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/lawtest"
	"github.com/surprisal-go/surprisal/tensor"
)

// net is a conditioner of one hidden layer with parameters drawn at random. A
// mask makes it autoregressive.
func net(store *tensor.Store, name string, in, out int, size float64, mask func(i, j int) bool) bijector.Conditioner {
	const hidden = 6
	r := surprisal.Key(7).Named(name).Rand()
	draw := func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = size * (2*r.Float64() - 1)
		}
		return v
	}
	if mask != nil { // linear, so that the mask is the whole structure
		w := draw(in * out)
		for i := range in {
			for j := range out {
				if !mask(i, j) {
					w[i*out+j] = 0
				}
			}
		}
		store.Set(name+"/w", tensor.Of(w, in, out))
		return func(x *graph.Node) *graph.Node {
			return graph.MatMul(x.Tanh(), x.Graph().Param(name+"/w", in, out))
		}
	}
	store.Set(name+"/w1", tensor.Of(draw(in*hidden), in, hidden))
	store.Set(name+"/w2", tensor.Of(draw(hidden*out), hidden, out))
	return func(x *graph.Node) *graph.Node {
		g := x.Graph()
		return graph.MatMul(graph.MatMul(x, g.Param(name+"/w1", in, hidden)).Tanh(), g.Param(name+"/w2", hidden, out))
	}
}

func cases(params *tensor.Store) []lawtest.BijectorCase {
	affine := bijector.Affine{Name: "affine", Dims: 5}
	params.Set("affine/log_scale", tensor.Of([]float64{0.3, -1, 0, 2, 0.1}, 5))
	params.Set("affine/shift", tensor.Of([]float64{1, 2, 0, -3, 4}, 5))
	earlier := func(d int) func(i, j int) bool { return func(i, j int) bool { return i < j%d } }
	coupling := bijector.Coupling{Keep: 2, Conditioner: net(params, "c", 2, 2*3, 1.5, nil), Elementwise: bijector.BoundedAffine{}}
	spline := bijector.Spline{Bins: 5, Tail: 3}
	splines := bijector.Coupling{Keep: 2, Conditioner: net(params, "s", 2, spline.Params()*3, 3, nil), Elementwise: spline}
	maf := bijector.Autoregressive{Conditioner: net(params, "m", 4, 2*4, 1, earlier(4)), Elementwise: bijector.BoundedAffine{Bound: 1}}
	return []lawtest.BijectorCase{
		{Name: "affine", Bijector: affine, Dims: 5},
		{Name: "permute", Bijector: bijector.Permute{2, 0, 1, 4, 3}, Dims: 5},
		{Name: "reverse", Bijector: bijector.Reverse(5), Dims: 5},
		{Name: "coupling", Bijector: coupling, Dims: 5},
		{Name: "coupling of splines", Bijector: splines, Dims: 5},
		{Name: "coupling of splines, far points", Bijector: splines, Dims: 5, Spread: 20},
		{Name: "autoregressive", Bijector: maf, Dims: 4},
		{Name: "autoregressive splines", Bijector: bijector.Autoregressive{
			Conditioner: net(params, "ms", 3, spline.Params()*3, 2, earlier(3)), Elementwise: spline}, Dims: 3},
		{Name: "invert", Bijector: bijector.Invert{Bijector: coupling}, Dims: 5},
		{Name: "empty chain", Bijector: bijector.Chain{}, Dims: 3},
		{Name: "chain", Bijector: bijector.Chain{
			affine, coupling, bijector.Scoped{Name: "turn", Bijector: bijector.Permute{3, 4, 0, 1, 2}}, bijector.Invert{Bijector: splines},
			bijector.Chain{bijector.Reverse(5), coupling}}, Dims: 5},
	}
}

func TestLaws(t *testing.T) {
	params := &tensor.Store{}
	for _, c := range cases(params) {
		c.Params = params
		lawtest.TestBijector(t, c)
	}
}

// forward evaluates a bijector on rows.
func forward(t *testing.T, f bijector.Bijector, params *tensor.Store, rows []float64, dims int) (z, logDet []float64) {
	t.Helper()
	g := graph.New()
	zn, ld := f.Forward(g.Input("x", graph.F32, graph.Batch, dims))
	plan, err := ref.New().Compile([]*graph.Node{zn, ld})
	if err != nil {
		t.Fatal(err)
	}
	out, err := plan.Run(context.Background(), graph.Feeds{"x": tensor.Of(rows, len(rows)/dims, dims)}, params)
	if err != nil {
		t.Fatal(err)
	}
	return out[0].Float64s(), out[1].Float64s()
}

// With parameters of zero an elementwise map is the identity, so that a flow
// starts at its base.
func TestElementwiseStartsAtIdentity(t *testing.T) {
	zeros := func(x *graph.Node) *graph.Node {
		return x.Graph().Scalar(0).BroadcastTo(graph.Batch, 23)
	}
	rows := []float64{0.5, 1.25, -1, -4.75, 3, 7}
	for _, e := range []bijector.Elementwise{bijector.BoundedAffine{}, bijector.Spline{}} {
		cond := func(x *graph.Node) *graph.Node { return zeros(x).Slice(1, 0, e.Params()) }
		z, ld := forward(t, bijector.Coupling{Keep: 1, Conditioner: cond, Elementwise: e}, &tensor.Store{}, rows, 2)
		for i := range z {
			if math.Abs(z[i]-rows[i]) > 1e-12 || math.Abs(ld[i/2]) > 1e-12 {
				t.Errorf("%T maps %v to %v with log-determinant %v", e, rows[i], z[i], ld[i/2])
			}
		}
	}
}

func TestAffineFit(t *testing.T) {
	rows := []float64{1, 10, 5, 2, 30, 5, 6, -10, 5}
	a := bijector.Affine{Name: "norm", Dims: 3}
	params := &tensor.Store{}
	a.Fit(params, rows)
	z, _ := forward(t, a, widen(params), rows, 3)
	for d := range 3 {
		var sum, squares float64
		for i := range 3 {
			sum += z[i*3+d]
			squares += z[i*3+d] * z[i*3+d]
		}
		wantSquares := 3.0
		if d == 2 { // does not vary
			wantSquares = 0
		}
		if math.Abs(sum) > 1e-5 || math.Abs(squares-wantSquares) > 1e-5 {
			t.Errorf("dim %d: sum %v and squares %v, want 0 and %v", d, sum, squares, wantSquares)
		}
	}
	a.Init(params)
	z, _ = forward(t, a, widen(params), rows, 3)
	if fmt.Sprint(z) != fmt.Sprint(rows) {
		t.Errorf("after Init the map gives %v, want %v", z, rows)
	}
}

func widen(s *tensor.Store) *tensor.Store {
	out := &tensor.Store{}
	for n, v := range s.All() {
		out.Set(n, tensor.Of(v.Float64s(), v.Shape...))
	}
	return out
}

func TestMisusePanics(t *testing.T) {
	for want, build := range map[string]func(x *graph.Node){
		"no permutation": func(x *graph.Node) { bijector.Permute{0, 0, 1}.Forward(x) },
		"2 dims":         func(x *graph.Node) { bijector.Permute{1, 0}.Forward(x) },
		"keeps 3":        func(x *graph.Node) { bijector.Coupling{Keep: 3, Elementwise: bijector.BoundedAffine{}}.Forward(x) },
		"conditioner gives (B, 1)": func(x *graph.Node) {
			bijector.Coupling{Keep: 1, Conditioner: func(x *graph.Node) *graph.Node { return x }, Elementwise: bijector.BoundedAffine{}}.Inverse(x)
		},
		"1 bins": func(x *graph.Node) { bijector.Spline{Bins: 1}.Params() },
	} {
		func() {
			defer func() {
				if r := recover(); !strings.Contains(fmt.Sprint(r), want) || !strings.Contains(fmt.Sprint(r), "bijector: ") {
					t.Errorf("panic %q does not say %q", r, want)
				}
			}()
			build(graph.New().Input("x", graph.F32, graph.Batch, 3))
		}()
	}
}
