package cpu

import "github.com/surprisal-go/surprisal/graph"

// findNaN looks through all values in topological order. Every val of a
// checked plan has a buffer of its own.
func (p *plan) findNaN() error {
	for _, v := range p.vals {
		if v.dtype != graph.F32 || v.op == graph.OpReshape {
			continue
		}
		for i, x := range p.mem[v.slot][:v.size().at(p.batch)] {
			if x == x {
				continue
			}
			row := -1
			if graph.Batched(v.shape) {
				row = i / v.size().n
			}
			return &graph.NaNError{Node: v.node, Row: row}
		}
	}
	return nil
}
