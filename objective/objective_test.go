package objective_test

import (
	"context"
	"math"
	"testing"

	"github.com/surprisal-go/surprisal/engine/ref"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/objective"
	"github.com/surprisal-go/surprisal/optim"
	"github.com/surprisal-go/surprisal/tensor"
)

// TestStep makes one step of a phase: the state moves through the shared
// memory and holds no moments.
func TestStep(t *testing.T) {
	state := &tensor.Store{}
	state.Set("w", tensor.Of([]float32{3}, 1))
	g := graph.New()
	w := g.Param("w", 1)
	o := objective.New(state, objective.Phase{Loss: w.Square().Sum(), Params: []*graph.Node{w}, Optimizer: optim.Adam{LearningRate: 0.5}})
	plan, err := o.Compile(0, ref.New())
	if err != nil {
		t.Fatal(err)
	}
	feeds := graph.Feeds{}
	o.Phases[0].Optimizer.Feed(feeds, 0)
	out, err := plan.Run(context.Background(), feeds, o.Store)
	if err != nil {
		t.Fatal(err)
	}
	if loss := out[0].F64()[0]; loss != 9 {
		t.Errorf("loss is %g, want that before the step, 9", loss)
	}
	if v := state.Must("w").F32()[0]; math.Abs(float64(v)-2.5) > 1e-6 {
		t.Errorf("w is %g, want 2.5", v)
	}
	if state.Len() != 1 || o.Store.Len() != 3 {
		t.Errorf("state has %d tensors, the objective %d; want 1 and 3", state.Len(), o.Store.Len())
	}
}

func TestCompileRefusesBadSettings(t *testing.T) {
	g := graph.New()
	w := g.Param("w")
	o := objective.New(&tensor.Store{}, objective.Phase{Loss: w, Params: []*graph.Node{w}, Optimizer: optim.Adam{}})
	if _, err := o.Compile(0, ref.New()); err == nil {
		t.Error("a learning rate of 0 is accepted")
	}
}
