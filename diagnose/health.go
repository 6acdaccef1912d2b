package diagnose

import (
	"context"
	"fmt"
	"math"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/objective"
)

// Health is how signals pass through a network, measured from its weights on a
// sample of events.
type Health struct {
	// Events of the sample.
	Events int `json:"events"`
	// Layers of hidden units, those next to the input first.
	Layers []Layer `json:"layers"`
	// NotFinite names the loss, the parameters and the gradients that hold a NaN
	// or an infinity.
	NotFinite []string `json:"not_finite,omitempty"`
}

// Layer is the health of a layer of hidden units. A unit's slope is the
// derivative of its activation where an event puts it.
type Layer struct {
	Name  string
	Units int
	// Dead is the share of units whose slope is below a thousandth of the
	// activation's steepest at every event: nothing that they see reaches the
	// loss, and no gradient reaches them.
	Dead float64
	// Saturated is the share of the other units whose slope is below a
	// twentieth of it at nine events in ten or more. Only of units bounded on
	// both sides, tanh and sigmoid: others have half of their events on a flat
	// side for good reason.
	Saturated float64
	// Gradient is the root mean square, over events and units, of the
	// derivative of an event's loss by what enters the activation.
	Gradient float64
}

const (
	deadSlope = 1e-3
	flatSlope = 0.05
	flatShare = 0.9
	// sampled is the number of events looked at: a unit that passes on one
	// event in a hundred is missed by chance once in 150 samples.
	sampled = 500
)

// HealthOf measures the first phase of an objective on some events of b,
// without a step. It is not ok where the network has no hidden layer.
func HealthOf(ctx context.Context, o *objective.Objective, exec graph.Executor, b *surprisal.Batch, key surprisal.Key) (h Health, ok bool, err error) {
	phase := o.Phases[0]
	layers := hiddenLayers(phase.Loss)
	outputs := []*graph.Node{phase.Loss}
	for _, l := range layers {
		outputs = append(outputs, l.slope())
	}
	outputs = append(outputs, graph.Grad(phase.Loss, into(layers)...)...)
	outputs = append(outputs, graph.Grad(phase.Loss, phase.Params...)...)
	plan, err := exec.Compile(outputs)
	if err != nil {
		return h, false, fmt.Errorf("measuring gradients: %w", err)
	}
	b = Sample(b, sampled, key)
	h.Events = b.Len()
	sums, bad := make([]layerSum, len(layers)), map[string]bool{}
	for lo := 0; lo < h.Events; lo += 100 {
		mini := b.Slice(lo, min(lo+100, h.Events))
		feeds := graph.Feeds{}
		if err := phase.Feed(feeds, mini, key.Fold(uint64(lo))); err != nil {
			return h, false, fmt.Errorf("measuring gradients: %w", err)
		}
		phase.Optimizer.Feed(feeds, math.MaxInt32) // of the last step: what warms up is warm
		out, err := plan.Run(ctx, feeds, o.Store)
		if err != nil {
			return h, false, fmt.Errorf("measuring gradients: %w", err)
		}
		for i := range layers {
			sums[i].add(layers[i], out[1+i].Float64s(), out[1+len(layers)+i].Float64s(), mini.Len())
		}
		if !finite(out[0].Float64s()) {
			bad["the loss"] = true
		}
		for i, p := range phase.Params {
			if !finite(out[1+2*len(layers)+i].Float64s()) {
				bad["the gradient of "+p.Attr().Name] = true
			}
		}
	}
	for i, l := range layers {
		h.Layers = append(h.Layers, sums[i].layer(l))
	}
	h.NotFinite = notFinite(o, bad)
	return h, len(layers) > 0 || len(h.NotFinite) > 0, nil
}

// notFinite lists parameters that are not finite, then what else is bad, in
// the order of the parameters.
func notFinite(o *objective.Objective, bad map[string]bool) (out []string) {
	for _, p := range o.Phases[0].Params {
		if t, ok := o.Store.Get(p.Attr().Name); ok && !finite(t.Float64s()) {
			out = append(out, p.Attr().Name)
		}
	}
	if bad["the loss"] {
		out = append(out, "the loss")
	}
	for _, p := range o.Phases[0].Params {
		if name := "the gradient of " + p.Attr().Name; bad[name] {
			out = append(out, name)
		}
	}
	return out
}

func finite(v []float64) bool {
	for _, x := range v {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return false
		}
	}
	return true
}

// layerSum is what is summed over the events of a layer.
type layerSum struct {
	steepest, flat []float64 // by unit: its greatest slope, the number of flat places
	places         float64
	square         float64
	values         float64
}

// add takes in slopes and gradients (events × … × units) of a batch. The loss is
// a mean over events: times their number, a gradient is that of an event.
func (s *layerSum) add(l hidden, slopes, gradients []float64, events int) {
	units := l.units()
	if s.steepest == nil {
		s.steepest, s.flat = make([]float64, units), make([]float64, units)
	}
	for i, v := range slopes {
		v = math.Abs(v) / l.steepest
		s.steepest[i%units] = max(s.steepest[i%units], v)
		if v < flatSlope {
			s.flat[i%units]++
		}
	}
	s.places += float64(len(slopes) / units)
	for _, v := range gradients {
		v *= float64(events)
		s.square += v * v
	}
	s.values += float64(len(gradients))
}

func (s *layerSum) layer(l hidden) Layer {
	out := Layer{Name: l.name, Units: l.units(), Gradient: math.Sqrt(s.square / s.values)}
	for k, top := range s.steepest {
		switch {
		case !(top >= deadSlope):
			out.Dead += 1 / float64(out.Units)
		case l.bounded && s.flat[k] >= flatShare*s.places:
			out.Saturated += 1 / float64(out.Units)
		}
	}
	return out
}
