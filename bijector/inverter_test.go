package bijector_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/bijector"
	"github.com/surprisal-go/surprisal/engine/cpu"
	"github.com/surprisal-go/surprisal/engine/ref"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/nn"
	"github.com/surprisal-go/surprisal/tensor"
)

// masked is a conditioner of one hidden layer and p blocks of outputs.
func masked(store *tensor.Store, name string, dims, units, p int) bijector.Conditioner {
	in, hidden := make([]int, dims), make([]int, units)
	for i := range in {
		in[i] = i + 1
	}
	for i := range hidden {
		hidden[i] = 1 + i*(dims-1)/units
	}
	layers := []nn.MaskedLinear{{Name: name + "/hidden", Mask: &graph.Mask{In: in, Out: hidden}}}
	for k := range p {
		layers = append(layers, nn.MaskedLinear{Name: fmt.Sprint(name, "/out", k), Mask: &graph.Mask{In: hidden, Out: in, Strict: true}})
	}
	for _, l := range layers {
		l.Init(store, 3)
	}
	return func(x *graph.Node) *graph.Node {
		h := layers[0].Apply(x).Tanh()
		var out []*graph.Node
		for _, l := range layers[1:] {
			out = append(out, l.Apply(h))
		}
		return graph.Concat(1, out...)
	}
}

// noise draws (n, dims) standard normal floats.
func noise(n, dims int) tensor.Tensor {
	z := tensor.New[float32](n, dims)
	r := surprisal.Key(5).Rand()
	for i := range z.F32() {
		z.F32()[i] = float32(r.NormFloat64())
	}
	return z
}

// TestInverter compares with the inverse on a graph, which makes a pass for
// every dim.
func TestInverter(t *testing.T) {
	const dims = 6
	store := &tensor.Store{}
	affine, spline := bijector.BoundedAffine{Bound: 1}, bijector.Spline{Bins: 4, Tail: 3}
	flow := bijector.Chain{
		bijector.Autoregressive{Conditioner: masked(store, "a", dims, 20, affine.Params()), Elementwise: affine},
		bijector.Reverse(dims),
		bijector.Scoped{Name: "second", Bijector: bijector.Autoregressive{Conditioner: masked(store, "b", dims, 30, spline.Params()), Elementwise: spline}},
	}
	g := graph.New()
	back, _ := flow.Inverse(g.Input("z", graph.F32, graph.Batch, dims))
	for _, exec := range []graph.Executor{cpu.New(cpu.Options{}), ref.New()} {
		inv, err := bijector.NewInverter(exec, flow, dims)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := exec.Compile([]*graph.Node{back})
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{1, 5, 20} {
			x := noise(n, dims)
			want, err := plan.Run(context.Background(), graph.Feeds{"z": x.Clone()}, store)
			if err != nil {
				t.Fatal(err)
			}
			if err := inv.Inverse(context.Background(), x, store); err != nil {
				t.Fatal(err)
			}
			if exec.Name() == "cpu" && !slices.Equal(x.F32(), want[0].F32()) {
				t.Errorf("%d events: other bits than D passes", n)
			}
			for i, w := range want[0].Float64s() {
				if v := float64(x.F32()[i]); !(math.Abs(v-w) <= 1e-4*(1+math.Abs(w))) {
					t.Fatalf("%s: value %d is %v, want %v", exec.Name(), i, v, w)
				}
			}
		}
	}
}

// A product without a mask hides the structure, whatever its weights are.
func TestInverterWantsMasks(t *testing.T) {
	store := &tensor.Store{}
	e := bijector.BoundedAffine{}
	f := bijector.Autoregressive{Conditioner: net(store, "n", 4, 2*4, 1, func(i, j int) bool { return i < j%4 }), Elementwise: e}
	if _, err := bijector.NewInverter(cpu.New(cpu.Options{Threads: 1}), f, 4); err == nil || !strings.Contains(err.Error(), "mask its products") {
		t.Errorf("got error %v", err)
	}
}

// BenchmarkInverter samples a layer of 43 dims and 2·512 hidden units.
func BenchmarkInverter(b *testing.B) {
	const dims = 43
	store := &tensor.Store{}
	e := bijector.BoundedAffine{}
	f := bijector.Autoregressive{Conditioner: masked(store, "m", dims, 512, e.Params()), Elementwise: e}
	exec := cpu.New(cpu.Options{Threads: 1})
	defer exec.Close()
	for name, exec := range map[string]graph.Executor{"steps": exec, "passes": struct{ graph.Executor }{exec}} {
		for _, n := range []int{1, 64} {
			b.Run(fmt.Sprintf("by=%s/events=%d", name, n), func(b *testing.B) {
				inv, err := bijector.NewInverter(exec, f, dims)
				if err != nil {
					b.Fatal(err)
				}
				z := noise(n, dims)
				for b.Loop() {
					if err := inv.Inverse(context.Background(), z, store); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
