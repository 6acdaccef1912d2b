package cpu

import (
	"time"

	"github.com/surprisal-go/surprisal/graph"
)

// PlanInfo describes a plan, for people and for tools. Everything but Runs and
// what follows is known before the first run.
type PlanInfo struct {
	// Outputs is their number; Updates names the parameters that a run writes.
	Outputs int      `json:"outputs"`
	Updates []string `json:"updates,omitempty"`
	// Nodes are the graph's, those that the plan needs, one line each as by
	// graph.Node.String: the plan before any pass.
	Nodes []string `json:"nodes"`
	// Values is the number of values that are left to compute once constants
	// are folded and equal nodes are one.
	Values int `json:"values"`
	// Steps run in this order, and use Buffers.
	Steps   []StepInfo   `json:"steps"`
	Buffers []BufferInfo `json:"buffers"`
	Memory  MemoryInfo   `json:"memory"`

	// Advances names the input that becomes known position by position, and
	// Positions counts those, if the plan is one of [Executor.CompileSteps]. A
	// run of it is a Reset and the steps that follow.
	Advances  string `json:"advances,omitempty"`
	Positions int    `json:"positions,omitempty"`

	// Runs so far, the events in all of them, the largest batch, and the time
	// from bound inputs to outputs.
	Runs   int           `json:"runs"`
	Events int           `json:"events"`
	Batch  int           `json:"batch"`
	Time   time.Duration `json:"nanoseconds"`
}

// Amount is what grows with the batch: Fixed + PerEvent·B.
type Amount struct {
	Fixed    float64 `json:"fixed"`
	PerEvent float64 `json:"per_event"`
}

// At is the amount for a batch.
func (a Amount) At(batch int) float64 { return a.Fixed + a.PerEvent*float64(batch) }

// Plus is the sum of two amounts.
func (a Amount) Plus(b Amount) Amount { return Amount{a.Fixed + b.Fixed, a.PerEvent + b.PerEvent} }

func (e extent) amount(each float64) Amount {
	if e.batched {
		return Amount{PerEvent: each * float64(e.n)}
	}
	return Amount{Fixed: each * float64(e.n)}
}

// StepInfo describes a step: one operation, or several that run as one.
type StepInfo struct {
	// Ops are the operations in order, and Shape that of the first.
	Ops   []string `json:"ops"`
	Shape string   `json:"shape"`
	// Instructions is the number of passes over a block that a cluster of
	// elementwise operations makes, patterns joined; 0 for other steps.
	Instructions int `json:"instructions,omitempty"`
	// Scope is the part of the model that most of the operations belong to.
	Scope string `json:"scope,omitempty"`
	// Kind is "product", "attention", "elementwise", "reduction", "move" or
	// "random".
	Kind string `json:"kind"`
	// Reads and Writes name inputs, parameters, constants ("const") and
	// buffers ("#3").
	Reads  []string `json:"reads"`
	Writes []string `json:"writes"`
	// InPlace names what is overwritten by values computed from it.
	InPlace []string `json:"in_place,omitempty"`
	// Open is the fraction of a masked product that is not skipped; 0 if there
	// is no mask.
	Open float64 `json:"open,omitempty"`
	// Flops counts a multiply-add as two and every other operation on an
	// element as one, exponentials too; closed weights of masks do not count.
	Flops Amount `json:"flops"`
	// Bytes counts what is read, once, and what is written for later steps.
	Bytes Amount `json:"bytes"`
	// Calls counts the pieces of all runs in which the operations ran, in a plan
	// that runs position by position; 0 elsewhere: once a run.
	Calls int `json:"calls,omitempty"`
	// Time of all runs.
	Time time.Duration `json:"nanoseconds"`
}

// BufferInfo is memory that values take in turn.
type BufferInfo struct {
	Name  string     `json:"name"` // as in "#3"
	Bytes Amount     `json:"bytes"`
	Lives []Lifetime `json:"lives"`
}

// Lifetime is the time of a value in a buffer: the step that computes it, from
// 0, and the last that reads it. Values that outlast the run have Last at the
// number of steps.
type Lifetime struct {
	First int `json:"first"`
	Last  int `json:"last"`
}

// MemoryInfo is what a plan needs in bytes, known before it runs.
type MemoryInfo struct {
	// Params are the tensors of the store that the outputs depend on, and
	// Optimizer those that only updates know, such as moments.
	Params    Amount `json:"params"`
	Optimizer Amount `json:"optimizer"`
	// Inputs are the feeds.
	Inputs Amount `json:"inputs"`
	// Constants are those of the graph that are kept, folded ones included.
	Constants Amount `json:"constants"`
	// Buffers hold intermediate values and outputs, and Scratch is what
	// workers need beside them: blocks of clusters, packed operands.
	Buffers Amount `json:"buffers"`
	Scratch Amount `json:"scratch"`
	// Panels is what the weights, or rows, of one product take when they are
	// packed for all workers: at most, since products of few rows are not.
	Panels Amount `json:"panels"`
}

// Total is the sum of all.
func (m MemoryInfo) Total() Amount {
	return m.Params.Plus(m.Optimizer).Plus(m.Inputs).Plus(m.Constants).Plus(m.Buffers).Plus(m.Scratch).Plus(m.Panels)
}

// kind classifies an operation.
func kind(op graph.Op) string {
	switch op {
	case graph.OpMatMul, graph.OpOuter, graph.OpBatchMatMul, graph.OpConv, graph.OpConvInput, graph.OpConvWeight:
		return "product"
	case graph.OpAttention, graph.OpAttentionGrad:
		return "attention"
	case graph.OpSum, graph.OpReduceMax, graph.OpLogSumExp, graph.OpSoftmax,
		graph.OpLayerNorm, graph.OpLayerNormGrad, graph.OpLayerNormParams:
		return "reduction"
	case graph.OpUniform, graph.OpNormal:
		return "random"
	case graph.OpBroadcast, graph.OpTranspose, graph.OpSlice, graph.OpPad, graph.OpConcat, graph.OpTake, graph.OpPutAdd,
		graph.OpOneHot, graph.OpGather, graph.OpScatterRows:
		return "move"
	}
	return "elementwise"
}
