package cpu

import (
	"context"

	"github.com/surprisal-go/surprisal/graph"
)

// maxFold bounds the constants that are computed when compiling.
const maxFold = 1 << 22

// fold computes v now if it depends on constants alone. It runs the same
// kernels as a plan would and so gives the same bits.
func (l *lowering) fold(v *val) {
	if v.leaf() || v.op == graph.OpBroadcast || v.op == graph.OpReshape || v.size().batched || v.size().n > maxFold {
		return
	}
	for _, in := range v.in {
		if !constant(in) {
			return
		}
	}
	p := &plan{exec: l.exec}
	a := assembly{plan: p, outputs: []*val{v}}
	a.assemble()
	l.exec.turn.Lock()
	defer l.exec.turn.Unlock()
	if err := p.run(context.Background(), 1); err != nil {
		return // a bad code: the error belongs to Run
	}
	v.op, v.in, v.data = graph.OpConst, nil, append([]float32(nil), p.mem[v.slot][:v.size().n]...)
}

func constant(v *val) bool {
	return v.data != nil || (v.op == graph.OpBroadcast || v.op == graph.OpReshape) && !v.size().batched && constant(v.in[0])
}
