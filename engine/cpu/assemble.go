package cpu

import (
	"github.com/surprisal-go/surprisal/graph"
)

// update writes value into the store's tensor of param.
type update struct{ param, value *val }

// assembly builds a plan from vals.
type assembly struct {
	plan    *plan
	passes  pass
	outputs []*val
	updates []update

	vals    []*val // all that is needed, in topological order
	maxID   int
	written map[*val]bool // broadcasts that are written out
	reads   [][]operand   // by val, see operands
	group   map[*val]*group
	order   []*group
	lastUse []int // by val
}

func (a *assembly) assemble() {
	var roots, params []*val
	roots = append(roots, a.outputs...)
	for _, u := range a.updates {
		roots = append(roots, u.value)
		params = append(params, u.param)
	}
	a.vals = reachable(append(params, roots...))
	for _, v := range a.vals {
		a.maxID = max(a.maxID, v.id)
	}
	a.findWritten(roots)
	a.reads = make([][]operand, a.maxID+1)
	a.group = map[*val]*group{}
	a.schedule(a.takeSums(a.makeGroups()))
	a.place()
	a.plan.checked = a.plan.exec.opts.Check
	if a.plan.checked {
		a.plan.vals = a.vals
	}
	for _, g := range a.order {
		a.plan.steps = append(a.plan.steps, a.step(g))
		a.plan.names = append(a.plan.names, g.String())
	}
}

// step returns the code of one group.
func (a *assembly) step(g *group) step {
	v := g.vals[0]
	if a.member(v) {
		return a.newCluster(g)
	}
	p := a.plan
	switch v.op {
	case graph.OpBroadcast:
		return p.broadcastStep(v)
	case graph.OpTranspose:
		return p.transposeStep(v)
	case graph.OpSlice:
		return p.sliceStep(v)
	case graph.OpPad:
		return p.padStep(v)
	case graph.OpConcat:
		return p.concatStep(v)
	case graph.OpTake:
		return p.takeStep(v)
	case graph.OpPutAdd:
		return p.putAddStep(v)
	case graph.OpOneHot:
		return p.oneHotStep(v)
	case graph.OpGather:
		return p.gatherStep(v)
	case graph.OpScatterRows:
		return p.scatterRowsStep(v)
	case graph.OpSum, graph.OpReduceMax:
		return p.reduceStep(v)
	case graph.OpMatMul:
		return p.matMulStep(v)
	case graph.OpOuter:
		return a.outerStep(g)
	case graph.OpBatchMatMul:
		return p.batchMatMulStep(v)
	case graph.OpLayerNorm:
		return p.layerNormStep(v)
	case graph.OpLayerNormGrad:
		return p.layerNormGradStep(v)
	case graph.OpLayerNormParams:
		return p.layerNormParamsStep(v)
	case graph.OpAttention:
		return p.attentionStep(v)
	case graph.OpAttentionGrad:
		return p.attentionGradStep(v)
	case graph.OpConv, graph.OpConvInput:
		return p.convStep(v)
	case graph.OpConvWeight:
		return p.convWeightStep(v)
	case graph.OpLogSumExp, graph.OpSoftmax:
		return p.softmaxStep(v)
	case graph.OpUniform, graph.OpNormal:
		return p.randomStep(v)
	}
	panic("cpu: no code for operation " + v.op.String())
}

// fallible reports whether a step can fail on what it is fed.
func fallible(v *val) bool { return v.op == graph.OpGather || v.op == graph.OpScatterRows }
