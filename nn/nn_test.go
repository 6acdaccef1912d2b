package nn_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/engine/ref"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/nn"
	"github.com/surprisal-go/surprisal/tensor"
)

func run(t *testing.T, feeds graph.Feeds, store *tensor.Store, outputs ...*graph.Node) []tensor.Tensor {
	t.Helper()
	plan, err := ref.New().Compile(outputs)
	if err != nil {
		t.Fatal(err)
	}
	out, err := plan.Run(context.Background(), feeds, store)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestMLPByHand(t *testing.T) {
	net := nn.MLP{Name: "net", In: 2, Hidden: []int{2}, Out: 1}
	store := &tensor.Store{}
	net.Init(store, 1)
	copy(store.Must("net/hidden1/w").F32(), []float32{1, -1, 2, 0.5})
	copy(store.Must("net/hidden1/b").F32(), []float32{0.25, 1})
	copy(store.Must("net/out/w").F32(), []float32{3, 4})
	copy(store.Must("net/out/b").F32(), []float32{-1})
	g := graph.New()
	x := g.Input("x", graph.F32, graph.Batch, 2)
	y := run(t, graph.Feeds{"x": tensor.Of([]float32{1, 1, 0, -2}, 2, 2)}, store, net.Apply(x))[0].F64()
	if want := []float64{3*3.25 + 4*0.5 - 1, -1}; !slices.Equal(y, want) { // second row: relu(−3.75), relu(0)
		t.Errorf("got %v, want %v", y, want)
	}
}

// TestGradientsReachEveryParameter uses tanh, which is flat nowhere.
func TestGradientsReachEveryParameter(t *testing.T) {
	for _, act := range []nn.Activation{nn.Tanh, nn.Sigmoid, nn.SiLU, nn.GELU, nn.Softplus} {
		net := nn.MLP{Name: "net", In: 3, Hidden: []int{4, 5}, Out: 2, Activation: act}
		store := &tensor.Store{}
		net.Init(store, 7)
		g := graph.New()
		x := g.Const([]float64{1, 2, -1}, 1, 3)
		params := net.Params(g)
		if len(params) != store.Len() {
			t.Fatalf("%d parameters, %d tensors", len(params), store.Len())
		}
		for i, d := range run(t, nil, store, graph.Grad(net.Apply(x).Square().Sum(), params...)...) {
			for j, v := range d.F64() {
				if v == 0 {
					t.Errorf("%s: no gradient at element %d of %s", act, j, params[i].Attr().Name)
				}
			}
		}
	}
}

func TestInit(t *testing.T) {
	draw := func(key surprisal.Key, l nn.Layer) *tensor.Store {
		s := &tensor.Store{}
		l.Init(s, key)
		return s
	}
	l := nn.Linear{Name: "l", In: 300, Out: 200}
	w := draw(1, l).Must("l/w").F32()
	bound := math.Sqrt(6. / 300)
	var sum, square float64
	for _, v := range w {
		if math.Abs(float64(v)) > bound*(1+1e-6) {
			t.Fatalf("weight %g beyond %g", v, bound)
		}
		sum += float64(v)
		square += float64(v) * float64(v)
	}
	n := float64(len(w))
	if sd := math.Sqrt(2. / 300); math.Abs(sum/n) > 5*sd/math.Sqrt(n) || math.Abs(square/n/(sd*sd)-1) > 0.02 {
		t.Errorf("mean %g, variance %g", sum/n, square/n)
	}
	if !slices.Equal(w, draw(1, l).Must("l/w").F32()) {
		t.Error("one key gives two draws")
	}
	if slices.Equal(w, draw(2, l).Must("l/w").F32()) {
		t.Error("two keys give one draw")
	}
	other := l
	other.Name = "m"
	if slices.Equal(w, draw(1, other).Must("m/w").F32()) {
		t.Error("two layers share their draws")
	}
	s := draw(1, l)
	before := s.Must("l/w").F32()
	l.Init(s, 3)
	if &before[0] != &s.Must("l/w").F32()[0] {
		t.Error("a second Init replaces the tensor")
	}
	l.Weights = nn.Scaled(0.5, nn.Normal(2))
	square = 0
	for _, v := range draw(1, l).Must("l/w").F32() {
		square += float64(v) * float64(v)
	}
	if math.Abs(square/n-1) > 0.03 {
		t.Errorf("scaled normal has variance %g, want 1", square/n)
	}
}

func TestMaskedLinear(t *testing.T) {
	l := nn.MaskedLinear{Name: "m", Mask: &graph.Mask{In: []int{1, 2, 3}, Out: []int{1, 2, 2, 3}, Strict: true}}
	store := &tensor.Store{}
	l.Init(store, 1)
	open := 0
	for k, v := range store.Must("m/w").F32() {
		if want := l.Mask.Open(k/4, k%4); want != (v != 0) {
			t.Errorf("weight %d is %g", k, v)
		} else if want {
			open++
		}
	}
	if l.Open() != open+4 {
		t.Errorf("Open is %d, want %d", l.Open(), open+4)
	}
	g := graph.New()
	x := g.Const([]float64{1, 1, 1}, 1, 3)
	params := l.Params(g)
	for k, v := range run(t, nil, store, graph.Grad(l.Apply(x).Sum(), params...)...)[0].F64() {
		if l.Mask.Open(k/4, k%4) != (v != 0) {
			t.Errorf("gradient of weight %d is %g", k, v)
		}
	}
}

func TestDropout(t *testing.T) {
	g := graph.New()
	d := nn.Dropout{Rate: 0.25, Key: g.Input("key", graph.U32, 2), IDs: g.Input("ids", graph.U32, graph.Batch, 2)}
	x := g.Input("x", graph.F32, graph.Batch, 500)
	ones := make([]float32, 20*500)
	ids := make([]uint32, 40)
	for i := range ones {
		ones[i] = 1
	}
	for i := range 20 {
		ids[2*i] = uint32(i)
	}
	y := run(t, graph.Feeds{"x": tensor.Of(ones, 20, 500), "ids": tensor.Of(ids, 20, 2), "key": tensor.Of([]uint32{3, 4}, 2)}, &tensor.Store{}, d.Apply(x, 0))[0].F64()
	sum := 0.0
	for _, v := range y {
		if v != 0 && math.Abs(v-4./3) > 1e-6 {
			t.Fatalf("unit is %g, want 0 or 4/3", v)
		}
		sum += v
	}
	if n := float64(len(y)); math.Abs(sum/n-1) > 5*math.Sqrt(1./3/n) {
		t.Errorf("mean %g, want 1", sum/n)
	}
	if (nn.Dropout{}).Apply(x, 0) != x {
		t.Error("the zero value changes x")
	}
}

func TestActivationNames(t *testing.T) {
	if err := nn.Activation("").Validate(); err != nil {
		t.Error(err)
	}
	if nn.Activation("reluu").Validate() == nil {
		t.Error("reluu is accepted")
	}
}
