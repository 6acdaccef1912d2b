package explain_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/surprisal-go/surprisal/engine/cpu"
	"github.com/surprisal-go/surprisal/engine/explain"
)

// TestPlan holds the whole listing of a small plan.
func TestPlan(t *testing.T) {
	info := cpu.PlanInfo{
		Outputs: 1, Updates: []string{"layer/w"}, Values: 9,
		Nodes: []string{`%0 = input f32(B, 4) "x"`, `%1 = param f32(4, 4) "layer/w"  # layer`},
		Steps: []cpu.StepInfo{
			{Ops: []string{"matmul"}, Shape: "(B, 4)", Scope: "layer", Reads: []string{"x", "layer/w"}, Writes: []string{"#4"}, Open: 0.625,
				Flops: cpu.Amount{PerEvent: 20}, Bytes: cpu.Amount{Fixed: 40, PerEvent: 32}},
			{Ops: []string{"tanh", "square", "mul", "mul", "sub", "exp", "expm1", "log1p", "softplus", "sigmoid"}, Shape: "(B, 4)", Instructions: 7,
				Reads: []string{"#4", "2"}, Writes: []string{"#4", "#5"}, InPlace: []string{"#4"}},
			{Ops: []string{"mul", "sub"}, Shape: "(4, 4)", Scope: "update/layer/w", Reads: []string{"#5", "layer/w"}, Writes: []string{"layer/w"}, InPlace: []string{"layer/w"}},
		},
		Buffers: []cpu.BufferInfo{
			{Name: "#4", Bytes: cpu.Amount{PerEvent: 16}, Lives: []cpu.Lifetime{{First: 0, Last: 1}, {First: 1, Last: 1}}},
			{Name: "#5", Bytes: cpu.Amount{Fixed: 64}, Lives: []cpu.Lifetime{{First: 1, Last: 3}}},
		},
		Memory: cpu.MemoryInfo{Params: cpu.Amount{Fixed: 64}, Inputs: cpu.Amount{PerEvent: 16}, Buffers: cpu.Amount{Fixed: 64, PerEvent: 16}},
	}
	var got strings.Builder
	if err := explain.Named([]cpu.PlanInfo{info})[0].WriteText(&got, 72, 100); err != nil {
		t.Fatal(err)
	}
	const want = `training: 2 nodes; 9 values in 3 steps with 2 buffers

Before passes: the graph
  %0 = input f32(B, 4) "x"
  %1 = param f32(4, 4) "layer/w"  # layer

After passes: the steps, with flops and bytes for a batch of 100
   0  2.00k  3.24k  layer: matmul (B, 4)
                     x, layer/w → #4 (62% of the weights are open)
   1      0      0  tanh square mul mul sub exp expm1 log1p softplus
                    sigmoid (B, 4) in 7 instructions
                     #4, 2 → #4, #5 (in place: #4)
   2      0      0  update/layer/w: mul sub (4, 4)
                     #5, layer/w → layer/w (in place)

Buffers, and the steps at which each holds a value
    #4  1.60kB  0–1 1
    #5     64B  1–end

Memory for a batch of 100: 3.33kB (128B and 32B an event)
      64B  parameters
       0B  optimiser's memory
   1.60kB  inputs
       0B  constants
   1.66kB  buffers
       0B  workers' scratch
       0B  packed operands
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
