package diagnose_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/diagnose"
	"github.com/surprisal-go/surprisal/engine/cpu"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/fmath"
	"github.com/surprisal-go/surprisal/model/feed"
	"github.com/surprisal-go/surprisal/nn"
	"github.com/surprisal-go/surprisal/objective"
	"github.com/surprisal-go/surprisal/optim"
	"github.com/surprisal-go/surprisal/tensor"
)

// healthOf builds a network of four inputs, breaks its weights and measures it.
func healthOf(t *testing.T, net nn.MLP, spoil func(*tensor.Store)) diagnose.Health {
	t.Helper()
	const n = 200
	r := surprisal.Key(4).Rand()
	v := make(surprisal.Values[float64], 4*n)
	for i := range v {
		v[i] = fmath.Normal(r)
	}
	b := &surprisal.Batch{Columns: []surprisal.Column{v}, Space: &surprisal.Space{Fields: []surprisal.Field{{Name: "x", Shape: []int{4}}}}}
	g := graph.New()
	rows := feed.Rows{Input: "x", Width: 4}
	if net.Dropout.Rate > 0 {
		net.Dropout.Key, net.Dropout.IDs = g.Input("key", graph.U32, 2), g.Input("ids", graph.U32, graph.Batch, 2)
	}
	net.Name, net.In, net.Out = "net", 4, 1
	store := &tensor.Store{}
	net.Init(store, 5)
	spoil(store)
	loss := net.Apply(g.Input("x", graph.F32, graph.Batch, 4)).Square().Mean()
	o := objective.New(store, objective.Phase{Loss: loss, Params: net.Params(g), Optimizer: optim.SGD{LearningRate: 1},
		Feed: func(feeds graph.Feeds, b *surprisal.Batch, key surprisal.Key) error {
			feed.Key(feeds, "key", key)
			feed.IDs(feeds, "ids", b)
			return rows.Feed(feeds, b)
		}})
	h, ok, err := diagnose.HealthOf(context.Background(), o, cpu.New(cpu.Options{}), b, 6)
	if err != nil || !ok {
		t.Fatalf("%v, %v", ok, err)
	}
	return h
}

func untouched(*tensor.Store) {}

func scaled(name string, by float32) func(*tensor.Store) {
	return func(s *tensor.Store) {
		w := s.Must(name).F32()
		for i := range w {
			w[i] *= by
		}
	}
}

func verdictOf(h diagnose.Health) []diagnose.Name {
	return names(diagnose.Findings{Health: &h})
}

func TestHealth(t *testing.T) {
	deep := func(n int) []int { return slices.Repeat([]int{20}, n) }
	for _, c := range []struct {
		name  string
		net   nn.MLP
		spoil func(*tensor.Store)
		want  []diagnose.Name
	}{
		{"relu", nn.MLP{Hidden: deep(3)}, untouched, nil},
		{"relu with dropout", nn.MLP{Hidden: deep(2), Dropout: nn.Dropout{Rate: 0.5}}, untouched, nil},
		{"silu", nn.MLP{Hidden: deep(2), Activation: nn.SiLU}, untouched, nil},
		{"gelu", nn.MLP{Hidden: deep(2), Activation: nn.GELU}, untouched, nil},
		{"sigmoid with dropout", nn.MLP{Hidden: deep(2), Activation: nn.Sigmoid, Dropout: nn.Dropout{Rate: 0.5}}, untouched, nil},
		{"dead units", nn.MLP{Hidden: deep(2)}, func(s *tensor.Store) {
			for i := range 20 {
				s.Must("net/hidden2/b").F32()[i] = -100
			}
		}, []diagnose.Name{diagnose.DeadUnits}},
		{"saturated tanh", nn.MLP{Hidden: deep(2), Activation: nn.Tanh}, scaled("net/hidden1/w", 100), []diagnose.Name{diagnose.SaturatedUnits}},
		{"saturated sigmoid with dropout", nn.MLP{Hidden: deep(1), Activation: nn.Sigmoid, Dropout: nn.Dropout{Rate: 0.3}}, scaled("net/hidden1/w", 100), []diagnose.Name{diagnose.SaturatedUnits}},
		{"twelve sigmoids", nn.MLP{Hidden: deep(12), Activation: nn.Sigmoid}, untouched, []diagnose.Name{diagnose.VanishingGradient}},
		{"large weights", nn.MLP{Hidden: deep(8)}, func(s *tensor.Store) {
			for _, name := range s.Names() {
				scaled(name, 8)(s)
			}
		}, []diagnose.Name{diagnose.ExplodingGradient}},
		{"a NaN", nn.MLP{Hidden: deep(2)}, func(s *tensor.Store) { s.Must("net/hidden2/b").F32()[3] = float32(math.NaN()) }, []diagnose.Name{diagnose.NotFinite}},
	} {
		h := healthOf(t, c.net, c.spoil)
		if len(h.Layers) != len(c.net.Hidden) {
			t.Errorf("%s: %d layers found, want %d", c.name, len(h.Layers), len(c.net.Hidden))
		}
		if got := verdictOf(h); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q: %+v", c.name, got, c.want, h)
		}
	}
}

// TestHealthCountsUnits: of 20 units 15 are off, of which a dropout that hides
// some of the others changes nothing.
func TestHealthCountsUnits(t *testing.T) {
	for _, rate := range []float64{0, 0.5} {
		h := healthOf(t, nn.MLP{Hidden: []int{20}, Dropout: nn.Dropout{Rate: rate}}, func(s *tensor.Store) {
			for i := range 15 {
				s.Must("net/hidden1/b").F32()[i] = -100
			}
		})
		l := h.Layers[0]
		if l.Name != "net/hidden1" || l.Units != 20 || math.Abs(l.Dead-0.75) > 1e-9 || h.Events != 200 {
			t.Errorf("dropout %g: %+v of %d events, want three quarters of 20 units dead", rate, l, h.Events)
		}
	}
}

// TestHealthOfKnownGradient: twenty units that are 1 at every event, times a
// half, give 10, whose square has the derivative 2·10·½ by each unit.
func TestHealthOfKnownGradient(t *testing.T) {
	h := healthOf(t, nn.MLP{Hidden: []int{20}}, func(s *tensor.Store) {
		clear(s.Must("net/hidden1/w").F32())
		for i := range 20 {
			s.Must("net/hidden1/b").F32()[i], s.Must("net/out/w").F32()[i] = 1, 0.5
		}
	})
	near(t, "gradient", h.Layers[0].Gradient, 10, 1e-6)
}
